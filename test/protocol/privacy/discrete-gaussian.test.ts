import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bernoulli, bernoulliExp, discreteGaussian, discreteLaplace, type Ratio } from "../../../protocol/privacy/discrete-gaussian.ts";
import { createRandomBits, type RandomBits } from "../../../protocol/privacy/random-bits.ts";
import { seededBytes } from "../support/bytes.ts";
import { withCode } from "../support/throws.ts";

const bitsOf = (seed: string): RandomBits => createRandomBits(seededBytes(seed));
const ratio = (numerator: bigint, denominator = 1n): Ratio => ({ numerator, denominator });

function draw(seed: string, count: number, sample: (bits: RandomBits) => number): number[] {
  const bits = bitsOf(seed);
  return Array.from({ length: count }, () => sample(bits));
}

/** Upper 0.1 % points of χ² at 1 … 20 degrees of freedom (NIST/SEMATECH e-Handbook, 1.3.6.7.4). */
const CHI_999 = [10.828, 13.816, 16.266, 18.467, 20.515, 22.458, 24.322, 26.124, 27.877, 29.588, 31.264, 32.91, 34.528, 36.123, 37.697, 39.252, 40.79, 42.312, 43.82, 45.315];

/** Pearson's test on −k … k and all the rest. The seed is fixed, so it passes always or never. */
function fits(samples: readonly number[], mass: (x: number) => number, k: number): void {
  const inside = Array.from({ length: 2 * k + 1 }, (_, i) => mass(i - k));
  let total = 0;
  for (let x = -4_000; x <= 4_000; x++) total += mass(x);
  const expected = inside.map((m) => (m / total) * samples.length);
  expected.push(samples.length - expected.reduce((sum, e) => sum + e, 0));
  const seen = new Array<number>(2 * k + 2).fill(0);
  for (const x of samples) seen[Math.abs(x) <= k ? x + k : 2 * k + 1] = (seen[Math.abs(x) <= k ? x + k : 2 * k + 1] ?? 0) + 1;
  const statistic = expected.reduce((sum, e, i) => sum + ((seen[i] ?? 0) - e) ** 2 / e, 0);
  const bound = CHI_999[2 * k] ?? 0;
  assert(statistic < bound, `χ² ${statistic.toFixed(1)} is not below ${bound}`);
}

const moments = (samples: readonly number[]) => {
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  const central = (power: number): number => samples.reduce((sum, x) => sum + (x - mean) ** power, 0) / samples.length;
  return { mean, variance: central(2), skew: central(3) / central(2) ** 1.5, kurtosis: central(4) / central(2) ** 2 };
};

describe("Bernoulli samples", () => {
  it("are true as often as they should be, with numbers and with bigints", () => {
    for (const [a, b] of [[0, 1], [1, 1], [1, 3], [999_999, 1_000_000], [1, 1_000_000]] as const) {
      for (const [p, q] of [[a, b], [BigInt(a), BigInt(b)]] as const) {
        const n = 60_000;
        const seen = draw(`bernoulli ${a}/${b}`, n, (bits) => Number(bernoulli(bits, p, q))).reduce((sum, x) => sum + x, 0);
        assert(Math.abs(seen - (n * a) / b) <= 4 * Math.sqrt(n * (a / b) * (1 - a / b)), `${a}/${b}: ${seen}`);
      }
    }
  });

  it("are the same for numbers and bigints from the same bits", () => {
    const [one, other] = [bitsOf("paths"), bitsOf("paths")];
    for (let i = 0; i < 20_000; i++) {
      const [a, b] = [i % 977, 977 + (i % 1_000)];
      assert.equal(bernoulli(one, a, b), bernoulli(other, BigInt(a), BigInt(b)));
    }
  });

  it("go on with more digits where the first 32 decide nothing", () => {
    const words = [0x5555_5555, 0x5555_5555, 0x5555_5554];
    const bits = { word: () => words.shift() ?? 0, bit: () => false, below: () => 0 };
    assert.equal(bernoulli(bits, 1, 3), true); // 1/3 = 0.010101…
    assert.equal(words.length, 0);
  });

  it("have the probability exp(−γ), beyond 1 as well", () => {
    for (const [a, b] of [[0n, 1n], [1n, 2n], [1n, 1n], [5n, 2n], [3n, 1n], [2n ** 70n, 2n ** 69n + 1n]] as const) {
      const n = 60_000;
      const p = Math.exp(-Number(a) / Number(b));
      const seen = draw(`exp ${a}/${b}`, n, (bits) => Number(bernoulliExp(bits, a, b))).reduce((sum, x) => sum + x, 0);
      assert(Math.abs(seen - n * p) <= 4 * Math.sqrt(n * p * (1 - p)), `exp(−${a}/${b}): ${seen / n} instead of ${p}`);
    }
  });
});

