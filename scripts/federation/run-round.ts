import type { Hex } from "viem";
import { createDomain, type Entry } from "../../protocol/index.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { createEscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import { readOpenRound } from "../ledger/open-round.ts";
import { reportRound, type ReportedRound } from "../operator/report-round.ts";
import { sealRound } from "../operator/seal-round.ts";
import { contributePrivately } from "../site/contribute.ts";
import { sealUpdate } from "../site/escrow.ts";
import { cryptoRandom } from "../site/random.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { trainingSeed } from "../trainer/baselines.ts";
import { evaluate, publishedEvaluation, type Evaluation } from "../trainer/evaluate.ts";
import { TRAINING_DEFAULTS } from "../trainer/simulate.ts";
import { localUpdate } from "../trainer/update.ts";
import type { FederationEscrow, Setting } from "./setting.ts";

/** One round, reported. */
export interface RoundOutcome extends ReportedRound {
  readonly round: number;
  readonly evaluation: Evaluation;
  /** Entries that count, as settlements score them. */
  readonly seats: readonly number[];
  readonly weights: readonly number[];
  readonly roots: readonly Hex[];
  readonly parentRound: number;
}

/** Runs the open round: every seated hospital trains and signs, the operators seal, payloads are published, the operators report. */
export async function runRound(setting: Setting, base: Int32Array): Promise<RoundOutcome> {
  const { kernel, federation, split, modelSpec, config, store, holdout, privacy, escrow } = setting;
  const open = await readOpenRound(kernel, federation);
  if (open === null) {
    throw new ChongwenError({ code: "round-not-open", message: `Federation ${federation} has a sealed round that waits for its report.`, fix: "Wait for the report.", retryable: true });
  }
  const { round } = open.context;
  const domain = createDomain(kernel.deployment.chainId, kernel.rounds.address);
  const updates = new Map<number, Int16Array>();
  const entries: Entry[] = [];
  for (const [at, { seat, site, keys }] of setting.hospitals.entries()) {
    if (seat === null) continue;
    const { epochs, learningRate } = TRAINING_DEFAULTS;
    const seed = trainingSeed(split.seed, round, at);
    const { values } = localUpdate({ spec: modelSpec, base, records: site.records, epochs, learningRate, seed });
    const { noise = null, rhoPerRound: rho = 0, random = cryptoRandom } = privacy ?? {};
    const made = await contributePrivately({ signer: keys.signer, domain, context: open.context, seat, rho, update: values, noise, random, hashPairs: nativeHashPairs });
    entries.push(made.entry);
    updates.set(seat, made.update);
  }
  const weighed = await sealRound(setting, open, entries);

  // Only now, with the set frozen, do the updates leave their sites.
  const sealed = {
    federation, round, sealAttempt: open.attempt, attempt: open.attempt, parentRound: open.parentRound,
    config, modelSpec, base, entries: weighed, updates: escrow === null ? updates : new Map<number, Int16Array>(),
    escrow: escrow === null ? null : { register: escrow.register, envelopes: await sealAll(setting, escrow, round, weighed, updates) },
  };
  let evaluation: Evaluation | undefined;
  const reported = await reportRound(setting, sealed, {
    store,
    hashPairs: nativeHashPairs,
    readerOf: escrow === null ? () => null : (account) => createEscrowReader(escrow.keyOf(account), escrow.slips.get),
    evaluate: (model) => {
      evaluation = evaluate(model, split.holdout.records);
      return { metrics: metricsOf(evaluation, holdout), evaluation: publishedEvaluation(split.holdout.records) };
    },
  });
  if (evaluation === undefined) throw new Error("A round was reported without being evaluated.");
  return { ...reported, round, evaluation, parentRound: open.parentRound, seats: weighed.map(({ seat }) => seat), roots: weighed.map(({ updateRoot }) => updateRoot), weights: weighed.map(({ weight }) => weight) };
}

/** Privacy mode B: each site encrypts what it committed to. */
export async function sealAll({ kernel, federation }: Setting, escrow: FederationEscrow, round: number, entries: readonly Entry[], updates: ReadonlyMap<number, Int16Array>) {
  const envelopes = new Map<number, Uint8Array>();
  for (const { seat, updateRoot } of entries) {
    const update = updates.get(seat);
    if (update === undefined) continue;
    const context = { chainId: kernel.deployment.chainId, ledger: kernel.rounds.address, federation, round, seat, updateRoot };
    envelopes.set(seat, await sealUpdate({ ...escrow, update, context }));
  }
  return envelopes;
}

/** Integer counts, and the holdout on which anyone can count again. */
export function metricsOf({ correct, total, confusion }: Evaluation, holdout: string) {
  return { correct, total, accuracyPpm: Math.round((1_000_000 * correct) / total), confusion, holdout };
}
