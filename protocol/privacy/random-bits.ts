/** Fills an array with random bytes: a CSPRNG at the edge (`crypto.getRandomValues`), a seeded stream in tests. */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => void;

/** Uniform numbers from random bytes, which are asked for in batches. No byte is used twice. */
export interface RandomBits {
  /** Uniform in 0 … 2^32 − 1. */
  word(): number;
  bit(): boolean;
  /** Uniform in 0 … bound − 1, by rejection. @param bound 1 … 2^32. */
  below(bound: number): number;
}

const WORDS = 8_192;

export function createRandomBits(fill: FillRandom): RandomBits {
  const bytes = new Uint8Array(4 * WORDS);
  const words = new Uint32Array(bytes.buffer);
  let next = WORDS;
  let [spare, spareBits] = [0, 0];
  const word = (): number => {
    if (next === WORDS) {
      fill(bytes);
      next = 0;
    }
    return words[next++]!;
  };
  return {
    word,
    bit() {
      if (spareBits === 0) [spare, spareBits] = [word(), 32];
      spareBits -= 1;
      return ((spare >>> spareBits) & 1) === 1;
    },
    below(bound) {
      const end = 2 ** 32 - (2 ** 32 % bound);
      for (;;) {
        const drawn = word();
        if (drawn < end) return drawn % bound;
      }
    },
  };
}
