/** Deterministic pseudo-random numbers for tests: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomInt16(length: number, seed: number, spread = 65_536): Int16Array {
  const random = createRandom(seed);
  return Int16Array.from({ length }, () => Math.floor((random() - 0.5) * spread));
}

export function randomInt32(length: number, seed: number): Int32Array {
  const random = createRandom(seed);
  return Int32Array.from({ length }, () => Math.floor((random() - 0.5) * 2 ** 32));
}
