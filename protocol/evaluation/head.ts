/**
 * The integer head: `logit_c = bias_c·2^featureBits + Σ x_i·weight[i][c]`, and the class with the largest logit, the lowest of equals. Integers
 * alone, so that every language gets the same predictions; `contracts/libraries/Predictions.sol` is the same in Solidity.
 */
import { protocolError } from "../errors.ts";
import { EVALUATION_LIMITS, type HeadShape } from "./evaluation.ts";

/** A logit is kept as `high·2^16 + low`. Both sums are exact: |x·high| ≤ 2^30, |x·low| < 2^31, so up to 2^20 features stay below 2^52. */
const MAX_FEATURES = 2 ** 20;
const LOW = 2 ** 16;

function requireInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw protocolError("out-of-range", `${name} is ${value}, not an integer ${least} to ${most}.`);
}

/** Refuses what has no exact answer, and lanes that are not there. */
function requireHead({ headLane, features, classes, featureBits }: HeadShape, model: Int32Array, holdout: Int16Array, records: number): void {
  requireInteger("features", features, 1, MAX_FEATURES);
  requireInteger("classes", classes, 1, EVALUATION_LIMITS.classes);
  requireInteger("featureBits", featureBits, 0, EVALUATION_LIMITS.featureBits);
  requireInteger("headLane", headLane, 0, model.length - (features + 1) * classes);
  if (holdout.length !== records * features) {
    throw protocolError("length-mismatch", `The holdout has ${holdout.length} values; ${records} records of ${features} features have ${records * features}.`);
  }
}

/**
 * The class of each record.
 * @param model int32 lanes. @param holdout Record after record, `features` values each.
 * @throws out-of-range, length-mismatch
 */
export function predictAll(model: Int32Array, shape: HeadShape, holdout: Int16Array, records: number): Uint8Array {
  requireHead(shape, model, holdout, records);
  const { headLane, features, classes, featureBits } = shape;
  const lanes = model.subarray(headLane, headLane + (features + 1) * classes);
  const high = Float64Array.from(lanes, (lane) => lane >> 16);
  const low = Float64Array.from(lanes, (lane) => lane & 0xffff);
  const predictions = new Uint8Array(records);
  const sums = { high: new Float64Array(classes), low: new Float64Array(classes) };
  for (let record = 0; record < records; record++) {
    for (let c = 0; c < classes; c++) {
      // A power of two times an int32 is exact in a double.
      const bias = lanes[features * classes + c]! * 2 ** featureBits;
      sums.high[c] = Math.floor(bias / LOW);
      sums.low[c] = bias - sums.high[c]! * LOW;
    }
    for (let i = 0; i < features; i++) {
      const value = holdout[record * features + i]!;
      if (value === 0) continue;
      for (let c = 0; c < classes; c++) {
        sums.high[c]! += value * high[i * classes + c]!;
        sums.low[c]! += value * low[i * classes + c]!;
      }
    }
    predictions[record] = largest(sums.high, sums.low);
  }
  return predictions;
}

/** Compares `high·2^16 + low` without adding them up: after the carry, 0 ≤ low < 2^16. */
function largest(high: Float64Array, low: Float64Array): number {
  let [best, bestHigh, bestLow] = [0, -Infinity, 0];
  for (let c = 0; c < high.length; c++) {
    const carry = Math.floor(low[c]! / LOW);
    const [nextHigh, nextLow] = [high[c]! + carry, low[c]! - carry * LOW];
    if (nextHigh > bestHigh || (nextHigh === bestHigh && nextLow > bestLow)) [best, bestHigh, bestLow] = [c, nextHigh, nextLow];
  }
  return best;
}
