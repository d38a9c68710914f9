import type { ModelSpec } from "../../protocol/model-spec.ts";
import { quantiseModel } from "../../protocol/quantise.ts";
import { largestAt } from "../data/apportion.ts";
import { deriveSeed } from "../data/random.ts";
import type { Records } from "../data/records.ts";
import type { Site, Split } from "../data/split.ts";
import { type Evaluation, evaluate, evaluateConstant } from "./evaluate.ts";
import { initialModel } from "./model.ts";
import { type LocalTrainer, trainLocal, type TrainLocalParameters } from "./train.ts";

/** What a site reaches without the others. */
export interface SiteResult {
  readonly name: string;
  /** training records */
  readonly records: number;
  readonly alone: Evaluation;
}

/** What a federation has to beat, on its own holdout. */
export interface Baselines {
  readonly perSite: readonly SiteResult[];
  /** The most accurate site, chosen on the holdout itself, which favours it. */
  readonly bestSite: SiteResult;
  /** Always the class most frequent among the training records. */
  readonly majority: Evaluation;
}

/** Parameters of `measureBaselines`. */
export interface BaselineParameters {
  readonly spec: ModelSpec;
  readonly split: Split;
  /** Local epochs a site runs in the whole federation: rounds × epochs per round. */
  readonly epochs: number;
  readonly learningRate: number;
  /** Default: the embedded trainer. */
  readonly train?: LocalTrainer;
}

/** A site alone is scored after the epochs of the federation and again after this many times as many; the better score counts. */
const ALONE_FACTOR = 4;

/**
 * Trains every site alone from the same start, with the same trainer and learning rate, and without the loss of quantised updates.
 * Nothing is chosen to a site's disadvantage: it gets four times the epochs, and the holdout picks both its better moment and the best site.
 */
export function measureBaselines({ spec, split, epochs, learningRate, train = trainLocal }: BaselineParameters): Baselines {
  const perSite = split.sites.map((site, at) => {
    const start = { model: initialModel(spec), records: site.records, epochs, learningRate, seed: trainingSeed(split.seed, 0, at) };
    return { name: site.name, records: site.records.count, alone: trainAlone(train, spec, start, split.holdout.records) };
  });
  return {
    perSite,
    bestSite: perSite.reduce((best, site) => (site.alone.accuracy > best.alone.accuracy ? site : best)),
    majority: evaluateConstant(majorityClass(split.sites), split.holdout.records),
  };
}

/** The seed of one site's training in one round; rounds count from 1, and 0 is training alone. */
export function trainingSeed(seed: number, round: number, site: number): number {
  return deriveSeed(seed, `round ${round}`, site);
}

function trainAlone(train: LocalTrainer, spec: ModelSpec, start: TrainLocalParameters, holdout: Records): Evaluation {
  const first = train(start);
  const longer = train({ ...start, model: first, epochs: start.epochs * (ALONE_FACTOR - 1) });
  const [early, late] = [first, longer].map((model) => evaluate(quantiseModel(spec, model).values, holdout)) as [Evaluation, Evaluation];
  return late.accuracy > early.accuracy ? late : early;
}

function majorityClass(sites: readonly Site[]): number {
  return largestAt(sites.map((site) => site.classCounts).reduce((sum, counts) => sum.map((count, label) => count + (counts[label] ?? 0))));
}
