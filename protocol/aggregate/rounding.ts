/**
 * Exact integer arithmetic in doubles. Why it is exact: integers below 2^53 are exact, and for integers |p| < 2^53, 0 < q the rounding error of
 * p/q is at most |p/q|·2^−53 < 1/q, while a quotient that is no integer is at least 1/q away from one: rounding never crosses an integer,
 * so `Math.floor(p / q)` is the true floor.
 */

/** rhu, round half up: `floor((2a + b) / (2b))`. Exact while |2a + b| < 2^53; b ≥ 1. */
export function roundHalfUp(a: number, b: number): number {
  return Math.floor((2 * a + b) / (2 * b));
}

/** Cuts an integer off at the ends of int32. */
export function clamp32(value: number): number {
  return value < -2_147_483_648 ? -2_147_483_648 : value > 2_147_483_647 ? 2_147_483_647 : value;
}

/** Largest r with r² ≤ n; Newton's iteration from above. @param n ≥ 0. */
export function integerSquareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let root = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
