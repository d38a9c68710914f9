/**
 * Federated averaging in integers: `M'[x] = clamp32(M[x] + rhu(Σ wᵢqᵢ[x], W))`, W = Σ wᵢ.
 * Source: McMahan et al., "Communication-Efficient Learning of Deep Networks from Decentralized Data", 2017; integer form: docs/protocol.md, "Aggregation".
 */
import { addWeight, requireFinishable, type Aggregator } from "./aggregator.ts";
import { clamp32, roundHalfUp } from "./rounding.ts";

/** Σ wᵢqᵢ, one update at a time: memory does not grow with the number of contributors. @param parameters N. */
export function createFedAvg(parameters: number): Aggregator {
  // |Σ wᵢqᵢ| ≤ 65535 · 32768 < 2^31: int32 sums never wrap.
  const sums = new Int32Array(parameters);
  let total = 0;
  return {
    add(update, weight) {
      total = addWeight(total, update, weight, parameters);
      if (weight === 0) return;
      for (let x = 0; x < parameters; x++) sums[x] = (sums[x]! + Math.imul(weight, update[x]!)) | 0;
    },
    finish(base) {
      requireFinishable(total, base, parameters);
      const model = new Int32Array(parameters);
      if (base === null) for (let x = 0; x < parameters; x++) model[x] = roundHalfUp(sums[x]!, total);
      else for (let x = 0; x < parameters; x++) model[x] = clamp32(base[x]! + roundHalfUp(sums[x]!, total));
      return model;
    },
  };
}
