import { columnHash } from "../columns.ts";
import { protocolError } from "../errors.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import type { Evaluation, HeadShape } from "./evaluation.ts";
import { predictAll } from "./head.ts";
import { holdoutRoot } from "./holdout.ts";

/** What a model is evaluated on. @param holdout Record after record, `features` values each. @param labels A byte a record. */
export interface EvaluationInput extends HeadShape {
  readonly holdout: Int16Array;
  readonly labels: Uint8Array;
}

/** @param predictions A byte a record. */
export interface EvaluatedModel {
  readonly evaluation: Evaluation;
  readonly predictions: Uint8Array;
}

/** Positions at which two columns of bytes have the same. */
export function countEqual(left: Uint8Array, right: Uint8Array): number {
  return left.reduce((sum, byte, i) => sum + (byte === right[i] ? 1 : 0), 0);
}

/**
 * Evaluates a model: the same integers on every machine.
 * @throws out-of-range, length-mismatch
 */
export function evaluateModel(model: Int32Array, input: EvaluationInput, hashPairs?: HashPairs): EvaluatedModel {
  const { headLane, features, classes, featureBits, holdout, labels } = input;
  const stray = labels.findIndex((label) => label >= classes);
  if (stray >= 0) throw protocolError("out-of-range", `The label of record ${stray} is ${labels[stray]!}; there are ${classes} classes.`);
  const predictions = predictAll(model, input, holdout, labels.length);
  const evaluation = {
    headLane, features, classes, featureBits, records: labels.length, correct: countEqual(predictions, labels),
    holdoutRoot: holdoutRoot(holdout, features, hashPairs), labelsHash: columnHash(labels), predictionsHash: columnHash(predictions),
  };
  return { evaluation, predictions };
}
