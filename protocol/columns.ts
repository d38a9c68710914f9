/**
 * Packed columns: item i of a column belongs to entry i, big-endian, fixed width, nothing between. The ledger reads some straight from calldata
 * (`contracts/libraries/Columns.sol`) and pins the others by keccak-256.
 */
import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { fromHex, toHex } from "./bytes.ts";
import { protocolError } from "./errors.ts";

/** Bytes of an item. `seats` to `signatures` have an item an entry of a round; `entitlements` an item a seat of the federation, `scores` the same and nobody's. */
export const COLUMN_WIDTHS = {
  seats: 4,
  updateRoots: 32,
  weights: 2,
  norms: 8,
  normTraces: 32,
  signatures: 64,
  scores: 8,
  entitlements: 12,
} as const;

/** Entries of the largest round: an entry's index is one byte, its exclusion one bit of a word. */
export const MAX_ENTRIES = 256;

/** @param width Bytes an item. @throws out-of-range when a value is negative or does not fit */
export function packUints(values: readonly (number | bigint)[], width: number): Uint8Array {
  const bytes = new Uint8Array(values.length * width);
  values.forEach((value, i) => {
    let rest = typeof value === "bigint" || Number.isSafeInteger(value) ? BigInt(value) : -1n;
    if (rest < 0n || rest >> BigInt(8 * width) !== 0n) {
      throw protocolError("out-of-range", `Item ${i} of a column is ${value}, not an unsigned integer of ${8 * width} bits.`);
    }
    for (let at = (i + 1) * width - 1; rest > 0n; at--, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  });
  return bytes;
}

function itemCount(bytes: Uint8Array, width: number): number {
  if (bytes.length % width !== 0) throw protocolError("column-invalid", `A column of ${bytes.length} bytes is not whole items of ${width}.`);
  return bytes.length / width;
}

/** @throws column-invalid */
export function unpackUints(bytes: Uint8Array, width: number): bigint[] {
  return Array.from({ length: itemCount(bytes, width) }, (_, i) => BigInt(toHex(bytes.subarray(i * width, (i + 1) * width))));
}

/** As `unpackUints`, for items of at most 6 bytes. @throws column-invalid */
export function unpackNumbers(bytes: Uint8Array, width: number): number[] {
  return unpackUints(bytes, width).map(Number);
}

/** Packs hashes or signatures. @throws column-invalid when one has another length */
export function packHex(values: readonly Hex[], width: number): Uint8Array {
  const bytes = new Uint8Array(values.length * width);
  values.forEach((value, i) => bytes.set(fromHex(value, width), i * width));
  return bytes;
}

/** @throws column-invalid */
export function unpackHex(bytes: Uint8Array, width: number): Hex[] {
  return Array.from({ length: itemCount(bytes, width) }, (_, i) => toHex(bytes.subarray(i * width, (i + 1) * width)));
}

/** Keccak-256, as the ledger hashes a column. */
export function columnHash(column: Uint8Array): Hex {
  return keccak256(column);
}

/** A byte an entry: entry indices sorted by (root, index). Lets the ledger find equal roots in one pass. @throws out-of-range above 256 entries */
export function rootOrder(roots: readonly Hex[]): Uint8Array {
  if (roots.length > MAX_ENTRIES) throw protocolError("out-of-range", `A round has at most ${MAX_ENTRIES} entries, got ${roots.length}.`);
  const keys = roots.map((root) => root.toLowerCase());
  return Uint8Array.from(keys.keys()).sort((a, b) => (keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b));
}

/** Whether bit i of a report's exclusion bitmap is set. */
export function isExcluded(excluded: bigint, i: number): boolean {
  return ((excluded >> BigInt(i)) & 1n) === 1n;
}

/** Bitmap of the given entry indices, 0..255. */
export function excludedBitmap(indices: readonly number[]): bigint {
  return indices.reduce((bitmap, i) => bitmap | (1n << BigInt(i)), 0n);
}

/** Weights that count in the aggregate and in scores: 0 for entries that the report excludes. */
export function effectiveWeights(weights: readonly number[], excluded: bigint): number[] {
  return weights.map((weight, i) => (isExcluded(excluded, i) ? 0 : weight));
}
