/**
 * Exact samples of the discrete Gaussian, P(x) ∝ exp(−x²/(2σ²)) over the integers, from random bits and integer arithmetic alone: no logarithm, no float
 * that rounds, so what is proven of the distribution holds for the samples too (floats are how noise has leaked before).
 * Source: C. Canonne, G. Kamath, T. Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS 2020, arXiv 2004.00010, algorithms 1 to 3.
 * *Warning:* the time that a sample takes depends on the sample. Draw noise where nobody can measure that.
 */
import { integerSquareRoot } from "../aggregate/rounding.ts";
import { protocolError } from "../errors.ts";
import type { RandomBits } from "./random-bits.ts";

/** A positive fraction. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Below it a number times 2^32 is exact in a double. */
const SMALL = 2 ** 21;
/** σ up to 2^20: thirty times what an int16 lane can hold. */
const MAX_SIGMA = 2n ** 20n;

/**
 * True with probability a/b exactly: the binary digits of a/b are compared with random ones, 32 at a time, until they differ.
 * @param a 0 … b. Numbers below 2^21, or bigints.
 */
export function bernoulli(bits: RandomBits, a: number | bigint, b: number | bigint): boolean {
  if (typeof a === "bigint" || typeof b === "bigint") return bernoulliBig(bits, BigInt(a), BigInt(b));
  let rest = a;
  while (rest > 0) {
    const scaled = rest * 2 ** 32;
    // Exact: integers below 2^53, see aggregate/rounding.ts.
    const digits = Math.floor(scaled / b);
    const drawn = bits.word();
    if (drawn !== digits) return drawn < digits;
    rest = scaled - digits * b;
  }
  return false;
}

function bernoulliBig(bits: RandomBits, a: bigint, b: bigint): boolean {
  let rest = a;
  while (rest > 0n) {
    const scaled = rest << 32n;
    const digits = Number(scaled / b);
    const drawn = bits.word();
    if (drawn !== digits) return drawn < digits;
    rest = scaled % b;
  }
  return false;
}

/** Algorithm 1 for 0 ≤ a/b ≤ 1: true with probability exp(−a/b). */
function bernoulliExpUnit(bits: RandomBits, a: number | bigint, b: number | bigint): boolean {
  let k = 1;
  while (bernoulli(bits, a, typeof b === "bigint" ? b * BigInt(k) : b * k)) k += 1;
  return k % 2 === 1;
}

/** Algorithm 1: true with probability exp(−a/b). @param a,b a ≥ 0, b > 0. */
export function bernoulliExp(bits: RandomBits, a: bigint, b: bigint): boolean {
  for (let whole = a / b; whole > 0n; whole--) if (!bernoulliExpUnit(bits, 1, 1)) return false;
  return bernoulliExpUnit(bits, a % b, b);
}

/** Algorithm 2 with s = 1: P(x) ∝ exp(−|x|/t). @param t A whole number, 1 … 2^21 − 1. */
export function discreteLaplace(bits: RandomBits, t: number): number {
  for (;;) {
    const u = bits.below(t);
    if (!bernoulliExpUnit(bits, u, t)) continue;
    let v = 0;
    while (bernoulliExpUnit(bits, 1, 1)) v += 1;
    const size = u + t * v;
    const negative = bits.bit();
    // Else zero would come from either sign, twice as often as it should.
    if (!(negative && size === 0)) return negative ? -size : size;
  }
}

/** @throws out-of-range */
export function requireVariance({ numerator, denominator }: Ratio): void {
  if (numerator <= 0n || denominator <= 0n || denominator > 2n ** 64n || numerator > MAX_SIGMA * MAX_SIGMA * denominator) {
    throw protocolError("out-of-range", `A variance of ${numerator}/${denominator} is not between 0 and 2^40 with a denominator of at most 2^64.`);
  }
}

/**
 * Algorithm 3: a sampler of N_Z(0, σ²).
 * @param sigmaSquared The **variance**, not the standard deviation, in squared units of the grid.
 * @throws out-of-range
 */
export function discreteGaussian(sigmaSquared: Ratio): (bits: RandomBits) => number {
  requireVariance(sigmaSquared);
  const { numerator: n, denominator: d } = sigmaSquared;
  const t = integerSquareRoot(n / d) + 1n;
  const dt = d * t;
  const divisor = 2n * n * d * t * t;
  const scale = Number(t);
  if (scale >= SMALL) throw protocolError("out-of-range", `σ is ${scale - 1}; at most ${MAX_SIGMA} can be sampled.`);
  return (bits) => {
    for (;;) {
      const y = discreteLaplace(bits, scale);
      // (|y| − σ²/t)² / (2σ²) over one denominator.
      const distance = BigInt(Math.abs(y)) * dt - n;
      if (bernoulliExp(bits, distance * distance, divisor)) return y;
    }
  };
}