describe("uniform samples below a bound", () => {
  it("reach every value equally often", () => {
    const seen = new Array<number>(7).fill(0);
    for (const x of draw("below", 70_000, (bits) => bits.below(7))) seen[x] = (seen[x] ?? 0) + 1;
    assert(seen.reduce((sum, s) => sum + (s - 10_000) ** 2 / 10_000, 0) < 22.458);
  });
});

describe("the discrete Laplace", () => {
  it("has the mass exp(−|x|/t)", () => {
    for (const t of [1, 2, 5]) fits(draw(`laplace ${t}`, 60_000, (bits) => discreteLaplace(bits, t)), (x) => Math.exp(-Math.abs(x) / t), 6);
  });
});

describe("the discrete Gaussian", () => {
  it("has the mass exp(−x²/2σ²), for variances below 1, fractions, and squares", () => {
    for (const [sigmaSquared, k] of [[ratio(1n, 4n), 1], [ratio(1n), 3], [ratio(7n, 3n), 4], [ratio(9n), 8]] as const) {
      const v = Number(sigmaSquared.numerator) / Number(sigmaSquared.denominator);
      fits(draw(`gaussian ${v}`, 60_000, discreteGaussian(sigmaSquared)), (x) => Math.exp((-x * x) / (2 * v)), k);
    }
  });

  it("has mean, variance, skew and kurtosis of a normal distribution when it is wide", () => {
    for (const variance of [400n, 1_000_003n, 2n ** 30n]) {
      const { mean, variance: seen, skew, kurtosis } = moments(draw(`moments ${variance}`, 40_000, discreteGaussian(ratio(variance))));
      assert(Math.abs(mean) < 4 * Math.sqrt(Number(variance) / 40_000));
      assert(Math.abs(seen / Number(variance) - 1) < 4 * Math.sqrt(2 / 40_000), `variance ${seen}`);
      assert(Math.abs(skew) < 0.05 && Math.abs(kurtosis - 3) < 0.1, `skew ${skew}, kurtosis ${kurtosis}`);
    }
  });

  /** Fault of a training platform: its addNoise is handed a variance where it takes a standard deviation. */
  it("attack_varianceTakenForStandardDeviation", () => {
    const { variance } = moments(draw("disco", 20_000, discreteGaussian(ratio(400n))));
    assert(Math.abs(variance - 400) < 20, `${variance} is neither σ⁴ = 160000 nor σ = 20`);
    const tiny = moments(draw("disco, below one", 20_000, discreteGaussian(ratio(1n, 100n))));
    assert(tiny.variance < 0.001, "a variance of 1/100 is not the one of σ = 1/100's root");
  });

  it("is the same for the same bits, and uses fresh ones each time", () => {
    const sample = discreteGaussian(ratio(10_000n));
    assert.deepEqual(draw("a", 50, sample), draw("a", 50, sample));
    assert.notDeepEqual(draw("a", 50, sample), draw("b", 50, sample));
    assert(new Set(draw("a", 500, sample)).size > 200);
  });

  it("refuses a variance that it cannot sample", () => {
    for (const bad of [ratio(0n), ratio(-1n), ratio(1n, 0n), ratio(1n, -1n), ratio(2n ** 41n), ratio(1n, 2n ** 65n)]) assert.throws(() => discreteGaussian(bad), withCode("out-of-range"));
  });

  it("draws 100,000 in a few seconds", () => {
    const started = performance.now();
    draw("speed", 100_000, discreteGaussian(ratio(123_456_789n, 1_000n)));
    assert(performance.now() - started < 20_000);
  });
});
