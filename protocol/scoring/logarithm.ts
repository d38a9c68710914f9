/**
 * Exponential and logarithm in fixed point, by tables that anyone can make again with integers alone: every language gets the same likelihoods.
 * Units: nats of 2^−16 for logarithms, 2^−24 for exponentials. Errors are below 2^−11, far below what a holdout can tell apart.
 */
const Q = 80n;
const ONE = 1n << Q;
export const NAT = 2 ** 16;
const EXP_ONE = 2 ** 24;
/** Beyond 32 nats nothing is left of 2^−24. */
const FARTHEST = 32 * NAT;

/** exp(−1 ∕ n) in 2^−80, by its series. */
function inverseRoot(n: bigint): bigint {
  let [sum, term] = [ONE, ONE];
  for (let k = 1n; term !== 0n; k++) {
    term = -(term / (n * k));
    sum += term;
  }
  return sum;
}

function powers(step: bigint, count: number): Float64Array {
  let power = ONE;
  return Float64Array.from({ length: count }, () => {
    const value = Number(power >> (Q - 24n));
    power = (power * step) >> Q;
    return value;
  });
}

/** ln((4096 + j) ∕ 4096) in 2^−16: 2·atanh(j ∕ (8192 + j)). */
function logarithmOf(j: bigint): number {
  const x = (j << Q) / (8192n + j);
  const square = (x * x) >> Q;
  let [sum, power] = [0n, x];
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = (power * square) >> Q;
  }
  return Number((2n * sum) >> (Q - 16n));
}

interface Tables {
  readonly coarse: Float64Array;
  readonly fine: Float64Array;
  readonly mantissa: Float64Array;
  readonly doubling: number;
}

let made: Tables | null = null;
/** Made on first use: 7 ms that most programs never need. */
function tables(): Tables {
  made ??= {
    coarse: powers(inverseRoot(16n), 512),
    fine: powers(inverseRoot(BigInt(NAT)), 4096),
    mantissa: Float64Array.from({ length: 4096 }, (_, j) => logarithmOf(BigInt(j))),
    doubling: logarithmOf(4096n),
  };
  return made;
}

/** exp(−x) in 2^−24. @param x ≥ 0, in 2^−16. */
export function exponential(x: number): number {
  if (x >= FARTHEST) return 0;
  const { coarse, fine } = tables();
  return Math.floor((coarse[Math.floor(x / 4096)]! * fine[x % 4096]!) / EXP_ONE);
}

/** ln(v ∕ 2^24) in 2^−16. @param v An integer, 2^24 ≤ v < 2^53. */
export function logarithm(v: number): number {
  const { mantissa, doubling } = tables();
  let [rest, doublings] = [v, 0];
  while (rest >= 2 * EXP_ONE) {
    rest = Math.floor(rest / 2);
    doublings++;
  }
  return doublings * doubling + mantissa[Math.floor(rest / 4096) - 4096]!;
}

/** ln(n) in 2^−16. @param n 1..2^28. */
export const logarithmOfCount = (n: number): number => logarithm(n * EXP_ONE);
