/** Numbers that everyone who knows the seed draws alike, and nobody else foresees: Keccak-256 in counter mode. */
import type { Hex } from "viem";
import { concatHex, hexToBytes, keccak256, numberToHex } from "viem/utils";

/** Numbers below 2^32, evenly. @param seed 32 bytes. */
export function createStream(seed: Hex): () => number {
  let block: DataView = new DataView(new ArrayBuffer(0));
  let [at, counter] = [0, 0];
  return () => {
    if (at === block.byteLength) {
      block = new DataView(hexToBytes(keccak256(concatHex([seed, numberToHex(counter++, { size: 4 })]))).buffer);
      at = 0;
    }
    at += 4;
    return block.getUint32(at - 4);
  };
}

/** A permutation of 0..count − 1 (Fisher–Yates, Durstenfeld 1964); numbers that would make it uneven are drawn again. @param seed 32 bytes. */
export function seededOrder(seed: Hex, count: number): number[] {
  const next = createStream(seed);
  const below = (bound: number): number => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = next();
      if (value < limit) return value % bound;
    }
  };
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
