/**
 * Small seeded generator for reproducible splits and shuffles. Not for secrets, keys or privacy noise.
 * mulberry32 by Tommy Ettinger (public domain, 2017): 32 bits of state, passes gjrand, period 2^32.
 * https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 */
export class Random {
  #state: number;

  /** @param seed - any integer; `purpose` and `index` give independent streams for independent uses of one seed. */
  constructor(seed: number, purpose = "", index = 0) {
    this.#state = deriveSeed(seed, purpose, index);
  }

  /** A whole number, uniform over 0 … 2^32 − 1. */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number below `bound` ≤ 2^32. The bias is below bound / 2^32, far below what a shuffle of a table shows. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * bound);
  }

  /** Fisher–Yates in place (Durstenfeld 1964). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
    return items;
  }
}

/** FNV-1a over "seed/purpose/index": 32 bits, one per use. */
export function deriveSeed(seed: number, purpose: string, index = 0): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${purpose}/${index}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
  }
  return hash >>> 0;
}
