/**
 * SSZ `hash_tree_root` of a basic vector, by hashing whole levels over flat buffers.
 * Source: Ethereum consensus specifications, "SimpleSerialize (SSZ)", sections Merkleization and Merkle multiproofs
 * (https://github.com/ethereum/consensus-specs/tree/dev/ssz).
 */
import { protocolError } from "../errors.ts";
import { type HashPairs, wasmHashPairs } from "./hash-pairs.ts";

export const CHUNK_BYTES = 32;
/** 2^36 chunks of 32 bytes; also keeps chunk indices exact in a double. */
export const MAX_DEPTH = 36;

const zeroHashes: Uint8Array[] = [new Uint8Array(CHUNK_BYTES)];

/** Root of a subtree of 2^height zero chunks. Do not write to the result. */
export function zeroHash(height: number): Uint8Array {
  while (zeroHashes.length <= height) {
    const below = zeroHashes[zeroHashes.length - 1]!;
    const pair = new Uint8Array(64);
    pair.set(below);
    pair.set(below, CHUNK_BYTES);
    const hash = new Uint8Array(CHUNK_BYTES);
    wasmHashPairs(pair, hash);
    zeroHashes.push(hash);
  }
  return zeroHashes[height]!;
}

/** @throws out-of-range when the bytes do not fit 2^depth chunks. */
export function requireDepth(byteLength: number, depth: number): void {
  if (!Number.isInteger(depth) || depth < 0 || depth > MAX_DEPTH) {
    throw protocolError("out-of-range", `A tree depth is an integer 0..${MAX_DEPTH}, got ${depth}.`);
  }
  if (byteLength > CHUNK_BYTES * 2 ** depth) {
    throw protocolError("out-of-range", `${byteLength} bytes do not fit ${2 ** depth} chunks (depth ${depth}).`);
  }
}

/** The next level up. Only the non-empty prefix of a level is stored; what lies behind it is zero subtrees of `height`. */
function levelAbove(level: Uint8Array, height: number, hashPairs: HashPairs): Uint8Array {
  const whole = Math.floor(level.length / 64);
  const rest = level.length - whole * 64;
  const above = new Uint8Array((whole + (rest > 0 ? 1 : 0)) * CHUNK_BYTES);
  if (whole > 0) hashPairs(level.subarray(0, whole * 64), above.subarray(0, whole * CHUNK_BYTES));
  if (rest > 0) {
    const last = new Uint8Array(64);
    last.set(level.subarray(whole * 64));
    if (rest <= CHUNK_BYTES) last.set(zeroHash(height), CHUNK_BYTES);
    hashPairs(last, above.subarray(whole * CHUNK_BYTES));
  }
  return above;
}

/** Node `index` of a stored level, zero-padded (a last chunk may be partial), or the zero subtree behind it. A copy. */
function nodeAt(level: Uint8Array, height: number, index: number): Uint8Array {
  const start = index * CHUNK_BYTES;
  if (start >= level.length) return zeroHash(height).slice();
  const node = new Uint8Array(CHUNK_BYTES);
  node.set(level.subarray(start, start + CHUNK_BYTES));
  return node;
}

/**
 * Root of `bytes`, zero-padded to 2^depth chunks.
 * @param bytes The packed little-endian elements, of any length up to 32·2^depth.
 * @param depth log2 of the vector's chunk count. The padding costs nothing: known zero subtrees stand for it.
 * @throws out-of-range
 */
export function hashTreeRoot(bytes: Uint8Array, depth: number, hashPairs: HashPairs = wasmHashPairs): Uint8Array {
  requireDepth(bytes.length, depth);
  let level = bytes;
  for (let height = 0; height < depth && level.length > 0; height++) level = levelAbove(level, height, hashPairs);
  return nodeAt(level, depth, 0);
}

/**
 * Root over neighbouring subtrees, for what is hashed piece by piece. @param roots 32 bytes a subtree of 2^height chunks, the last of them zero-padded.
 * @param depth Of the whole tree, at least `height`. @throws out-of-range
 */
export function rootOfSubtrees(roots: Uint8Array, height: number, depth: number, hashPairs: HashPairs = wasmHashPairs): Uint8Array {
  requireDepth(roots.length, depth - height);
  let level = roots;
  for (let at = height; at < depth && level.length > 0; at++) level = levelAbove(level, at, hashPairs);
  return nodeAt(level, depth, 0);
}

/** The 32-byte chunk at `chunkIndex` and its siblings, bottom-up, 32 bytes each. */
export interface Opening {
  readonly chunk: Uint8Array;
  readonly siblings: Uint8Array;
}

/**
 * Opens one chunk. Costs one hashing of the whole vector.
 * @param chunkIndex 0..2^depth − 1.
 * @throws out-of-range
 */
export function openChunk(bytes: Uint8Array, depth: number, chunkIndex: number, hashPairs: HashPairs = wasmHashPairs): Opening {
  requireDepth(bytes.length, depth);
  if (!Number.isInteger(chunkIndex) || chunkIndex < 0 || chunkIndex >= 2 ** depth) {
    throw protocolError("out-of-range", `Chunk index ${chunkIndex} is not in 0..${2 ** depth - 1}.`);
  }
  const chunk = nodeAt(bytes, 0, chunkIndex);
  const siblings = new Uint8Array(depth * CHUNK_BYTES);
  let level = bytes;
  let index = chunkIndex;
  for (let height = 0; height < depth; height++) {
    siblings.set(nodeAt(level, height, index % 2 === 0 ? index + 1 : index - 1), height * CHUNK_BYTES);
    level = levelAbove(level, height, hashPairs);
    index = Math.floor(index / 2);
  }
  return { chunk, siblings };
}

/** Root that an opening implies, or null when lengths or index do not fit `depth`. */
export function rootOfOpening(opening: Opening, chunkIndex: number, depth: number): Uint8Array | null {
  const fits =
    Number.isInteger(depth) && depth >= 0 && depth <= MAX_DEPTH && opening.chunk.length === CHUNK_BYTES &&
    opening.siblings.length === depth * CHUNK_BYTES && Number.isInteger(chunkIndex) && chunkIndex >= 0 && chunkIndex < 2 ** depth;
  if (!fits) return null;
  let node = opening.chunk;
  let index = chunkIndex;
  for (let height = 0; height < depth; height++) {
    const pair = new Uint8Array(64);
    const left = index % 2 === 0;
    pair.set(node, left ? 0 : CHUNK_BYTES);
    pair.set(opening.siblings.subarray(height * CHUNK_BYTES, (height + 1) * CHUNK_BYTES), left ? CHUNK_BYTES : 0);
    node = new Uint8Array(CHUNK_BYTES);
    wasmHashPairs(pair, node);
    index = Math.floor(index / 2);
  }
  return node;
}

/** Whether `chunk` stands at `chunkIndex` of the vector with this root. Wrong lengths, depths and indices are just false. */
export function verifyOpening(root: Uint8Array, chunk: Uint8Array, siblings: Uint8Array, chunkIndex: number, depth: number): boolean {
  const implied = rootOfOpening({ chunk, siblings }, chunkIndex, depth);
  return implied !== null && root.length === CHUNK_BYTES && implied.every((byte, i) => byte === root[i]);
}
