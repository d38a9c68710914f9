/** The hospitals of the local network and whoever aggregates them: trains, signs, and hands bundles over to an operator, all over HTTP. */
import type { Hex } from "viem";
import { aggregate, buildRoundBundle, createDomain, effectiveWeights, int32Of, type Entry } from "../../protocol/index.ts";
import { decodeBundleStatus, type BundleStatus } from "../../protocol/handover/bundle-status.ts";
import { decodeOpenRound, type OpenRound } from "../../protocol/handover/open-round.ts";
import { artefactDigest } from "../../protocol/unixfs/encode.ts";
import type { Setting } from "../federation/setting.ts";
import { metricsOf } from "../federation/run-round.ts";
import { contribute } from "../site/contribute.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { trainingSeed } from "../trainer/baselines.ts";
import { evaluate, publishedEvaluation } from "../trainer/evaluate.ts";
import { TRAINING_DEFAULTS } from "../trainer/simulate.ts";
import { localUpdate } from "../trainer/update.ts";

/** An operator's service, as an aggregator speaks to it. Every call throws while it is down. */
export interface OperatorClient {
  openRound(): Promise<OpenRound | null>;
  model(round: number): Promise<Int32Array>;
  handOver(bundle: TrainedBundle): Promise<void>;
  /** Null when it knows nothing of it. */
  status(digest: Hex): Promise<BundleStatus | null>;
}

export interface TrainedBundle {
  readonly round: number;
  readonly digest: Hex;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Of the holdout, in parts per million. */
  readonly accuracy: number;
}

const WITHIN = 20_000;

export function createOperatorClient(url: string, token: string, federation: number): OperatorClient {
  async function ask(route: string, method = "GET", body?: Uint8Array): Promise<Response> {
    return fetch(new URL(route, url), { method, headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(WITHIN), ...(body === undefined ? {} : { body: Uint8Array.from(body) }) });
  }
  const bytes = async (response: Response): Promise<Uint8Array> => {
    const content = new Uint8Array(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${response.status}: ${new TextDecoder().decode(content).slice(0, 300)}`);
    return content;
  };
  return {
    async openRound() {
      const response = await ask(`/v1/federations/${federation}/round`);
      return response.status === 409 ? null : decodeOpenRound(await bytes(response));
    },
    model: async (round) => int32Of(await bytes(await ask(`/v1/federations/${federation}/rounds/${round}/model`))),
    async handOver({ digest, files }) {
      for (const [file, content] of files) await bytes(await ask(`/v1/bundles/${digest}/${file}`, "PUT", content));
      await bytes(await ask(`/v1/bundles/${digest}`, "POST"));
    },
    async status(digest) {
      const response = await ask(`/v1/bundles/${digest}`);
      return response.status === 404 ? null : decodeBundleStatus(await bytes(response));
    },
  };
}

/** Every seated hospital trains on the open round's model and signs; the bundle predicts what operators will find. */
export async function trainRound({ hospitals, split, holdout }: Setting, open: OpenRound, base: Int32Array): Promise<TrainedBundle> {
  const { chainId, ledger, federation, round, attempt, parent, config, configHash, modelSpec } = open;
  const context = { federation, round, parentReportHash: parent.reportHash, configHash };
  const updates = new Map<number, Int16Array>();
  const entries: (Entry & { readonly weight: number })[] = [];
  for (const [at, { seat, site, keys }] of hospitals.entries()) {
    const listed = open.seats.find((known) => known.seat === seat);
    if (seat === null || listed === undefined) continue;
    const { epochs, learningRate } = TRAINING_DEFAULTS;
    const { values } = localUpdate({ spec: modelSpec, base, records: site.records, epochs, learningRate, seed: trainingSeed(split.seed, round, at) });
    const entry = await contribute({ signer: keys.signer, domain: createDomain(chainId, ledger), context, seat, rho: listed.rho, update: values, hashPairs: nativeHashPairs });
    entries.push({ ...entry, weight: listed.weight });
    updates.set(seat, values);
  }
  const weights = effectiveWeights(entries.map(({ weight }) => weight), 0n);
  const model = aggregate(config.ruleId, config.ruleParam, base, entries.map(({ seat }) => updates.get(seat) ?? new Int16Array()), weights);
  const evaluation = evaluate(model, split.holdout.records);
  const { files } = buildRoundBundle({
    chainId, ledger, federation, round, sealAttempt: attempt, attempt, parent: { round: parent.round, reportHash: parent.reportHash, artefact: parent.artefact }, config, modelSpec, entries, excluded: 0n, updates, model,
    metrics: metricsOf(evaluation, holdout), evaluation: publishedEvaluation(split.holdout.records), hashPairs: nativeHashPairs,
  });
  return { round, digest: artefactDigest(files), files, accuracy: Math.round((1_000_000 * evaluation.correct) / evaluation.total) };
}
