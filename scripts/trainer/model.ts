import { createModelSpec, type ModelSpec, parameterCount } from "../../protocol/model-spec.ts";
import type { Records } from "../data/records.ts";
import { trainingError } from "./errors.ts";

/** Fraction bits of every tensor: one unit of the ledger's grid is 2^-14, so an int16 update spans −2 to just under 2. */
export const FRACTION_BITS = 14;

/**
 * Softmax regression: logits = x · weight + bias. weight[i][c] stands at lane i·classCount + c, bias[c] after all weights.
 * 34 features and 6 classes make 210 parameters.
 */
export function softmaxSpec(featureCount: number, classCount: number): ModelSpec {
  return createModelSpec([
    { name: "weight", shape: [featureCount, classCount], fracBits: FRACTION_BITS },
    { name: "bias", shape: [classCount], fracBits: FRACTION_BITS },
  ]);
}

/** Where every federation starts: zeros. The loss is convex, so no random start is needed, and anyone can check this one. */
export function initialModel(spec: ModelSpec): Float32Array<ArrayBuffer> {
  return new Float32Array(parameterCount(spec));
}

/** Refuses records to which nothing can be applied, and a flat model that is not made for them. */
export function requireFit(model: ArrayLike<number>, records: Records): void {
  if (records.count === 0) throw trainingError("training-empty", "There are no records.", "Give at least one record.");
  const expected = (records.featureCount + 1) * records.classCount;
  if (model.length !== expected) {
    throw trainingError(
      "training-shape",
      `The model has ${model.length} parameters; ${records.featureCount} features and ${records.classCount} classes need ${expected}.`,
      "Use the model and the table of the same federation.",
    );
  }
}
