/** The heavy part of an operator's work, where it is done: in this thread, or in another one, so that whoever asks for something else is answered meanwhile. */
import type { Aggregator } from "../../protocol/aggregate/aggregator.ts";
import { evaluateModel, type EvaluatedModel, type EvaluationInput } from "../../protocol/evaluation/evaluate.ts";
import {
  buildRoundBundle, createAggregator, verifyRoundBundle,
  type BundleReader, type FederationConfig, type HashPairs, type RoundBundle, type RoundBundleInput, type RoundExpectations, type RoundVerification,
} from "../../protocol/index.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";

export type Rule = Pick<FederationConfig, "ruleId" | "ruleParam">;

/** An update with its effective weight. */
export type Weighted = readonly [update: Int16Array, weight: number];

export interface Recomputation {
  /** As `verifyRoundBundle`. */
  verify(reader: BundleReader, expected: RoundExpectations, escrow: EscrowReader | null): Promise<RoundVerification>;
  /** @param base Null when the federation has none. @param updates Taken one at a time. */
  aggregate(rule: Rule, parameters: number, base: Int32Array | null, updates: Iterable<Weighted>): Promise<Int32Array>;
  /** As `buildRoundBundle`; the updates themselves are left to whoever stores the bundle. */
  build(input: Omit<RoundBundleInput, "updates" | "hashPairs">): Promise<RoundBundle>;
  evaluate(model: Int32Array, input: EvaluationInput): Promise<EvaluatedModel>;
}

/** @param aggregatorOf Where a rule keeps what it has to see at once. */
export function inThisThread(hashPairs: HashPairs, aggregatorOf: (...rule: Parameters<typeof createAggregator>) => Aggregator = createAggregator): Recomputation {
  return {
    verify: (reader, expected, escrow) => verifyRoundBundle(reader, expected, hashPairs, escrow, aggregatorOf),
    async aggregate({ ruleId, ruleParam }, parameters, base, updates) {
      const aggregator = aggregatorOf(ruleId, ruleParam, parameters);
      for (const [update, weight] of updates) aggregator.add(update, weight);
      return aggregator.finish(base);
    },
    build: async (input) => buildRoundBundle({ ...input, updates: null, hashPairs }),
    evaluate: async (model, input) => evaluateModel(model, input, hashPairs),
  };
}
