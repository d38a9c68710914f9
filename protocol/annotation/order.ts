/** In which order a reader meets the tasks: a permutation that the seed's holder can repeat and nobody else foresee. Gold tasks are part of it like all others. */
import type { Hex } from "viem";
import { concatHex, hexToBytes, keccak256, numberToHex } from "viem/utils";

/** Numbers below 2^32 from keccak-256 in counter mode. */
function createStream(seed: Hex): () => number {
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

/**
 * A permutation of 0..count − 1 (Fisher–Yates, Durstenfeld 1964); numbers that would make it uneven are drawn again.
 * @param seed 32 bytes; secret as long as the set is open.
 */
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

/** The seed of one reader in one tier, from the custodian's secret for the set. */
export const readerSeed = (secret: Hex, annotator: Hex, tier: number): Hex => keccak256(concatHex([secret, annotator.toLowerCase() as Hex, numberToHex(tier, { size: 1 })]));
