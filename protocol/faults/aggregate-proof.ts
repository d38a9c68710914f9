/**
 * Proof that a reported model is not what the rule makes of the updates: everything that has a say at one lane, opened.
 * Read by `contracts/disputes/AggregateVerifier.sol`; specified in docs/protocol.md, "Fault proofs".
 */
import { RULES } from "../aggregate/aggregate.ts";
import { bytesOf, concatBytes, fromHex, type Hex } from "../bytes.ts";
import { COLUMN_WIDTHS, effectiveWeights, packUints } from "../columns.ts";
import type { FederationConfig, Report } from "../eip712/structs.ts";
import { protocolError } from "../errors.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { CHUNK_BYTES, hashTreeRoot, openChunk, type Opening, rootOfOpening } from "../ssz/merkle.ts";
import { MODEL_LANES, openingBytes, UPDATE_LANES } from "../ssz/vector.ts";
import { encodeRoundHeader, packUint, type RoundStatements } from "./header.ts";

/** What a proof opens. A vector may stand for its opening, if it is at hand: opening it costs one hashing of all of it. */
export interface AggregateProofInput extends RoundStatements {
  readonly report: NonNullable<RoundStatements["report"]>;
  /** The report that the round pins as its parent; that of a genesis is `genesisReport`. Null when the federation has no base. */
  readonly parent: Pick<Report, "sealHash" | "metricsHash" | "excluded" | "artefact"> | null;
  /** Any lane at which the model is wrong, padding included. */
  readonly lane: number;
  /** Sealed weights of the entries: what the ledger gave, before the report's exclusions. */
  readonly weights: readonly number[];
  /** Σq² of the entries as sealed; read for norm clip only. */
  readonly norms?: readonly bigint[];
  /** Update of each entry, or just its root where the effective weight is 0. */
  readonly updates: readonly (Int16Array | Opening | Hex)[];
  /** The parent's model; null when the federation has no base. */
  readonly base: Int32Array | Opening | null;
  /** The reported model. */
  readonly model: Int32Array | Opening;
}

/** Smallest and largest value that stay when `trim` values are dropped on each side. @throws too-few-updates */
export function rankHints(values: readonly number[], trim: number): { readonly lowest: number; readonly highest: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const [lowest, highest] = [sorted[trim], sorted[sorted.length - 1 - trim]];
  if (lowest === undefined || highest === undefined || sorted.length <= 2 * trim) {
    throw protocolError("too-few-updates", `${values.length} updates are too few to trim ${trim} on each side.`);
  }
  return { lowest, highest };
}

/** How many entries of `count` rule 3 or 4 drops on each side; null for rules that drop none. @throws rule-unknown */
export function trimOf({ ruleId, ruleParam }: Pick<FederationConfig, "ruleId" | "ruleParam">, count: number): number | null {
  switch (ruleId) {
    case RULES.fedavg:
    case RULES.normClip:
      return null;
    case RULES.trimmedMean:
      return Number(ruleParam);
    case RULES.median:
      return Math.floor((count - 1) / 2);
    default:
      throw protocolError("rule-unknown", `Aggregation rule ${ruleId} is unknown; this software knows 1 to 4.`);
  }
}

const isVector = (vector: Int16Array | Int32Array | Opening): vector is Int16Array | Int32Array => ArrayBuffer.isView(vector);

function openingAt(vector: Int16Array | Int32Array | Opening, depth: number, index: number, hashPairs?: HashPairs): Opening {
  if (isVector(vector)) return openChunk(bytesOf(vector), depth, index, hashPairs);
  if (vector.chunk.length !== CHUNK_BYTES || vector.siblings.length !== CHUNK_BYTES * depth) {
    const actual = `${vector.chunk.length} and ${vector.siblings.length}`;
    throw protocolError("length-mismatch", `An opening at depth ${depth} has a chunk of ${CHUNK_BYTES} bytes and ${CHUNK_BYTES * depth} of siblings, not ${actual}.`);
  }
  return vector;
}

