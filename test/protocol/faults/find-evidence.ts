/** Evidence as a watcher gathers it, made from the round of `support/round.ts`: what the chain says, and every file. */
import type { Address } from "viem";
import { bytesOf, toHex } from "../../../protocol/bytes.ts";
import { type Evaluation, metricsHash } from "../../../protocol/evaluation/evaluation.ts";
import { traceOf } from "../../../protocol/faults/find-norm-fault.ts";
import type { KeyBook, KeyRecord, LedgerRound, RoundFiles } from "../../../protocol/faults/find-evidence.ts";
import {
  columnHash,
  COLUMN_WIDTHS,
  createSeal,
  effectiveWeights,
  encodeJson,
  genesisReport,
  hashTreeRoot,
  int16Of,
  modelRoot,
  normSqOf,
  packHex,
  packSealColumns,
  packUints,
  sealHash,
  type Entry,
  type Hex,
  type Report,
  type Seal,
} from "../../../protocol/index.ts";
import { makeRound, SEATS, type RoundOptions } from "../support/round.ts";

export interface Evidence {
  readonly round: LedgerRound;
  readonly files: RoundFiles;
  readonly keys: KeyBook;
  /** Of the entries, in order. */
  readonly signers: readonly Address[];
}

/** What an operator, or a contributor, got wrong before it was hashed. */
export interface Wrongs extends RoundOptions {
  readonly entries?: (entries: (Entry & { weight: number })[]) => (Entry & { weight: number })[];
  readonly model?: (model: Int32Array) => void;
  /** Columns as sealed, whatever the entries say. */
  readonly columns?: { readonly norms?: Uint8Array; readonly normTraces?: Uint8Array; readonly signatures?: Uint8Array };
  readonly predictions?: (predictions: Uint8Array) => Uint8Array;
  readonly correct?: number;
  readonly evaluation?: Partial<Evaluation>;
}

const contributorOf = (seat: number): number => 100 + seat;

/** A whole round with these wrongs in it, all hashes over what is wrong: as a quorum would have signed it. */
export async function makeEvidence(wrongs: Wrongs = {}): Promise<Evidence> {
  const { input, bundle, expected } = await makeRound(wrongs);
  const entries = wrongs.entries?.([...input.entries]) ?? input.entries;
  const model = input.model.slice();
  wrongs.model?.(model);
  const columns = { ...packSealColumns(entries), ...wrongs.columns };
  const weights = entries.map(({ weight }) => weight);
  const weightsHash = columnHash(packUints(weights, COLUMN_WIDTHS.weights));
  const seal: Seal = createSeal({ federation: 1, round: input.round, parentReportHash: input.parent.reportHash, configHash: expected.configHash }, 0, columns);
  const metrics = encodeJson(input.metrics);
  const predictions = evaluated(bundle.files.get("predictions.bin") ?? null, wrongs.predictions);
  const evaluation =
    bundle.manifest.evaluation === null || predictions === null
      ? null
      : { ...bundle.manifest.evaluation, predictionsHash: columnHash(predictions), correct: wrongs.correct ?? bundle.manifest.evaluation.correct, ...wrongs.evaluation };
  const report: Report = {
    federation: 1, round: input.round, attempt: 0, sealHash: sealHash(seal, weightsHash), modelRoot: modelRoot(model), metricsHash: metricsHash(evaluation, metrics),
    excluded: input.excluded, artefact: expected.artefact,
  };
  const counted = effectiveWeights(weights, input.excluded);
  return {
    round: {
      chainId: input.chainId, ledger: input.ledger, config: input.config, seal, report,
      seats: entries.map(({ seat }) => seat), updateRoots: entries.map(({ updateRoot }) => updateRoot), weights,
      parent: genesisReport(1, expected.parent.modelRoot, expected.artefact),
      registry: new Map(SEATS.map((seat, i) => [seat, { contributor: contributorOf(seat), exempt: i === 4 }])), posted: 0n,
    },
    files: {
      norms: columns.norms, normTraces: columns.normTraces, signatures: columns.signatures, metrics, evaluation, predictions,
      holdout: bundle.files.get("holdout.bin") ?? null, labels: bundle.files.get("labels.bin") ?? null,
      model: bytesOf(model), parentModel: expected.parent.model === null ? null : bytesOf(expected.parent.model),
      updates: new Map(entries.flatMap(({ seat }, i) => (counted[i] === 0 ? [] : [[i, bytesOf(input.updates.get(seat)!)] as const]))),
      traces: new Map(),
    },
    keys: keysOf(new Map(input.entries.map(({ seat, signer }) => [signer, { contributor: contributorOf(seat), used: true, retiredAt: 0 }]))),
    signers: input.entries.map(({ signer }) => signer),
  };
}

function evaluated(predictions: Uint8Array | null, change: Wrongs["predictions"]): Uint8Array | null {
  return predictions === null || change === undefined ? predictions : change(predictions.slice());
}

/** Keys that the registry knows; every other belongs to nobody. */
export function keysOf(records: ReadonlyMap<Address, KeyRecord>, { parentDeadline = 1_000, rotationDelay = 100 } = {}): KeyBook {
  return { parentDeadline, rotationDelay, keyRecord: async (key) => records.get(key) ?? { contributor: 0, used: false, retiredAt: 0 } };
}

/** The same round in a federation of other vectors: every root over more zeros, or fewer lanes. The signatures no longer fit; ask with `anyKey`. */
export function deepened({ round, files: whole, ...rest }: Evidence, depth: number): Evidence {
  const cut = (bytes: Uint8Array, width: number): Uint8Array => bytes.subarray(0, 64 * width * 2 ** depth);
  const updates = new Map([...whole.updates].map(([i, update]) => [i, cut(update, 2)]));
  const files = { ...whole, updates, model: cut(whole.model!, 4), parentModel: cut(whole.parentModel!, 4) };
  const root = (bytes: Uint8Array, tree: number): Hex => toHex(hashTreeRoot(bytes, tree));
  const updateRoots = round.updateRoots.map((known, i) => (files.updates.has(i) ? root(files.updates.get(i)!, depth + 2) : known));
  const normTraces = packHex(updateRoots.map((_, i) => root(traceOf(files.updates.get(i) ?? new Uint8Array(), depth), depth)), 32);
  const norms = packUints(updateRoots.map((_, i) => normSqOf(int16Of(files.updates.get(i) ?? new Uint8Array()))), COLUMN_WIDTHS.norms);
  const seal = { ...round.seal, updateRootsHash: columnHash(packHex(updateRoots, 32)), normsHash: columnHash(norms), normTracesHash: columnHash(normTraces) };
  const report = { ...round.report!, modelRoot: root(files.model, depth + 3) };
  const parent = { ...round.parent, modelRoot: root(files.parentModel, depth + 3) };
  return { ...rest, round: { ...round, config: { ...round.config, depth }, seal, updateRoots, report, parent }, files: { ...files, norms, normTraces } };
}

/** Everybody's key is everybody's. */
export function anyKey({ round }: Evidence): KeyBook {
  let asked = -1;
  const contributors = round.seats.map((seat) => round.registry.get(seat)!.contributor);
  return { parentDeadline: 0, rotationDelay: 0, keyRecord: async () => ({ contributor: contributors[++asked % contributors.length]!, used: true, retiredAt: 0 }) };
}
