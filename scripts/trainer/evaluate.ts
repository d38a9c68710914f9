import { largestAt } from "../data/apportion.ts";
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

/**
 * Scores the integer model of the ledger on records.
 *
 * Plain float64 in a fixed order: logit_c = bias_c, then + weight_ic · x_i for i ascending; the prediction is the largest
 * logit, the first of equals. No exponential, no fused or reordered sum, so that every IEEE 754 machine and language gets the same
 * counts. The common scale 2^-f of the grid is left out: it changes no comparison.
 *
 * @param model - int32 grid, all tensors with the same f, layout of `softmaxSpec`
 */
export function evaluate(model: Int32Array, records: Records): Evaluation {
  requireFit(model, records);
  const logits = new Float64Array(records.classCount);
  return summarise(records, (record) => {
    fillLogits(model, records, record, logits);
    return largestAt(logits);
  });
}

/** Scores "always the same class", the least that any model must beat. */
export function evaluateConstant(predicted: number, records: Records): Evaluation {
  return summarise(records, () => predicted);
}

function fillLogits(model: Int32Array, records: Records, record: number, logits: Float64Array): void {
  const { featureCount, classCount } = records;
  const features = records.features.subarray(record * featureCount, (record + 1) * featureCount);
  logits.set(model.subarray(featureCount * classCount));
  features.forEach((value, i) => {
    for (let c = 0; c < classCount; c++) logits[c] = (logits[c] as number) + (model[i * classCount + c] as number) * value;
  });
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
