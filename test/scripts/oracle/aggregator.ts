// An aggregator for tests: sites' updates to a bundle, as any framework's adapter makes it, from nothing but the open round and the model before.
import type { Hex, LocalAccount } from "viem";
import {
  aggregate, buildRoundBundle, createDomain, effectiveWeights, excludedBitmap, parameterCount, reportHash, type Entry, type Report, type RoundContext,
} from "../../../protocol/index.ts";
import type { EvaluationInput } from "../../../protocol/evaluation/evaluate.ts";
import type { OpenRound } from "../../../protocol/handover/open-round.ts";
import { artefactDigest } from "../../../protocol/unixfs/encode.ts";
import type { EnvelopeContext } from "../../../protocol/privacy/envelope.ts";
import type { EscrowRegister } from "../../../protocol/privacy/escrow.ts";
import type { Json } from "../../../protocol/bundle/canonical-json.ts";
import { contribute } from "../../../scripts/site/contribute.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";

export interface Site {
  readonly seat: number;
  readonly signer: LocalAccount;
}

export interface Made {
  /** What its entries are signed for. */
  readonly context: RoundContext;
  readonly files: Map<string, Uint8Array>;
  readonly digest: Hex;
  readonly report: Report;
  readonly model: Int32Array;
  readonly entries: readonly (Entry & { readonly weight: number })[];
  readonly updates: ReadonlyMap<number, Int16Array>;
  /** The round that comes next if everything happens as predicted. */
  readonly next: OpenRound;
}

export interface MakeOptions {
  readonly seed?: number;
  readonly evaluation?: EvaluationInput | null;
  readonly metrics?: Json;
  /** Seats that committed, and whose update never came. */
  readonly missing?: readonly number[];
  readonly change?: (update: Int16Array, seat: number) => void;
  /** What else an entry says after it is signed. */
  readonly spoil?: (entry: Entry) => Entry;
  /** In privacy mode B: who reads, and what a site puts into its envelope. */
  readonly escrow?: { readonly register: EscrowRegister; readonly seal: (update: Int16Array, about: Omit<EnvelopeContext, "chainId" | "ledger">) => Promise<Uint8Array> } | null;
  /** What the aggregator makes of the model. */
  readonly model?: (model: Int32Array) => void;
}

/** @param base The model of the parent. */
export async function makeBundle(open: OpenRound, base: Int32Array, sites: readonly Site[], options: MakeOptions = {}): Promise<Made> {
  const { seed = 1, evaluation = null, metrics = { seed }, missing = [], change = () => undefined, spoil = (entry) => entry, model: bend = () => undefined, escrow = null } = options;
  const { chainId, ledger, federation, round, attempt, parent, config, configHash, modelSpec } = open;
  const context = { federation, round, parentReportHash: parent.reportHash, configHash };
  const updates = new Map<number, Int16Array>();
  const entries: (Entry & { readonly weight: number })[] = [];
  for (const { seat, signer } of sites) {
    const update = Int16Array.from({ length: parameterCount(modelSpec) }, (_, i) => ((i * (seat + 3) * (seed + round)) % 201) - 100);
    change(update, seat);
    const { rho = 0, weight = 1 } = open.seats.find((listed) => listed.seat === seat) ?? {};
    const entry = await contribute({ signer, domain: createDomain(chainId, ledger), context, seat, rho, update, hashPairs: nativeHashPairs });
    entries.push({ ...spoil(entry), weight });
    if (!missing.includes(seat)) updates.set(seat, update);
  }
  const excluded = excludedBitmap([...entries.keys()].filter((i) => missing.includes(entries[i]?.seat ?? -1)));
  const weights = effectiveWeights(entries.map(({ weight }) => weight), excluded);
  const counted = entries.flatMap(({ seat }, i) => (weights[i] ? [{ update: updates.get(seat) ?? new Int16Array(), weight: weights[i] ?? 0 }] : []));
  const model = aggregate(config.ruleId, config.ruleParam, base, counted.map(({ update }) => update), counted.map(({ weight }) => weight));
  bend(model);
  const envelopes = new Map<number, Uint8Array>();
  for (const { seat, updateRoot } of escrow === null ? [] : entries) {
    const update = updates.get(seat);
    if (update !== undefined && escrow !== null) envelopes.set(seat, await escrow.seal(update, { federation, round, seat, updateRoot }));
  }
  const bundle = buildRoundBundle({ escrow: escrow === null ? null : { register: escrow.register, envelopes }, chainId, ledger, federation, round, sealAttempt: attempt, attempt, parent: { round: parent.round, reportHash: parent.reportHash, artefact: parent.artefact }, config, modelSpec, entries, excluded, updates, model, metrics, evaluation, hashPairs: nativeHashPairs });
  const digest = artefactDigest(bundle.files);
  const report: Report = { ...bundle.report, artefact: digest };
  const next: OpenRound = { ...open, round: round + 1, attempt: 0, parent: { round, reportHash: reportHash(report), artefact: digest, modelRoot: report.modelRoot } };
  return { context, files: new Map(bundle.files), digest, report, model, entries, updates, next };
}
