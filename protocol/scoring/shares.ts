/** From what each cluster showed to its share of the tier: integers, and every term kept for the receipt. */
import { integerSquareRoot } from "../aggregate/rounding.ts";

/** Shares are in parts per 10^9. */
export const PPB = 1_000_000_000n;
const PPM = 1_000_000n;

/**
 * @param phi Shapley value times `scale`. @param competencePpm How much of what the final model can, this cluster's updates alone can: 0..10^6.
 * @param size √records·10^6, label quality and the share of rounds counted in: see `sizeOf`.
 */
export interface ClusterMerit {
  readonly phi: bigint;
  readonly competencePpm: number;
  readonly size: bigint;
}

/** @param marginalPpb,meritPpb Both terms of the share, before the ceiling. @param sharePpb What it comes to. */
export interface ClusterShare {
  readonly marginalPpb: bigint;
  readonly meritPpb: bigint;
  readonly sharePpb: bigint;
}

/** √(records·10^12)·quality, counted by the part of the window's rounds with an entry that passed. */
export function sizeOf(records: number, qualityPpm: number, passed: number, rounds: number): bigint {
  return (integerSquareRoot(BigInt(records) * PPM * PPM) * BigInt(qualityPpm) * BigInt(passed)) / (PPM * BigInt(rounds));
}

/** λ·gain ∕ (gain + shrink): marginal values decide as far as the window taught the model more than the holdout's noise. */
export function effectiveLambda(lambdaPpm: number, shrinkPpm: number, gainPpm: number): number {
  if (gainPpm <= 0) return 0;
  return Math.floor((lambdaPpm * gainPpm) / (gainPpm + shrinkPpm));
}

/**
 * rᵢ = λ·φᵢ⁺ ∕ Σφ⁺ + (1 − λ)·bᵢ ∕ Σb with bᵢ = competenceᵢ·sizeᵢ, at most `ceiling` fair shares; what is above rolls over. A cluster without competence
 * earns neither term. Rounded down.
 */
export function divide(merits: readonly ClusterMerit[], lambdaPpm: number, ceilingPpm: number): ClusterShare[] {
  const gains = merits.map(({ phi, competencePpm }) => (competencePpm > 0 && phi > 0n ? phi : 0n));
  const merit = merits.map(({ competencePpm, size }) => BigInt(competencePpm) * size);
  const [allGains, allMerit] = [sum(gains), sum(merit)];
  const lambda = allGains === 0n ? 0n : BigInt(lambdaPpm);
  const ceiling = (PPB * BigInt(ceilingPpm)) / (PPM * BigInt(Math.max(merits.length, 1)));
  return merits.map((_, i) => {
    const marginalPpb = allGains === 0n ? 0n : (PPB * lambda * gains[i]!) / (PPM * allGains);
    const meritPpb = allMerit === 0n ? 0n : (PPB * (PPM - lambda) * merit[i]!) / (PPM * allMerit);
    const whole = marginalPpb + meritPpb;
    return { marginalPpb, meritPpb, sharePpb: whole < ceiling ? whole : ceiling };
  });
}

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);

/** Splits a cluster's share among its seats by weight; the remainder rolls over. */
export function splitShare(sharePpb: bigint, weights: readonly bigint[]): bigint[] {
  const all = sum(weights);
  return weights.map((weight) => (all === 0n ? 0n : (sharePpb * weight) / all));
}
