/** Products of updates, exact: doubles where they suffice, added up in bigints. */
import type { Hex } from "viem";
import { createStream } from "../random.ts";

/** 2^31·2^20 stays below 2^53. */
const CHUNK = 2 ** 20;
/** Beyond this, updates are compared on so many lanes, drawn by a seed that nobody knew when they were made. */
export const COMPARED_LANES = 2 ** 14;

/** Σ aᵢbᵢ of int16 with lanes below 2^16. */
export function dot(a: Int16Array, b: ArrayLike<number>): bigint {
  let total = 0n;
  for (let from = 0; from < a.length; from += CHUNK) {
    const to = Math.min(from + CHUNK, a.length);
    let sum = 0;
    for (let i = from; i < to; i++) sum += a[i]! * b[i]!;
    total += BigInt(sum);
  }
  return total;
}

export const squared = (a: Int16Array): bigint => dot(a, a);

/** cos² > (limit ∕ 10^6)² and the same direction. False when either is zero. */
export function isCloser(product: bigint, left: bigint, right: bigint, limitPpm: number): boolean {
  const limit = BigInt(limitPpm);
  return product > 0n && product * product * 1_000_000_000_000n > limit * limit * left * right;
}

/** Lanes to compare, ascending; null for all. */
export function comparedLanes(count: number, seed: Hex): Uint32Array | null {
  if (count <= COMPARED_LANES) return null;
  const next = createStream(seed);
  return Uint32Array.from({ length: COMPARED_LANES }, () => Math.floor((next() * count) / 2 ** 32)).sort();
}

export function pickLanes(vector: Int16Array, lanes: Uint32Array | null): Int16Array;
export function pickLanes(vector: Int32Array, lanes: Uint32Array | null): Int32Array;
export function pickLanes(vector: Int16Array | Int32Array, lanes: Uint32Array | null): Int16Array | Int32Array {
  if (lanes === null) return vector;
  return vector instanceof Int16Array ? Int16Array.from(lanes, (lane) => vector[lane]!) : Int32Array.from(lanes, (lane) => vector[lane]!);
}
