/** A stream of numbers that a seed decides. */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number;
  /** A whole number from `least` to `most`. */
  int(least: number, most: number): number;
  pick<Value>(list: readonly Value[]): Value;
  chance(probability: number): boolean;
}

/** Mulberry32: 32 bits of state are enough to choose faults with. */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    int,
    pick<Value>(list: readonly Value[]): Value {
      if (list.length === 0) throw new RangeError("There is nothing to pick from.");
      return list[int(0, list.length - 1)] as Value;
    },
    chance: (probability) => next() < probability,
  };
}
