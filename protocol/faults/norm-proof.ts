/**
 * Proofs that a norm is above the bound, or is not that of its update: one step of its trace, or the trace's last value.
 * Read by `contracts/disputes/NormVerifier.sol`; specified in docs/protocol.md, "Fault proofs".
 */
import { bytesOf, concatBytes, fromHex, type Hex } from "../bytes.ts";
import { COLUMN_WIDTHS, packHex, packUints } from "../columns.ts";
import { protocolError } from "../errors.ts";
import { normTrace } from "../norm-trace.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { CHUNK_BYTES, openChunk, requireDepth } from "../ssz/merkle.ts";
import { openingBytes, TRACE_LANES, UPDATE_LANES } from "../ssz/vector.ts";
import { encodeRoundHeader, packUint, type RoundStatements } from "./header.ts";
import { requireEntry, requireModelRoot } from "./signature-proof.ts";

const KIND = { bound: 0, step: 1, total: 2 } as const;

export interface NormBoundProofInput extends RoundStatements {
  readonly updateRootsHash: Hex;
  readonly weightsHash: Hex;
  /** Root of the reported model; null while there is no report. */
  readonly modelRoot: Hex | null;
  readonly norms: readonly bigint[];
  readonly entry: number;
}

/** What the proofs about a trace share. @param weights As sealed, before the report's exclusions. @param trace The sealed one, P/16 uint64, little-endian. */
interface TraceProofInput extends RoundStatements {
  readonly report: NonNullable<RoundStatements["report"]>;
  readonly modelRoot: Hex;
  readonly weights: readonly number[];
  readonly traceRoots: readonly Hex[];
  readonly entry: number;
  readonly trace: Uint8Array;
}

/** @param update The entry's lanes; those that are missing are zero. @param chunk Where the trace does not follow, see `findNormStep`. */
export interface NormStepProofInput extends TraceProofInput {
  readonly updateRoots: readonly Hex[];
  readonly update: Int16Array;
  readonly chunk: number;
}

export interface NormTotalProofInput extends TraceProofInput {
  readonly updateRootsHash: Hex;
  readonly norms: readonly bigint[];
}

/** `header ‖ 0 ‖ H(update roots) ‖ H(weights) ‖ [model root] ‖ entry ‖ norms`. @throws out-of-range, column-invalid */
export function encodeNormBoundProof(input: NormBoundProofInput): Uint8Array {
  const { report, updateRootsHash, weightsHash, modelRoot, norms, entry } = input;
  requireModelRoot(report, modelRoot);
  requireEntry(entry, norms.length);
  return concatBytes([
    encodeRoundHeader(input),
    Uint8Array.of(KIND.bound),
    fromHex(updateRootsHash, 32),
    fromHex(weightsHash, 32),
    ...(modelRoot === null ? [] : [fromHex(modelRoot, 32)]),
    packUint(entry, 1, "entry"),
    packUints(norms, COLUMN_WIDTHS.norms),
  ]);
}

/**
 * `header ‖ 1 ‖ model root ‖ weights ‖ update roots ‖ norm traces ‖ entry ‖ chunk ‖ update opening ‖ trace opening ‖ [trace opening before]`.
 * @throws out-of-range, column-invalid, length-mismatch
 */
export function encodeNormStepProof(input: NormStepProofInput, hashPairs?: HashPairs): Uint8Array {
  const { config, modelRoot, weights, updateRoots, traceRoots, entry, update, trace, chunk } = input;
  const { depth } = config;
  requireTrace(input);
  requireCount("update roots", updateRoots, weights);
  const traceChunk = Math.floor(chunk / TRACE_LANES);
  const openings = [openChunk(bytesOf(update), depth + 2, chunk, hashPairs), openChunk(trace, depth, traceChunk, hashPairs)];
  if (chunk > 0 && chunk % TRACE_LANES === 0) openings.push(openChunk(trace, depth, traceChunk - 1, hashPairs));
  return concatBytes([
    encodeRoundHeader(input),
    Uint8Array.of(KIND.step),
    fromHex(modelRoot, 32),
    packUints(weights, COLUMN_WIDTHS.weights),
    packHex(updateRoots, COLUMN_WIDTHS.updateRoots),
    packHex(traceRoots, COLUMN_WIDTHS.normTraces),
    packUint(entry, 1, "entry"),
    packUint(chunk, 4, "chunk"),
    ...openings.map(openingBytes),
  ]);
}

/**
 * `header ‖ 2 ‖ model root ‖ H(update roots) ‖ weights ‖ norms ‖ norm traces ‖ entry ‖ opening of the trace's last chunk`.
 * @throws out-of-range, column-invalid, length-mismatch
 */
export function encodeNormTotalProof(input: NormTotalProofInput, hashPairs?: HashPairs): Uint8Array {
  const { config, modelRoot, updateRootsHash, weights, norms, traceRoots, entry, trace } = input;
  requireTrace(input);
  requireCount("norms", norms, weights);
  return concatBytes([
    encodeRoundHeader(input),
    Uint8Array.of(KIND.total),
    fromHex(modelRoot, 32),
    fromHex(updateRootsHash, 32),
    packUints(weights, COLUMN_WIDTHS.weights),
    packUints(norms, COLUMN_WIDTHS.norms),
    packHex(traceRoots, COLUMN_WIDTHS.normTraces),
    packUint(entry, 1, "entry"),
    openingBytes(openChunk(trace, config.depth, 2 ** config.depth - 1, hashPairs)),
  ]);
}

/**
 * The first chunk at which a trace does not follow from its update, or null when it is right all the way.
 * @param trace As committed: P/16 uint64, little-endian.
 */
export function findNormStep(update: Int16Array, trace: Uint8Array): number | null {
  const view = new DataView(trace.buffer, trace.byteOffset, trace.byteLength);
  let before = 0n;
  for (let chunk = 0; chunk < trace.length / 8; chunk++) {
    const value = view.getBigUint64(8 * chunk, true);
    let squares = 0;
    for (const q of update.subarray(chunk * UPDATE_LANES, (chunk + 1) * UPDATE_LANES)) squares += q * q;
    if (value !== before + BigInt(squares)) return chunk;
    before = value;
  }
  return null;
}

/** The trace that an honest update has in a federation of this depth: `normTrace` takes the smallest that fits. @throws out-of-range */
export function traceAt(update: Int16Array, depth: number): Uint8Array {
  const { trace } = normTrace(update);
  requireDepth(trace.length, depth);
  const whole = new Uint8Array(CHUNK_BYTES * 2 ** depth);
  whole.set(trace);
  for (let at = trace.length; at < whole.length; at += 8) whole.set(trace.subarray(-8), at);
  return whole;
}

function requireTrace({ config, weights, traceRoots, entry, trace }: TraceProofInput): void {
  requireCount("norm traces", traceRoots, weights);
  requireEntry(entry, weights.length);
  const expected = CHUNK_BYTES * 2 ** config.depth;
  if (trace.length !== expected) throw protocolError("length-mismatch", `A norm trace at depth ${config.depth} has ${expected} bytes, not ${trace.length}.`);
}

function requireCount(name: string, column: readonly unknown[], weights: readonly unknown[]): void {
  if (column.length !== weights.length) throw protocolError("length-mismatch", `There are ${column.length} ${name} for ${weights.length} weights.`);
}
