/**
 * Divides `total` whole things in the given proportions: largest remainders (Hamilton's method), ties to the lower index.
 *
 * @param total - a whole number ≥ 0
 * @param shares - non-negative, not all zero
 * @returns whole numbers that sum to total; length of shares
 */
export function apportion(total: number, shares: readonly number[]): number[] {
  const sum = shares.reduce((a, b) => a + b, 0);
  const exact = shares.map((share) => (total * share) / sum);
  const left = total - exact.reduce((assigned, value) => assigned + Math.floor(value), 0);
  const byRemainder = exact.map((value, at) => ({ at, remainder: value - Math.floor(value) }));
  byRemainder.sort((a, b) => b.remainder - a.remainder || a.at - b.at);
  const lucky = new Set(byRemainder.slice(0, left).map(({ at }) => at));
  return exact.map((value, at) => Math.floor(value) + (lucky.has(at) ? 1 : 0));
}

/** Index of the largest value, the first of equals; 0 for an empty list. */
export function largestAt(values: ArrayLike<number>): number {
  let best = 0;
  let largest = values[0] ?? Number.NEGATIVE_INFINITY;
  for (let at = 1; at < values.length; at++) {
    const value = values[at] as number;
    if (value > largest) [best, largest] = [at, value];
  }
  return best;
}
