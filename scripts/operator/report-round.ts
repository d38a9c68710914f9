import type { Address, Hex } from "viem";
import {
  aggregate,
  buildRoundBundle,
  createDomain,
  effectiveWeights,
  excludedBitmap,
  parameterCount,
  reportHash,
  verifyRoundBundle,
  type FederationConfig,
  type HashPairs,
  type ModelSpec,
  type Report,
} from "../../protocol/index.ts";
import type { Json } from "../../protocol/bundle/canonical-json.ts";
import { firstFailure } from "../../protocol/bundle/checks.ts";
import type { EvaluationInput } from "../../protocol/evaluation/evaluate.ts";
import { ChongwenError, protocolError } from "../../protocol/errors.ts";
import type { EscrowRegister } from "../../protocol/privacy/escrow.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import { readPostedPayloads } from "../ledger/posted-payloads.ts";
import { reportedRound, roundExpectations } from "../../protocol/ledger/expectations.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import type { ArtefactStore } from "../store/index.ts";
import { openEnvelopes } from "./open-envelopes.ts";
import { collectQuorum, type Check } from "./quorum.ts";
import type { OperatorContext, WeighedEntry } from "./seal-round.ts";

/** A sealed round whose payloads have been published. */
export interface SealedRound {
  readonly federation: number;
  readonly round: number;
  readonly sealAttempt: number;
  readonly attempt: number;
  readonly parentRound: number;
  readonly config: FederationConfig;
  readonly modelSpec: ModelSpec;
  readonly base: Int32Array;
  readonly entries: readonly WeighedEntry[];
  /** By seat. A seat with weight that is not here is excluded: its payload never came. */
  readonly updates: ReadonlyMap<number, Int16Array>;
  /** In privacy mode B: what came in place of updates. */
  readonly escrow?: { readonly register: EscrowRegister; readonly envelopes: ReadonlyMap<number, Uint8Array> } | null;
}

export interface ReportedRound {
  readonly model: Int32Array;
  readonly metrics: Json;
  readonly report: Report;
}

/** @param metrics Integers only. @param evaluation What to publish of it, so that anyone can disprove it; null when the holdout is private. */
export interface EvaluatedModel {
  readonly metrics: Json;
  readonly evaluation: EvaluationInput | null;
}

export interface ReportParameters {
  readonly store: ArtefactStore;
  readonly hashPairs: HashPairs;
  /** Opens envelopes for an operator, by the account that signs; null without a key. */
  readonly readerOf?: (operator: Address) => EscrowReader | null;
  readonly evaluate: (model: Int32Array) => EvaluatedModel;
}

/**
 * Aggregates a sealed round, stores its bundle, and reports it. Before it signs, each operator reads the bundle back from the store and recomputes it.
 */
export async function reportRound(context: OperatorContext, sealed: SealedRound, { store, hashPairs, evaluate, readerOf = () => null }: ReportParameters): Promise<ReportedRound> {
  const { kernel, transactor, operators, relayer } = context;
  const { federation, round, config, entries } = sealed;
  const facts = await readFacts(kernel, federation);
  const parent = reportedRound(facts, sealed.parentRound);
  if (parent === null) throw new ChongwenError({ code: "parent-missing", message: `Round ${round} extends round ${sealed.parentRound}, which has no report.`, fix: "Wait until its parent is reported again.", retryable: true });

  // What was posted on chain counts as delivered: the ledger refuses a report without it.
  const posted = await readPostedPayloads(kernel, federation, round, parameterCount(sealed.modelSpec));
  const opened = await openEnvelopes(context, sealed, readerOf);
  const updates = new Map([...sealed.updates, ...opened, ...[...posted].map(([i, update]) => [entries[i]?.seat ?? -1, update] as const)]);
  const excluded = excludedBitmap([...entries.keys()].filter((i) => entries[i]?.weight !== 0 && !updates.has(entries[i]?.seat ?? -1)));
  const weights = effectiveWeights(entries.map(({ weight }) => weight), excluded);
  const counted = entries.flatMap(({ seat }, i) => {
    const update = updates.get(seat);
    const weight = weights[i] ?? 0;
    return update === undefined || weight === 0 ? [] : [{ update, weight }];
  });
  const model = aggregate(config.ruleId, config.ruleParam, sealed.base, counted.map(({ update }) => update), counted.map(({ weight }) => weight));
  const { metrics, evaluation } = evaluate(model);

  const { chainId } = kernel.deployment;
  const ledger = kernel.rounds.address;
  const { modelRoot: _, ...pinned } = parent;
  const bundle = buildRoundBundle({ ...sealed, updates, chainId, ledger, parent: pinned, excluded, model, metrics, evaluation, hashPairs });
  const artefact: Hex = await store.putDirectory(bundle.files);
  const report: Report = { ...bundle.report, artefact };

  const recompute: Check = async ({ account }) => {
    const recorded = facts.rounds.find((entry) => entry.round === round);
    const expected = recorded && roundExpectations(facts, recorded, { reportHash: reportHash(report), artefact }, sealed.base);
    if (!expected) throw new ChongwenError({ code: "round-unknown", message: `The ledger has no sealed round ${round}.`, fix: "Check that the endpoint is in step with the chain." });
    const { checks, unread } = await verifyRoundBundle(await store.open(artefact, { label: `round ${round}` }), expected, hashPairs, readerOf(account.address));
    const [payload] = unread;
    if (payload !== undefined) throw payload.error ?? protocolError("envelope-key-missing", `${payload.path} is escrowed, and this operator has no key.`);
    const failure = firstFailure(checks);
    if (failure !== null) {
      throw new ChongwenError({
        code: "round-mismatch",
        message: `Round ${round}, ${failure.subject}: ${failure.name} is ${failure.actual}, expected ${failure.expected}.`,
        fix: "Do not sign. Ask whoever aggregated the round for the inputs it used.",
      });
    }
  };
  const quorum = await collectQuorum(kernel, operators, { domain: createDomain(chainId, ledger), name: "Report", value: report }, recompute);
  const { modelRoot, metricsHash } = report;
  await transactor.send(relayer, {
    kind: "report",
    ...kernel.rounds,
    functionName: "report",
    args: [federation, { modelRoot, metricsHash, excluded, artefact }, quorum],
  });
  return { model, metrics, report };
}
