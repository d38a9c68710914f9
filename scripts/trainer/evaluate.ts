import type { EvaluationInput } from "../../protocol/evaluation/evaluate.ts";
import { evaluationProblem } from "../../protocol/evaluation/evaluation.ts";
import { predictAll } from "../../protocol/evaluation/head.ts";
import { FEATURE_BITS, quantiseFeatures } from "../../protocol/evaluation/records.ts";
import type { Records } from "../data/records.ts";
import { requireFit } from "./model.ts";

/** What a model got right. Everything follows from the integer counts, which anyone recomputes exactly. */
export interface Evaluation {
  readonly correct: number;
  readonly total: number;
  /** confusion[truth][predicted], counts; classCount × classCount */
  readonly confusion: readonly (readonly number[])[];
  /** correct / total, 0 to 1 */
  readonly accuracy: number;
  /** mean over the classes that occur of the share recognised, 0 to 1 */
  readonly macroRecall: number;
}

/** Records as the ledger's evaluation takes them: the model is the one of `softmaxSpec`. */
export function evaluationInput(records: Records): EvaluationInput {
  const { featureCount, classCount, labels } = records;
  return { headLane: 0, features: featureCount, classes: classCount, featureBits: FEATURE_BITS, holdout: quantiseFeatures(records), labels };
}

/** What a report publishes of a holdout that is public anyway; null when it is larger than what can be disproven on chain. */
export function publishedEvaluation(records: Records): EvaluationInput | null {
  const input = evaluationInput(records);
  return evaluationProblem({ ...input, records: records.count }) === null ? input : null;
}

/**
 * Scores the integer model of the ledger on records, with the integer head that reports are disproven with: every machine and language gets the same
 * counts, and they are those of the report.
 *
 * @param model - int32 grid, all tensors with the same f, layout of `softmaxSpec`
 */
export function evaluate(model: Int32Array, records: Records): Evaluation {
  requireFit(model, records);
  const input = evaluationInput(records);
  const predictions = predictAll(model, input, input.holdout, records.count);
  return summarise(records, (record) => predictions[record] as number);
}

/** Scores "always the same class", the least that any model must beat. */
export function evaluateConstant(predicted: number, records: Records): Evaluation {
  return summarise(records, () => predicted);
}

function summarise(records: Records, predict: (record: number) => number): Evaluation {
  const confusion = Array.from({ length: records.classCount }, () => Array.from({ length: records.classCount }, () => 0));
  records.labels.forEach((truth, record) => {
    const row = confusion[truth] ?? [];
    const predicted = predict(record);
    row[predicted] = (row[predicted] ?? 0) + 1;
  });
  const hits = confusion.map((row, label) => row[label] ?? 0);
  const totals = confusion.map((row) => row.reduce((a, b) => a + b, 0));
  const correct = hits.reduce((a, b) => a + b, 0);
  const recalls = hits.flatMap((hit, label) => (totals[label] ? [hit / totals[label]] : []));
  return {
    correct,
    total: records.count,
    confusion,
    accuracy: correct / records.count,
    macroRecall: recalls.reduce((a, b) => a + b, 0) / recalls.length,
  };
}
