/**
 * What a model is worth on a holdout, as one integer in parts per million: the larger, the better. All exact, from integer logits.
 */
import { protocolError } from "../errors.ts";
import { PPM, type Utility as UtilityName } from "../terms/terms.ts";
import { exponential, logarithm, logarithmOfCount, NAT } from "./logarithm.ts";



/** Logits by record and class; what is right is known to the utility. */
export type Utility = (logits: Float64Array) => number;

/** What a model without any skill is worth. */
export const CHANCE: Readonly<Record<UtilityName, number>> = { "macro-auc": PPM / 2, "log-likelihood": 0, "mean-absolute-error": 0 };

/** What is right of each record: a class a byte, or for a regression an int32 in units of the model's grid. */
export type Targets = Uint8Array | Int32Array;

/** Whether these records can tell one model from another. */
export function isJudged(name: UtilityName, targets: Targets): boolean {
  if (name === "mean-absolute-error") return spread(targets) > 0;
  return targets.some((target) => target !== targets[0]);
}

/** @param gridBits Fraction bits of a logit. @throws out-of-range */
export function createUtility(name: UtilityName, targets: Targets, classes: number, gridBits: number): Utility {
  if (!isJudged(name, targets)) throw protocolError("out-of-range", "All records of the holdout are alike: they tell no model from another.");
  if (name === "mean-absolute-error") {
    if (targets instanceof Uint8Array || classes !== 1) throw protocolError("out-of-range", "A mean absolute error needs one output and int32 targets.");
    return meanAbsoluteError(targets);
  }
  if (!(targets instanceof Uint8Array)) throw protocolError("out-of-range", `${name} needs a class, a byte a record.`);
  const stray = targets.findIndex((target) => target >= classes);
  if (stray >= 0) throw protocolError("out-of-range", `The label of record ${stray} is ${targets[stray]!}; there are ${classes} classes.`);
  return name === "macro-auc" ? macroAuc(targets, classes) : logLikelihood(targets, classes, gridBits);
}

/**
 * Macro one-vs-rest AUC: for every class that some records have and some have not, the share of pairs (one that has it, one that has not) which the class's
 * margin `logit_c − max of the others` orders rightly, a tie counting half; then the mean over those classes. 500,000 is what guessing gives.
 * Source: Hand and Till, Machine Learning 45 (2001); pair counts: Mann and Whitney (1947).
 */
export function macroAuc(labels: Uint8Array, classes: number): Utility {
  const records = labels.length;
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  const judged = counts.flatMap((count, c) => (count > 0 && count < records ? [c] : []));
  // Twice the margin, plus one for a positive: sorting one column of numbers orders positives behind negatives of the same margin.
  const keys = new Float64Array(records);
  return (logits) => {
    const margins = marginsOf(logits, records, classes);
    let sum = 0;
    for (const c of judged) {
      for (let r = 0; r < records; r++) keys[r] = 2 * margins[r * classes + c]! + (labels[r] === c ? 1 : 0);
      keys.sort();
      const positives = counts[c]!;
      const pairs = positives * (records - positives);
      sum += Math.floor((orderedPairs(keys) * PPM + pairs) / (2 * pairs));
    }
    return Math.floor((2 * sum + judged.length) / (2 * judged.length));
  };
}

/** Twice the pairs ordered rightly, plus once the ties. */
function orderedPairs(keys: Float64Array): number {
  let [twice, below] = [0, 0];
  for (let at = 0; at < keys.length; ) {
    const margin = Math.floor(keys[at]! / 2);
    let [negatives, positives] = [0, 0];
    for (; at < keys.length && Math.floor(keys[at]! / 2) === margin; at++) {
      if (keys[at]! % 2 === 0) negatives++;
      else positives++;
    }
    twice += positives * (2 * below + negatives);
    below += negatives;
  }
  return twice;
}

/** Each class's logit less the largest of the others. */
function marginsOf(logits: Float64Array, records: number, classes: number): Float64Array {
  const margins = new Float64Array(logits.length);
  for (let r = 0, at = 0; r < records; r++, at += classes) {
    let [first, second, best] = [-Infinity, -Infinity, -1];
    for (let c = 0; c < classes; c++) {
      const logit = logits[at + c]!;
      if (logit > first) [second, first, best] = [first, logit, c];
      else if (logit > second) second = logit;
    }
    for (let c = 0; c < classes; c++) margins[at + c] = logits[at + c]! - (c === best ? second : first);
  }
  return margins;
}

/** rhu(loss·10^6, prior), at most 10: one hopeless model must not drown the others' differences. */
function ratioPpm(loss: number, prior: number): number {
  if (loss >= 10 * prior) return 10 * PPM;
  return Number((2n * BigInt(loss) * BigInt(PPM) + BigInt(prior)) / (2n * BigInt(prior)));
}

/**
 * 1 − Σ loss ∕ Σ prior loss, in ppm: 0 for who says how frequent each class is, 10^6 for who is always certain and right. Loss: −ln of the probability that
 * softmax gives the right class, at most 32 nats. Source: McFadden, “Conditional logit analysis of qualitative choice behavior” (1974), the likelihood ratio index.
 */
export function logLikelihood(labels: Uint8Array, classes: number, gridBits: number): Utility {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  const prior = labels.reduce((sum, label) => sum + logarithmOfCount(labels.length) - logarithmOfCount(counts[label]!), 0);
  const nats = (logit: number): number => Math.floor((logit * NAT) / 2 ** gridBits);
  return (logits) => {
    let loss = 0;
    for (let r = 0, at = 0; r < labels.length; r++, at += classes) {
      let largest = -Infinity;
      for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[at + c]!);
      let sum = 0;
      for (let c = 0; c < classes; c++) sum += exponential(nats(largest - logits[at + c]!));
      loss += Math.min(logarithm(sum) + nats(largest - logits[at + labels[r]!]!), 32 * NAT);
    }
    return PPM - ratioPpm(loss, prior);
  };
}

/**
 * 1 − Σ|prediction − target| ∕ Σ|target − median target|, in ppm: 0 for who always says the median.
 */
export function meanAbsoluteError(targets: Int32Array): Utility {
  const prior = spread(targets);
  return (predictions) => {
    let sum = 0;
    for (let r = 0; r < targets.length; r++) sum += Math.abs(predictions[r]! - targets[r]!);
    return PPM - ratioPpm(sum, prior);
  };
}

function spread(targets: Targets): number {
  const sorted = Float64Array.from(targets).sort();
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return sorted.reduce((sum, target) => sum + Math.abs(target - median), 0);
}
