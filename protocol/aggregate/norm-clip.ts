/**
 * Norm clipping, then federated averaging: an update with Σq² > C² is scaled to `q' = floor(q·C / (isqrt(Σq²) + 1))`.
 * Flooring moves negative lanes down by less than one unit, so the clipped norm may exceed C by rounding, at most √N.
 * Source: Sun et al., "Can You Really Backdoor Federated Learning?", 2019 (norm thresholding); integer form: docs/protocol.md, "Aggregation".
 */
import { normSqOf } from "../norm-trace.ts";
import { addWeight, type Aggregator } from "./aggregator.ts";
import { createFedAvg } from "./fedavg.ts";
import { integerSquareRoot } from "./rounding.ts";

/** The update itself when its L2 norm is at most `bound`, else a scaled copy. @param bound C, in units of the grid. */
export function clipToNorm(update: Int16Array, bound: bigint): Int16Array {
  const normSq = normSqOf(update);
  if (normSq <= bound * bound) return update;
  // Here C ≤ isqrt(Σq²) < 2^31, so |q·C| < 2^46 and the quotient's floor is exact (rounding.ts).
  const c = Number(bound);
  const divisor = Number(integerSquareRoot(normSq)) + 1;
  return update.map((q) => Math.floor((q * c) / divisor));
}

/** @param parameters N. @param bound C ≥ 0: largest L2 norm, in units of the grid. */
export function createNormClip(parameters: number, bound: bigint): Aggregator {
  const average = createFedAvg(parameters);
  return {
    add(update, weight) {
      addWeight(0, update, weight, parameters);
      if (weight > 0) average.add(clipToNorm(update, bound), weight);
    },
    finish: (base) => average.finish(base),
  };
}
