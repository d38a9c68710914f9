/**
 * The reputation table of a federation: the evidence on every contributor, by kind of contribution. It travels in the settlement's bundle, and only
 * settlements change it. Packed big-endian, 13 bytes a row: contributor (uint32) ‖ kind (uint8) ‖ α (uint32) ‖ β (uint32); rows strictly ascending by
 * contributor and kind, none without evidence, so that one state has one encoding and one hash.
 */
import type { Hex } from "viem";
import { packUints, unpackNumbers, columnHash } from "../columns.ts";
import { protocolError } from "../errors.ts";
import type { Evidence, Observation, Reputation } from "./beta.ts";
import { UNKNOWN, reputationOf, updateReputation } from "./beta.ts";

/** Kinds of contribution, with their byte in the table. Operators are not in it: their standing is on chain, bound to an address. */
export const REPUTATION_KINDS = { data: 1, annotation: 2, verification: 3, compute: 4, model: 5, feedback: 6 } as const;
export type ReputationKind = keyof typeof REPUTATION_KINDS;

/** 256 seats in the life of a federation, so at most as many contributors. */
export const MAX_REPUTATION_ROWS = 256 * Object.keys(REPUTATION_KINDS).length;
export const REPUTATION_ROW_BYTES = 13;

export interface ReputationRow extends Evidence {
  readonly contributor: number;
  readonly kind: ReputationKind;
}

/** Rows in order, none twice, none without evidence. */
export type ReputationTable = readonly ReputationRow[];

/** What a settlement says of one contributor's contribution of one kind. */
export interface KindObservation extends Observation {
  readonly contributor: number;
  readonly kind: ReputationKind;
}

const KIND_OF = new Map<number, ReputationKind>(Object.entries(REPUTATION_KINDS).map(([kind, byte]) => [byte, kind as ReputationKind]));

/** Orders rows, and names one: contributors have 32 bits, kinds eight. */
const keyOf = ({ contributor, kind }: Pick<ReputationRow, "contributor" | "kind">): number => contributor * 256 + REPUTATION_KINDS[kind];

const invalid = (row: number, what: string) => protocolError("reputation-invalid", `Row ${row} of the reputation table ${what}.`);

function requireTable(rows: ReputationTable): void {
  if (rows.length > MAX_REPUTATION_ROWS) throw protocolError("reputation-invalid", `A reputation table of ${rows.length} rows is longer than ${MAX_REPUTATION_ROWS}.`);
  rows.forEach((row, i) => {
    if (row.contributor === 0) throw invalid(i, "has contributor 0, who cannot be");
    if (row.alpha === 0 && row.beta === 0) throw invalid(i, "has no evidence");
    if (i > 0 && keyOf(rows[i - 1]!) >= keyOf(row)) throw invalid(i, "does not come after the row before it");
  });
}

/** @throws reputation-invalid, out-of-range */
export function encodeReputation(rows: ReputationTable): Uint8Array {
  requireTable(rows);
  const bytes = new Uint8Array(rows.length * REPUTATION_ROW_BYTES);
  rows.forEach(({ contributor, kind, alpha, beta }, i) => {
    bytes.set(packUints([contributor], 4), i * REPUTATION_ROW_BYTES);
    bytes[i * REPUTATION_ROW_BYTES + 4] = REPUTATION_KINDS[kind];
    bytes.set(packUints([alpha, beta], 4), i * REPUTATION_ROW_BYTES + 5);
  });
  return bytes;
}

/** Reads what `encodeReputation` writes, and nothing else. @throws reputation-invalid */
export function decodeReputation(bytes: Uint8Array): ReputationTable {
  const count = bytes.length / REPUTATION_ROW_BYTES;
  if (!Number.isInteger(count)) throw protocolError("reputation-invalid", `A reputation table of ${bytes.length} bytes is not whole rows of ${REPUTATION_ROW_BYTES}.`);
  if (count > MAX_REPUTATION_ROWS) throw protocolError("reputation-invalid", `A reputation table of ${count} rows is longer than ${MAX_REPUTATION_ROWS}.`);
  const rows = Array.from({ length: count }, (_, i): ReputationRow => {
    const row = bytes.subarray(i * REPUTATION_ROW_BYTES, (i + 1) * REPUTATION_ROW_BYTES);
    const kind = KIND_OF.get(row[4]!);
    if (kind === undefined) throw invalid(i, `has kind ${row[4]}, which is unknown`);
    const [contributor, alpha, beta] = [unpackNumbers(row.subarray(0, 4), 4)[0]!, ...unpackNumbers(row.subarray(5), 4)] as [number, number, number];
    return { contributor, kind, alpha, beta };
  });
  requireTable(rows);
  return rows;
}

/** Keccak-256 of the encoded table. @throws reputation-invalid, out-of-range */
export function reputationHash(rows: ReputationTable): Hex {
  return columnHash(encodeReputation(rows));
}

/** What the table knows of a contributor; nothing, when it has no row. @throws out-of-range */
export function reputationIn(rows: ReputationTable, contributor: number, kind: ReputationKind): Reputation {
  return reputationOf(rows.find((row) => row.contributor === contributor && row.kind === kind) ?? UNKNOWN);
}

/**
 * The next table. What a settlement does not observe stays as it was: silence is no evidence, and does not age what there is.
 * @param observations At most one for each contributor and kind, in any order.
 * @throws reputation-invalid, out-of-range
 */
export function observe(rows: ReputationTable, observations: readonly KindObservation[]): ReputationTable {
  requireTable(rows);
  const next = new Map(rows.map((row) => [keyOf(row), row]));
  const seen = new Set<number>();
  for (const { contributor, kind, ...observation } of observations) {
    const key = keyOf({ contributor, kind });
    if (seen.has(key)) throw protocolError("reputation-invalid", `Contributor ${contributor} is observed twice as ${kind}.`);
    seen.add(key);
    next.set(key, { contributor, kind, ...updateReputation(next.get(key) ?? UNKNOWN, observation) });
  }
  const table = [...next.values()].filter(({ alpha, beta }) => alpha + beta > 0).sort((a, b) => keyOf(a) - keyOf(b));
  requireTable(table);
  return table;
}
