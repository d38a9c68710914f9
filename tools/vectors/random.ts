// Deterministic numbers for the vectors: xorshift32. Part of no format.

export function createRandom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

export function int16s(length: number, seed: number): Int16Array {
  const random = createRandom(seed);
  return Int16Array.from({ length }, () => (random() >>> 8) & 0xffff);
}

export function int32s(length: number, seed: number): Int32Array {
  const random = createRandom(seed);
  return Int32Array.from({ length }, () => random());
}
