import { aggregate, RULES } from "../../protocol/aggregate/aggregate.ts";
import { MAX_TOTAL_WEIGHT } from "../../protocol/aggregate/aggregator.ts";
import { quantiseModel } from "../../protocol/quantise.ts";
import { type SplitParameters, splitTable } from "../data/split.ts";
import type { Table } from "../data/table.ts";
import { type Baselines, measureBaselines, trainingSeed } from "./baselines.ts";
import { trainingError } from "./errors.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import { initialModel, softmaxSpec } from "./model.ts";
import { type LocalTrainer, trainLocal } from "./train.ts";
import { localUpdate } from "./update.ts";

/** How the embedded federation trains; measured in docs/decisions/training.md. */
export const TRAINING_DEFAULTS = { rounds: 8, epochs: 15, learningRate: 1 } as const;

/** Parameters of `simulateFederation`. */
export interface SimulateParameters extends SplitParameters {
  readonly rounds?: number;
  /** local epochs per round */
  readonly epochs?: number;
  readonly learningRate?: number;
  /** Default: the embedded trainer. */
  readonly train?: LocalTrainer;
}

/** A federation without a ledger, and what it is compared with; all evaluated on the same holdout. */
export interface FederationResult extends Baselines {
  readonly seed: number;
  /** The final model, int32 grid. */
  readonly model: Int32Array;
  readonly global: Evaluation;
  /** After each round; the last is `global`. */
  readonly rounds: readonly Evaluation[];
  readonly trainingRecords: number;
  readonly holdoutRecords: number;
  /** Lanes clamped to int16, over all updates. */
  readonly saturated: number;
}

/**
 * FedAvg (McMahan et al. 2017, arXiv 1602.05629) over simulated hospitals, with the ledger's integer updates and integer average,
 * weighted by records. The same seed gives the same model, bit for bit.
 */
export function simulateFederation(table: Pick<Table, "records">, parameters: SimulateParameters): FederationResult {
  const { rounds, epochs, learningRate } = { ...TRAINING_DEFAULTS, ...parameters };
  const { seed, train = trainLocal } = parameters;
  if (!Number.isInteger(rounds) || rounds < 1) {
    const fix = "Correct the federation's training parameters.";
    throw trainingError("training-parameter", `rounds is ${rounds}; a whole number from 1 is needed.`, fix);
  }
  const split = splitTable(table, parameters);
  const spec = softmaxSpec(table.records.featureCount, table.records.classCount);
  const weights = seatWeights(split.sites.map((site) => site.records.count));

  let model = quantiseModel(spec, initialModel(spec)).values;
  let saturated = 0;
  let global = evaluate(model, split.holdout.records);
  const evaluations: Evaluation[] = [];
  for (let round = 1; round <= rounds; round++) {
    const base = model;
    const updates = split.sites.map((site, at) => {
      const update = localUpdate({ spec, base, records: site.records, epochs, learningRate, seed: trainingSeed(seed, round, at), train });
      saturated += update.saturated;
      return update.values;
    });
    model = aggregate(RULES.fedavg, 0n, base, updates, weights);
    global = evaluate(model, split.holdout.records);
    evaluations.push(global);
  }
  return {
    seed,
    model,
    global,
    rounds: evaluations,
    trainingRecords: table.records.count - split.holdout.records.count,
    holdoutRecords: split.holdout.records.count,
    saturated,
    ...measureBaselines({ spec, split, epochs: rounds * epochs, learningRate, train }),
  };
}

/** Weights in the ledger's form, clamp(ceil(records / unit), 1, floor(65535 / seats)), with the smallest unit that cuts nobody off. */
export function seatWeights(recordCounts: readonly number[]): number[] {
  const most = Math.floor(MAX_TOTAL_WEIGHT / recordCounts.length);
  const unit = Math.max(1, Math.ceil(Math.max(...recordCounts) / most));
  return recordCounts.map((count) => Math.max(1, Math.ceil(count / unit)));
}
