/**
 * Privacy mode A: an update is clipped, then noise is added, and only then is it committed to. Whoever opens it later sees the noised one alone, so
 * everything that is computed from it, shares included, costs nothing more (post-processing).
 *
 * What is proven: with L2 sensitivity Δ and discrete Gaussian noise of variance σ² on every lane, one release is Δ²/(2σ²)-zCDP
 * (Canonne, Kamath, Steinke 2020, arXiv 2004.00010, theorem 4 and its multivariate form). What nobody can check afterwards: that the noise was drawn.
 */
import { integerSquareRoot } from "../aggregate/rounding.ts";
import { protocolError } from "../errors.ts";
import { normSqOf } from "../norm-trace.ts";
import { discreteGaussian, type Ratio, requireVariance } from "./discrete-gaussian.ts";
import { createRandomBits, type FillRandom } from "./random-bits.ts";
import { NANO } from "./zcdp.ts";

/** Whose presence the noise hides. The clip bounds the whole update, so record and patient cost the same here: see `sensitivity`. */
export const PRIVACY_UNITS = ["record", "patient", "site"] as const;
export type PrivacyUnit = (typeof PRIVACY_UNITS)[number];

/**
 * @param clip C: largest L2 norm before the noise, in units of the grid.
 * @param sigmaSquared Variance of the noise on each lane, in squared units of the grid. Not its standard deviation.
 */
export interface NoiseSetting {
  readonly clip: bigint;
  readonly sigmaSquared: Ratio;
  readonly unit: PrivacyUnit;
}

declare const noised: unique symbol;

/**
 * What may be committed to where the round charges a budget; made by `privatise` alone.
 * @param rho Nano-ρ that the release costs, rounded up. @param saturated Lanes cut off at the ends of int16, after the noise.
 * @param zeroed Lanes that were not zero and that the clip made zero.
 */
export interface NoisedUpdate {
  readonly update: Int16Array;
  readonly rho: bigint;
  readonly unit: PrivacyUnit;
  readonly saturated: number;
  readonly zeroed: number;
  readonly [noised]: true;
}

/**
 * Most by which an update can move, in L2 norm, between neighbouring inputs.
 * - site: the site's update against none at all (all zero): C.
 * - record, patient: one record, or all records of one patient, more, less or other. Training is not bounded record by record, so the update may become
 *   any other one in the ball: 2C. Hence a guarantee for a record by this route costs four times the ρ that one for a site costs.
 */
export function sensitivity(unit: PrivacyUnit, clip: bigint): bigint {
  return unit === "site" ? clip : 2n * clip;
}

/** ρ = Δ²/(2σ²) of one release, in nano-ρ, rounded up. @throws out-of-range */
export function rhoOf(setting: NoiseSetting): bigint {
  requireSetting(setting);
  const { clip, sigmaSquared: { numerator, denominator }, unit } = setting;
  const delta = sensitivity(unit, clip);
  const divisor = 2n * numerator;
  return (BigInt(NANO) * delta * delta * denominator + divisor - 1n) / divisor;
}

/** The smallest whole variance whose cost is at most `nanoRho`. @throws out-of-range */
export function varianceFor(nanoRho: bigint, clip: bigint, unit: PrivacyUnit): Ratio {
  if (nanoRho < 1n) throw protocolError("out-of-range", `No noise costs ${nanoRho} nano-ρ.`);
  const delta = sensitivity(unit, clip);
  const sigmaSquared = { numerator: (BigInt(NANO) * delta * delta + 2n * nanoRho - 1n) / (2n * nanoRho), denominator: 1n };
  requireSetting({ clip, sigmaSquared, unit });
  return sigmaSquared;
}

function requireSetting({ clip, sigmaSquared }: NoiseSetting): void {
  if (clip < 1n || clip >= 2n ** 31n) throw protocolError("out-of-range", `A clip of ${clip} is not between 1 and 2^31 − 1.`);
  requireVariance(sigmaSquared);
}

/**
 * The update itself when its L2 norm is at most C, else `trunc(q·C / (isqrt(Σq²) + 1))`. The rule of aggregation 2 floors, by which negative lanes grow and
 * the norm can exceed C by up to √N; that is good enough against outliers and not for a sensitivity, so this one rounds towards zero.
 */
export function clipWithin(update: Int16Array, clip: bigint): Int16Array {
  const normSq = normSqOf(update);
  if (normSq <= clip * clip) return update.slice();
  // C < isqrt(Σq²) + 1 ≤ 2^31, so |q·C| < 2^46 and the quotient is exact (aggregate/rounding.ts).
  const c = Number(clip);
  const divisor = Number(integerSquareRoot(normSq)) + 1;
  return update.map((q) => Math.trunc((q * c) / divisor));
}

/**
 * Clips, then adds noise. Needs fresh random bytes for every call: the same noise twice is none.
 * @param random Cryptographically secure, save in tests.
 * @throws out-of-range
 */
export function privatise(update: Int16Array, setting: NoiseSetting, random: FillRandom): NoisedUpdate {
  const rho = rhoOf(setting);
  const clipped = clipWithin(update, setting.clip);
  const sample = discreteGaussian(setting.sigmaSquared);
  const bits = createRandomBits(random);
  let [saturated, zeroed] = [0, 0];
  const values = clipped.map((q, x) => {
    if (q === 0 && update[x] !== 0) zeroed += 1;
    const value = q + sample(bits);
    if (value >= -32_768 && value <= 32_767) return value;
    saturated += 1;
    return value < 0 ? -32_768 : 32_767;
  });
  return { update: values, rho, unit: setting.unit, saturated, zeroed } as NoisedUpdate;
}