function rootBytes(update: Int16Array | Opening | Hex, depth: number, index: number, hashPairs?: HashPairs): Uint8Array {
  if (typeof update === "string") return fromHex(update, CHUNK_BYTES);
  if (isVector(update)) return hashTreeRoot(bytesOf(update), depth, hashPairs);
  return rootOfOpening(openingAt(update, depth, index), index, depth)!;
}

/** A signed 16-bit number as unsigned, for packing. */
const unsigned16 = (value: number): number => value & 0xffff;

/**
 * `header ‖ [parent] ‖ lane ‖ [rank hints] ‖ weights ‖ [norms] ‖ updates ‖ [base] ‖ model`; which parts there are depends on the configuration.
 * What it opens is not compared with the statements: the verifier does that.
 * @throws out-of-range, column-invalid, length-mismatch, rule-unknown, too-few-updates, unsupported
 */
export function encodeAggregateProof(input: AggregateProofInput, hashPairs?: HashPairs): Uint8Array {
  const { config, report, parent, lane, weights, norms = [], updates, base } = input;
  const { depth, ruleId, hasBase } = config;
  if (config.elementWidth !== 2) throw protocolError("unsupported", `Updates of ${config.elementWidth} bytes a lane cannot be proven; int16 can.`);
  const lanes = 64 * 2 ** depth;
  if (!Number.isInteger(lane) || lane < 0 || lane >= lanes) throw protocolError("out-of-range", `Lane ${lane} is not in 0..${lanes - 1}.`);
  requireCount("updates", updates, weights);
  if (ruleId === RULES.normClip) requireCount("norms", norms, weights);
  if (hasBase !== (parent !== null) || hasBase !== (base !== null)) {
    throw protocolError("column-invalid", `A federation ${hasBase ? "with" : "without"} base has ${hasBase ? "a" : "no"} parent's report and model in its proofs.`);
  }
  const [updateIndex, modelIndex] = [Math.floor(lane / UPDATE_LANES), Math.floor(lane / MODEL_LANES)];
  const counted = effectiveWeights(weights, report.excluded).map((weight) => weight > 0);
  const values: number[] = [];
  const items = updates.map((update, i) => {
    if (!counted[i]) return rootBytes(update, depth + 2, updateIndex, hashPairs);
    if (typeof update === "string") throw protocolError("column-invalid", `Entry ${i} counts: its update has to be opened, a root is not enough.`);
    const opening = openingAt(update, depth + 2, updateIndex, hashPairs);
    values.push(new DataView(opening.chunk.buffer, opening.chunk.byteOffset).getInt16(2 * (lane % UPDATE_LANES), true));
    return openingBytes(opening);
  });
  const trim = trimOf(config, values.length);
  const hints = trim === null ? null : rankHints(values, trim);
  return concatBytes([
    encodeRoundHeader(input),
    ...(parent === null
      ? []
      : [fromHex(parent.sealHash, 32), fromHex(parent.metricsHash, 32), packUint(parent.excluded, 32, "excluded"), fromHex(parent.artefact, 32)]),
    packUint(lane, 4, "lane"),
    ...(hints === null ? [] : [packUints([unsigned16(hints.lowest), unsigned16(hints.highest)], 2)]),
    packUints(weights, COLUMN_WIDTHS.weights),
    ...(ruleId === RULES.normClip ? [packUints(norms, COLUMN_WIDTHS.norms)] : []),
    ...items,
    ...(base === null ? [] : [openingBytes(openingAt(base, depth + 3, modelIndex, hashPairs))]),
    openingBytes(openingAt(input.model, depth + 3, modelIndex, hashPairs)),
  ]);
}

function requireCount(name: string, column: readonly unknown[], weights: readonly unknown[]): void {
  if (column.length !== weights.length) throw protocolError("length-mismatch", `There are ${column.length} ${name} for ${weights.length} weights.`);
}
