import type { Address, Hex } from "viem";
import {
  bytesOf,
  createDomain,
  effectiveWeights,
  excludedBitmap,
  parameterCount,
  type FederationConfig,
  type HashPairs,
  type ModelSpec,
  type Report,
} from "../../protocol/index.ts";
import type { Json } from "../../protocol/bundle/canonical-json.ts";
import { updatePath } from "../../protocol/bundle/round-manifest.ts";
import type { EvaluationInput } from "../../protocol/evaluation/evaluate.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { EscrowRegister } from "../../protocol/privacy/escrow.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import { requireProven } from "../chain/proofs/believed.ts";
import { readPostedPayloads } from "../ledger/posted-payloads.ts";
import { reportedRound } from "../../protocol/ledger/expectations.ts";
import { readPart } from "../../protocol/ledger/read-part.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import type { ArtefactStore } from "../store/index.ts";
import { LazyMap } from "../store/lazy-map.ts";
import { sendOnce } from "./already-done.ts";
import { checkReport } from "./check-report.ts";
import { openEnvelopes } from "./open-envelopes.ts";
import { collectQuorum, type Check } from "./quorum.ts";
import { inThisThread, type Recomputation } from "./recomputation.ts";
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
  /** By seat. A seat with weight that is not here is excluded: its payload never came. Each is asked for when it is needed, so it may lie on a disk. */
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
  readonly evaluate: (model: Int32Array) => EvaluatedModel | Promise<EvaluatedModel>;
  /** By default in this thread. */
  readonly recomputation?: Recomputation;
}

/**
 * Aggregates a sealed round, stores its bundle, and reports it. Before it signs, each operator reads the bundle back from the store and recomputes it.
 * @throws AlreadyDone when another report was first
 */
export async function reportRound(context: OperatorContext, sealed: SealedRound, { store, hashPairs, evaluate, readerOf = () => null, recomputation = inThisThread(hashPairs) }: ReportParameters): Promise<ReportedRound> {
  const { kernel, transactor, operators, relayer } = context;
  const { federation, round, config, entries } = sealed;
  const facts = await readPart(kernel, federation, [round]);
  const parent = reportedRound(facts, sealed.parentRound);
  if (parent === null) throw new ChongwenError({ code: "parent-missing", message: `Round ${round} extends round ${sealed.parentRound}, which has no report.`, fix: "Wait until its parent is reported again.", retryable: true });

  // What was posted on chain counts as delivered: the ledger refuses a report without it.
  const posted = await readPostedPayloads(kernel, federation, round, parameterCount(sealed.modelSpec));
  const opened = await openEnvelopes(context, sealed, readerOf);
  const updateOf = (i: number): Int16Array | undefined => {
    const seat = entries[i]?.seat ?? -1;
    return posted.get(i) ?? opened.get(seat) ?? sealed.updates.get(seat);
  };
  const came = (i: number): boolean => posted.has(i) || opened.has(entries[i]?.seat ?? -1) || sealed.updates.has(entries[i]?.seat ?? -1);
  const excluded = excludedBitmap([...entries.keys()].filter((i) => entries[i]?.weight !== 0 && !came(i)));
  const weights = effectiveWeights(entries.map(({ weight }) => weight), excluded);
  const counted = [...entries.keys()].filter((i) => weights[i] !== 0 && came(i));
  const weighted = new LazyMap(counted, (i) => [updateOf(i) ?? new Int16Array(), weights[i] ?? 0] as const);
  const model = await recomputation.aggregate(config, parameterCount(sealed.modelSpec), sealed.base, weighted.values());
  const { metrics, evaluation } = await evaluate(model);

  const { chainId } = kernel.deployment;
  const ledger = kernel.rounds.address;
  const { modelRoot: _, ...pinned } = parent;
  const { modelSpec, sealAttempt, attempt } = sealed;
  const lanes = parameterCount(modelSpec);
  const escrow = sealed.escrow === undefined || sealed.escrow === null ? null : { register: sealed.escrow.register, envelopes: new Map(sealed.escrow.envelopes) };
  const bundle = await recomputation.build({ chainId, ledger, federation, round, sealAttempt, attempt, parent: pinned, config, modelSpec, entries, excluded, model, metrics, evaluation, escrow });
  // Updates go from where they lie into the store, one at a time.
  const seats = new Map(escrow === null ? counted.map((i) => [updatePath(entries[i]?.seat ?? -1), i]) : []);
  const files = new LazyMap(
    [...bundle.files.keys(), ...seats.keys()],
    (file) => bundle.files.get(file) ?? bytesOf(updateOf(seats.get(file) ?? -1) ?? new Int16Array()),
    (file) => bundle.files.get(file)?.length ?? 2 * lanes,
  );
  const artefact: Hex = await store.putDirectory(files);
  const report: Report = { ...bundle.report, artefact };

  const recompute: Check = async ({ account }) => checkReport({ facts, report, base: sealed.base, store, recomputation, reader: readerOf(account.address) });
  await requireProven(context.prover, federation, new Map([
    [round, { hash: report.sealHash, states: ["Sealed"], attempt: report.attempt }],
    [parent.round, { hash: parent.reportHash, states: ["Reported", "Final"] }],
  ]));
  const { modelRoot, metricsHash } = report;
  const input = { modelRoot, metricsHash, excluded, artefact };
  await sendOnce(
    async () => {
      const quorum = await collectQuorum(kernel, operators, { domain: createDomain(chainId, ledger), name: "Report", value: report }, recompute, context.limits);
      return transactor.send(relayer, { kind: "report", ...kernel.rounds, functionName: "report", args: [federation, input, quorum] });
    },
    async () => {
      const now = await kernel.rounds.read.roundOf([federation, round]);
      return now.attempt !== sealed.attempt || ROUND_STATES[now.state] !== "Sealed" ? `round ${round} is ${ROUND_STATES[now.state] ?? "gone"}` : null;
    },
  );
  return { model, metrics, report };
}
