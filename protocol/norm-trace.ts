/**
 * The norm of an update, and a trace that lets one step of its sum be checked alone: `P_j = P_{j−1} + Σ_{x in chunk j} q²`,
 * one uint64 (little-endian) per 16-lane chunk of the padded vector. A false norm then differs from its trace in one step or in its last value.
 * Specified in docs/protocol.md, "Norm trace".
 */
import { bytesOf, toHex, type Hex } from "./bytes.ts";
import { type HashPairs } from "./ssz/hash-pairs.ts";
import { hashTreeRoot } from "./ssz/merkle.ts";
import { UPDATE_LANES, vectorShape } from "./ssz/vector.ts";

/** @param normSq Σq², below 2^61. @param trace P/16 uint64, little-endian. @param root SSZ root of `Vector[uint64, P/16]`. */
export interface NormTrace {
  readonly normSq: bigint;
  readonly trace: Uint8Array;
  readonly root: Hex;
}

const WORD = 2 ** 32;

/** Σq² alone, without its trace. */
export function normSqOf(values: Int16Array): bigint {
  let sum = 0n;
  // 2^22 lanes add at most 2^52: exact in a double.
  for (let start = 0; start < values.length; start += 2 ** 22) {
    const end = Math.min(start + 2 ** 22, values.length);
    let part = 0;
    for (let x = start; x < end; x++) part += values[x]! * values[x]!;
    sum += BigInt(part);
  }
  return sum;
}

/** @param values N int16 lanes; the padding adds nothing to the sum, so the trace stays at its last value there. */
export function normTrace(values: Int16Array, hashPairs?: HashPairs): NormTrace {
  const { padded, traceDepth } = vectorShape(values.length);
  const words = new Uint32Array((padded / UPDATE_LANES) * 2);
  const filled = Math.ceil(values.length / UPDATE_LANES);
  // A chunk adds at most 16·2^30 = 2^34, so low < 2^32 + 2^34 before its carry: exact in a double. Two words avoid a bigint a chunk.
  let low = 0;
  let high = 0;
  for (let j = 0; j < filled; j++) {
    const end = Math.min((j + 1) * UPDATE_LANES, values.length);
    for (let x = j * UPDATE_LANES; x < end; x++) low += values[x]! * values[x]!;
    if (low >= WORD) {
      const carry = Math.floor(low / WORD);
      high += carry;
      low -= carry * WORD;
    }
    words[2 * j] = low;
    words[2 * j + 1] = high;
  }
  for (let w = 2 * filled; w < words.length; w += 2) {
    words[w] = low;
    words[w + 1] = high;
  }
  const trace = bytesOf(words);
  return { normSq: (BigInt(high) << 32n) | BigInt(low), trace, root: toHex(hashTreeRoot(trace, traceDepth, hashPairs)) };
}
