/** Exact fractions: everyone gets the same numbers, on every machine. */

/** In lowest terms, denominator above zero. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [magnitude(a), magnitude(b)];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

export const lcm = (a: bigint, b: bigint): bigint => (a / gcd(a, b)) * b;

/** @param denominator Not zero. */
export function rational(numerator: bigint, denominator: bigint): Rational {
  const sign = denominator < 0n ? -1n : 1n;
  const common = gcd(numerator, denominator);
  return { numerator: (sign * numerator) / common, denominator: (sign * denominator) / common };
}

/** Parts per million, the nearest; halves go up. */
export function ppm({ numerator, denominator }: Rational): number {
  const doubled = 2n * numerator * 1_000_000n + denominator;
  const divisor = 2n * denominator;
  const quotient = doubled / divisor;
  return Number(doubled % divisor < 0n ? quotient - 1n : quotient);
}
