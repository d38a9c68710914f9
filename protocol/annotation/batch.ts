/**
 * Many digests as one root: leaf = keccak256(0x00 ‖ uint32 index ‖ digest), node = keccak256(0x01 ‖ left ‖ right), padded with zero to a power of two; no digests: zero.
 * The first byte keeps leaves and nodes apart. Source: RFC 6962, section 2.1, with keccak.
 */
import type { Hex } from "viem";
import { concatHex, keccak256, numberToHex } from "viem/utils";
import { protocolError } from "../errors.ts";

const ZERO: Hex = `0x${"00".repeat(32)}`;
const MAX_LEAVES = 2 ** 20;

export const batchLeaf = (index: number, digest: Hex): Hex => keccak256(concatHex(["0x00", numberToHex(index, { size: 4 }), digest]));
const nodeOf = (left: Hex, right: Hex): Hex => keccak256(concatHex(["0x01", left, right]));

function levels(digests: readonly Hex[]): Hex[][] {
  if (digests.length > MAX_LEAVES) throw protocolError("out-of-range", `A batch has at most 2^20 digests, got ${digests.length}.`);
  const width = digests.length === 0 ? 1 : 2 ** Math.ceil(Math.log2(digests.length));
  const all = [Array.from({ length: width }, (_, i) => (i < digests.length ? batchLeaf(i, digests[i]!) : ZERO))];
  for (let level = all[0]!; level.length > 1; ) {
    level = Array.from({ length: level.length / 2 }, (_, i) => nodeOf(level[2 * i]!, level[2 * i + 1]!));
    all.push(level);
  }
  return all;
}

/** @throws out-of-range */
export const batchRoot = (digests: readonly Hex[]): Hex => levels(digests).at(-1)![0]!;

/** Siblings of a digest, from below. @throws out-of-range */
export function batchProof(digests: readonly Hex[], index: number): Hex[] {
  if (!Number.isInteger(index) || index < 0 || index >= digests.length) throw protocolError("out-of-range", `There is no digest ${index} among ${digests.length}.`);
  return levels(digests).slice(0, -1).map((level, height) => level[(index >> height) ^ 1]!);
}

/** Whether the batch with this root and count holds the digest at this place. */
export function verifyBatch(root: Hex, count: number, index: number, digest: Hex, proof: readonly Hex[]): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= count || count > MAX_LEAVES || 2 ** proof.length !== 2 ** Math.ceil(Math.log2(count))) return false;
  const top = proof.reduce((node, sibling, height) => (((index >> height) & 1) === 0 ? nodeOf(node, sibling) : nodeOf(sibling, node)), batchLeaf(index, digest));
  return top === root;
}
