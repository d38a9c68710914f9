/** Vectors of the integer evaluator and the utilities; test/python/scoring.py gives the same from the same inputs. */
import { createUtility, type Targets } from "../../protocol/scoring/utility.ts";
import { modelLogits, updateLogits } from "../../protocol/scoring/logits.ts";
import type { HeadShape } from "../../protocol/evaluation/evaluation.ts";
import { Random } from "../../scripts/data/random.ts";

export type ScoringCase =
  | { readonly kind: "logits"; readonly lanes: "int16" | "int32"; readonly model: readonly number[]; readonly head: HeadShape; readonly values: readonly number[] }
  | { readonly kind: "macro-auc"; readonly logits: readonly number[]; readonly labels: readonly number[]; readonly classes: number }
  | { readonly kind: "log-likelihood"; readonly logits: readonly number[]; readonly labels: readonly number[]; readonly classes: number; readonly gridBits: number }
  | { readonly kind: "mean-absolute-error"; readonly logits: readonly number[]; readonly targets: readonly number[] };

/** What TypeScript makes of a case. */
export function solveScoringCase(scoringCase: ScoringCase): number | readonly number[] {
  if (scoringCase.kind === "logits") {
    const { lanes, model, head, values } = scoringCase;
    const holdout = { values: Int16Array.from(values), records: values.length / head.features };
    return [...(lanes === "int16" ? updateLogits(Int16Array.from(model), head, holdout) : modelLogits(Int32Array.from(model), head, holdout))];
  }
  const [targets, classes, gridBits]: [Targets, number, number] =
    scoringCase.kind === "mean-absolute-error"
      ? [Int32Array.from(scoringCase.targets), 1, 0]
      : [Uint8Array.from(scoringCase.labels), scoringCase.classes, scoringCase.kind === "log-likelihood" ? scoringCase.gridBits : 0];
  return createUtility(scoringCase.kind, targets, classes, gridBits)(Float64Array.from(scoringCase.logits));
}

/** From −most to most. */
const around = (random: Random, most: number): number => random.below(2 * most + 1) - most;

function many(count: number, make: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** Cases from a seed: ordinary ones, and those at the ends: ties everywhere, a class that nobody has, lanes at the edge of their type. */
export function scoringCases(seed: number): ScoringCase[] {
  const random = new Random(seed, "scoring vectors");
  const classes = 2 + random.below(5);
  const records = 12 + random.below(12);
  const labels = many(records, (i) => (i < 2 ? i : random.below(classes)));
  const spread = 2 ** (4 + random.below(20));
  const coarse = many(records * classes, () => around(random, 2));
  const fine = many(records * classes, () => around(random, spread));
  const gridBits = random.below(17);
  const head = { headLane: random.below(3), features: 1 + random.below(9), classes, featureBits: random.below(16) };
  const lanes = head.headLane + (head.features + 1) * classes + random.below(3);
  const edge = (bits: number): number => (random.below(4) === 0 ? (random.below(2) === 0 ? -(2 ** (bits - 1)) : 2 ** (bits - 1) - 1) : around(random, 2 ** (bits - 2)));
  const targets = many(records, () => around(random, 2 ** 20));
  return [
    { kind: "logits", lanes: "int16", model: many(lanes, () => edge(16)), head, values: many(3 * head.features, () => edge(16)) },
    { kind: "logits", lanes: "int32", model: many(lanes, () => edge(32)), head, values: many(3 * head.features, () => edge(16)) },
    { kind: "macro-auc", logits: coarse, labels, classes },
    { kind: "macro-auc", logits: fine, labels, classes },
    { kind: "macro-auc", logits: fine, labels: labels.map((label) => label % 2), classes },
    { kind: "log-likelihood", logits: fine, labels, classes, gridBits },
    { kind: "log-likelihood", logits: many(records * classes, () => around(random, 2 ** (gridBits + 2))), labels, classes, gridBits },
    { kind: "mean-absolute-error", logits: targets.map((target) => target + around(random, 2 ** 18)), targets },
    { kind: "mean-absolute-error", logits: targets.map((target) => -20 * target), targets },
  ];
}

const VECTOR_SEEDS = [1, 2, 3];

export function scoringVectors(): unknown {
  return VECTOR_SEEDS.flatMap(scoringCases).map((scoringCase) => ({ case: scoringCase, result: solveScoringCase(scoringCase) }));
}
