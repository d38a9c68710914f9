import { createDomain, type Entry } from "../../protocol/index.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { metricsOf } from "../federation/run-round.ts";
import type { Setting } from "../federation/setting.ts";
import { readOpenRound } from "../ledger/open-round.ts";
import type { EvaluatedModel, ReportParameters, SealedRound } from "../operator/report-round.ts";
import { sealRound } from "../operator/seal-round.ts";
import { contribute } from "../site/contribute.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { trainingSeed } from "../trainer/baselines.ts";
import { evaluate, evaluationInput } from "../trainer/evaluate.ts";
import { TRAINING_DEFAULTS } from "../trainer/simulate.ts";
import { localUpdate } from "../trainer/update.ts";

/** Every seated hospital trains and signs, and the operators seal. What they then report is another matter. */
export async function sealNext(setting: Setting, base: Int32Array): Promise<SealedRound> {
  const { kernel, federation, split, modelSpec, config } = setting;
  const open = await readOpenRound(kernel, federation);
  if (open === null) throw new ChongwenError({ code: "round-not-open", message: `Federation ${federation} has a sealed round that waits for its report.`, fix: "Wait for the report.", retryable: true });
  const domain = createDomain(kernel.deployment.chainId, kernel.rounds.address);
  const updates = new Map<number, Int16Array>();
  const entries: Entry[] = [];
  for (const [at, { seat, site, keys }] of setting.hospitals.entries()) {
    if (seat === null) continue;
    const { epochs, learningRate } = TRAINING_DEFAULTS;
    const seed = trainingSeed(split.seed, open.context.round, at);
    const { values } = localUpdate({ spec: modelSpec, base, records: site.records, epochs, learningRate, seed });
    entries.push(await contribute({ signer: keys.signer, domain, context: open.context, seat, rho: 0, update: values, hashPairs: nativeHashPairs }));
    updates.set(seat, values);
  }
  return {
    federation, round: open.context.round, sealAttempt: open.attempt, attempt: open.attempt, parentRound: open.parentRound,
    config, modelSpec, base, entries: await sealRound(setting, open, entries), updates,
  };
}

/** How operators report: on the federation's public holdout. */
export function reportParameters({ store, split, holdout }: Setting): ReportParameters {
  const { records } = split.holdout;
  const evaluated = (model: Int32Array): EvaluatedModel => ({ metrics: metricsOf(evaluate(model, records), holdout), evaluation: evaluationInput(records) });
  return { store, hashPairs: nativeHashPairs, evaluate: evaluated };
}
