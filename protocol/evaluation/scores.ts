/** Every class's logit for one record, exactly: what a reader is shown beside the prediction. Bigint, for one record speed does not matter. */
import { protocolError } from "../errors.ts";
import type { HeadShape } from "./evaluation.ts";

/** `bias_c·2^featureBits + Σ x_i·weight[i][c]`, in units of 2^−(featureBits + fraction bits of the model). @throws length-mismatch, out-of-range */
export function classScores(model: Int32Array, { headLane, features, classes, featureBits }: HeadShape, record: Int16Array): readonly bigint[] {
  if (record.length !== features) throw protocolError("length-mismatch", `The record has ${record.length} values, and the model takes ${features}.`);
  if (headLane + (features + 1) * classes > model.length) throw protocolError("out-of-range", `The head ends behind the model's ${model.length} lanes.`);
  const lane = (row: number, c: number): bigint => BigInt(model[headLane + row * classes + c]!);
  return Array.from({ length: classes }, (_, c) =>
    record.reduce((sum, value, i) => sum + BigInt(value) * lane(i, c), lane(features, c) << BigInt(featureBits)),
  );
}

/** The class of the largest score, the lowest of equals: as `predictAll` and the contract decide. */
export function bestClass(scores: readonly bigint[]): number {
  return scores.reduce((best, score, c) => (score > scores[best]! ? c : best), 0);
}
