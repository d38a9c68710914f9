/**
 * Opening a run of neighbouring chunks: `openChunk` is the case of one. The bytes are what `SszRange.root` takes:
 * the chunks, then level by level from the bottom the left sibling when the run's lowest index is odd and the right one when its highest is even.
 */
import { protocolError } from "../errors.ts";
import { type HashPairs, wasmHashPairs } from "./hash-pairs.ts";
import { CHUNK_BYTES, hashTreeRoot, MAX_DEPTH, requireDepth } from "./merkle.ts";

/** Siblings of a run, bottom-up and left before right: height and index of each. */
function siblingsOf(depth: number, first: number, count: number): { readonly height: number; readonly index: number }[] {
  const siblings: { height: number; index: number }[] = [];
  let [low, high] = [first, first + count - 1];
  for (let height = 0; height < depth; height++) {
    if (low % 2 === 1) siblings.push({ height, index: low - 1 });
    if (high % 2 === 0) siblings.push({ height, index: high + 1 });
    [low, high] = [Math.floor(low / 2), Math.floor(high / 2)];
  }
  return siblings;
}

function isRun(depth: number, first: number, count: number): boolean {
  return Number.isInteger(first) && Number.isInteger(count) && first >= 0 && count >= 1 && first + count <= 2 ** depth;
}

/**
 * Opens `count` chunks from `first` on. Costs one hashing of the rest of the vector.
 * @param bytes The packed little-endian elements, of any length up to 32·2^depth.
 * @param depth log2 of the vector's chunk count.
 * @returns 32 bytes a chunk, then 32 a sibling.
 * @throws out-of-range
 */
export function openRange(bytes: Uint8Array, depth: number, first: number, count: number, hashPairs: HashPairs = wasmHashPairs): Uint8Array {
  requireDepth(bytes.length, depth);
  if (!isRun(depth, first, count)) throw protocolError("out-of-range", `Chunks ${first} to ${first + count - 1} are no run of the ${2 ** depth} chunks.`);
  const siblings = siblingsOf(depth, first, count);
  const opening = new Uint8Array((count + siblings.length) * CHUNK_BYTES);
  opening.set(bytes.subarray(first * CHUNK_BYTES, (first + count) * CHUNK_BYTES));
  for (const [i, { height, index }] of siblings.entries()) {
    const span = CHUNK_BYTES * 2 ** height;
    opening.set(hashTreeRoot(bytes.subarray(index * span, (index + 1) * span), height, hashPairs), (count + i) * CHUNK_BYTES);
  }
  return opening;
}

/** Root that an opening of a run implies, or null when its length or the run does not fit `depth`. */
export function rootOfRange(opening: Uint8Array, depth: number, first: number, count: number, hashPairs: HashPairs = wasmHashPairs): Uint8Array | null {
  if (!Number.isInteger(depth) || depth > MAX_DEPTH || !isRun(depth, first, count)) return null;
  const siblings = siblingsOf(depth, first, count);
  if (opening.length !== (count + siblings.length) * CHUNK_BYTES) return null;
  let level = opening.slice(0, count * CHUNK_BYTES);
  let [low, next] = [first, 0];
  for (let height = 0; height < depth; height++) {
    const here = siblings.filter((sibling) => sibling.height === height);
    const whole = new Uint8Array(level.length + here.length * CHUNK_BYTES);
    whole.set(level, low % 2 === 1 ? CHUNK_BYTES : 0);
    for (const { index } of here) {
      const at = (count + next++) * CHUNK_BYTES;
      whole.set(opening.subarray(at, at + CHUNK_BYTES), index < low ? 0 : whole.length - CHUNK_BYTES);
    }
    level = new Uint8Array(whole.length / 2);
    hashPairs(whole, level);
    low = Math.floor(low / 2);
  }
  return level;
}
