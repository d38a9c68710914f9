/**
 * The canonical integer evaluator of linear models: what a model, or one update, says of every record of a holdout, in units of the model's grid.
 * Integers alone, so that every language gets the same. Specified in docs/protocol.md, “Quality scores”.
 */
import { protocolError } from "../errors.ts";
import type { HeadShape } from "../evaluation/evaluation.ts";

const LOW = 2 ** 16;

/** A holdout as the evaluator reads it. @param values Record after record, `features` each, of 2^−featureBits. */
export interface HoldoutValues {
  readonly values: Int16Array;
  readonly records: number;
}

/**
 * With at most 2^(featureBits + 4) features every sum below stays under 2^53, whatever the model: a logit of an update is below 2^35, weighted by a round's
 * 16 bits below 2^51.
 * @throws out-of-range, length-mismatch
 */
export function requireScorable({ headLane, features, classes, featureBits }: HeadShape, { values, records }: HoldoutValues, lanes: number): void {
  const refuse = (what: string): never => {
    throw protocolError("out-of-range", what);
  };
  if (!Number.isInteger(featureBits) || featureBits < 0 || featureBits > 30) refuse(`featureBits is ${featureBits}, not 0 to 30.`);
  if (!Number.isInteger(features) || features < 1 || features > 2 ** Math.min(featureBits + 4, 20)) {
    refuse(`A model of ${features} features with ${featureBits} fraction bits cannot be scored exactly; at most 2^(bits + 4), and 2^20, can.`);
  }
  if (!Number.isInteger(classes) || classes < 1 || classes > 256) refuse(`classes is ${classes}, not 1 to 256.`);
  if (!Number.isInteger(headLane) || headLane < 0 || headLane + (features + 1) * classes > lanes) refuse(`The head of ${(features + 1) * classes} lanes from ${headLane} on is not within ${lanes} lanes.`);
  if (values.length !== records * features) throw protocolError("length-mismatch", `The holdout has ${values.length} values; ${records} records of ${features} features have ${records * features}.`);
}

/** Σ x·lane for every record and class; lanes that fit 16 bits either way, so every sum is exact. */
function products(lanes: Float64Array, { features, classes }: HeadShape, { values, records }: HoldoutValues): Float64Array {
  const sums = new Float64Array(records * classes);
  const sum = new Float64Array(classes);
  for (let record = 0; record < records; record++) {
    sum.fill(0);
    const row = record * features;
    for (let i = 0; i < features; i++) {
      const value = values[row + i]!;
      if (value === 0) continue;
      for (let c = 0, lane = i * classes; c < classes; c++, lane++) sum[c]! += value * lanes[lane]!;
    }
    sums.set(sum, record * classes);
  }
  return sums;
}

/**
 * `update[bias_c] + rhu(Σ x_i·update[weight_ic], 2^featureBits)` by record and class: what adding the update, alone and unweighted, changes.
 * @throws out-of-range, length-mismatch
 */
export function updateLogits(update: Int16Array, head: HeadShape, holdout: HoldoutValues): Float64Array {
  requireScorable(head, holdout, update.length);
  const { headLane, features, classes, featureBits } = head;
  const weights = features * classes;
  const logits = products(Float64Array.from(update.subarray(headLane, headLane + weights)), head, holdout);
  const unit = 2 ** featureBits;
  for (let at = 0; at < logits.length; at++) logits[at] = Math.floor((2 * logits[at]! + unit) / (2 * unit)) + update[headLane + weights + (at % classes)]!;
  return logits;
}

/** The same of a model of int32 lanes. @throws out-of-range, length-mismatch */
export function modelLogits(model: Int32Array, head: HeadShape, holdout: HoldoutValues): Float64Array {
  requireScorable(head, holdout, model.length);
  const { headLane, features, classes, featureBits } = head;
  const weights = features * classes;
  const lanes = model.subarray(headLane, headLane + weights);
  const high = products(Float64Array.from(lanes, (lane) => lane >> 16), head, holdout);
  const low = products(Float64Array.from(lanes, (lane) => lane & 0xffff), head, holdout);
  const logits = new Float64Array(high.length);
  const half = featureBits === 0 ? 0 : 2 ** (featureBits - 1);
  for (let at = 0; at < logits.length; at++) {
    // floor((high·2^16 + low + half) ∕ 2^featureBits), without ever forming a number above 2^53.
    const rounded =
      featureBits >= 16
        ? Math.floor((high[at]! + Math.floor((low[at]! + half) / LOW)) / 2 ** (featureBits - 16))
        : high[at]! * 2 ** (16 - featureBits) + Math.floor((low[at]! + half) / 2 ** featureBits);
    logits[at] = rounded + model[headLane + weights + (at % classes)]!;
  }
  return logits;
}
