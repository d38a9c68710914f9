import { hexToBytes, type Hex } from "viem";
import { countedEntries } from "../../protocol/faults/find-aggregate-fault.ts";
import type { RoundFiles } from "../../protocol/faults/find-evidence.ts";
import { toHex } from "../../protocol/bytes.ts";
import { MANIFEST, MANIFEST_LIMIT } from "../../protocol/bundle/files.ts";
import { envelopePath, ESCROW_FILE, EVALUATION_FILES, METRICS_LIMIT, ROUND_FILES, updatePath } from "../../protocol/bundle/round-manifest.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { ENVELOPE_OVERHEAD } from "../../protocol/privacy/envelope.ts";
import { decodeRegister, ESCROW_LIMIT } from "../../protocol/privacy/escrow.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import { PRIVACY_MODES } from "../../protocol/privacy/modes.ts";
import { type Evaluation, EVALUATION_FIELDS, evaluationProblem, metricsHash } from "../../protocol/evaluation/evaluation.ts";
import { isExcluded } from "../../protocol/columns.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { Fetcher } from "./fetch.ts";
import { readInParts } from "./logs.ts";
import type { RoundOnChain } from "./read-round.ts";

/** Bytes of a column that a proof can hold. A longer one is as good as missing: nobody could show it on chain either. */
const COLUMN_LIMIT = 100_000;

/** Files that are known by what they hash to, wherever they came from: answers on chain, models that were recomputed. */
export type KnownFiles = ReadonlyMap<Hex, Uint8Array>;

/** Reads what a search for faults needs: each file from what is known, else from its bundle. @param escrow Opens the payloads of an escrowed round. */
export async function readRoundFiles(round: RoundOnChain, known: KnownFiles, fetcher: Fetcher, escrow: EscrowReader | null = null): Promise<RoundFiles> {
  const { ledger, report } = round;
  const { config, seal, parent } = ledger;
  const lanes = 64 * 2 ** config.depth;
  const get = async (commitment: Hex, artefact: Hex, path: string, limit: number): Promise<Uint8Array | null> =>
    known.get(commitment) ?? (await fetcher.read(artefact, path, limit));
  const own = (commitment: Hex, path: string, limit: number): Promise<Uint8Array | null> => get(commitment, report.artefact, path, limit);

  const normTraces = await own(seal.normTracesHash, ROUND_FILES.normTraces, COLUMN_LIMIT);
  const metrics = await fetcher.read(report.artefact, ROUND_FILES.metrics, METRICS_LIMIT);
  const updates = new Map<number, Uint8Array>();
  const traces = new Map<number, Uint8Array>();
  // Who shares its data with escrow holders only publishes no updates.
  const isPublic = config.privacyMode === 0;
  for (const i of countedEntries(ledger)) {
    const [root, seat] = [ledger.updateRoots[i], ledger.seats[i]];
    if (root === undefined || seat === undefined) continue;
    const update = isPublic ? await own(root, updatePath(seat), 2 * lanes) : await readEscrowed(round, fetcher, escrow, seat, root);
    if (update !== null) updates.set(i, update);
    // Traces are rebuilt from updates; one that is not the update's is known only when somebody had to show it.
    const trace = known.get(normTraces === null ? "0x" : toHex(normTraces.subarray(32 * i, 32 * i + 32)));
    if (trace !== undefined) traces.set(i, trace);
  }
  return {
    norms: await own(seal.normsHash, ROUND_FILES.norms, COLUMN_LIMIT),
    normTraces,
    signatures: await own(seal.signaturesHash, ROUND_FILES.signatures, COLUMN_LIMIT),
    metrics,
    ...(await readEvaluation(round, metrics, fetcher)),
    model: await own(report.modelRoot, ROUND_FILES.model, 4 * lanes),
    parentModel: config.hasBase ? await get(parent.modelRoot, parent.artefact, ROUND_FILES.model, 4 * lanes) : null,
    updates,
    traces,
  };
}

/** An escrowed update, for who has a key; null when it cannot be read, for whatever reason. What it holds is compared with its root by the search. */
async function readEscrowed({ ledger, report }: RoundOnChain, fetcher: Fetcher, escrow: EscrowReader | null, seat: number, updateRoot: Hex): Promise<Uint8Array | null> {
  if (escrow === null || ledger.config.privacyMode !== PRIVACY_MODES.escrowed) return null;
  const { artefact, federation, round } = report;
  const [envelope, register] = [await fetcher.read(artefact, envelopePath(seat), 128 * 2 ** ledger.config.depth + ENVELOPE_OVERHEAD), await fetcher.read(artefact, ESCROW_FILE, ESCROW_LIMIT)];
  if (envelope === null || register === null) return null;
  try {
    const context = { chainId: ledger.chainId, ledger: ledger.ledger, federation, round, seat, updateRoot };
    return (await escrow.open(envelope, context, decodeRegister(register))).payload;
  } catch (error) {
    if (error instanceof ChongwenError) return null;
    throw error;
  }
}

/** What a part of a posting holds: 2^11 chunks. */
const PART_BYTES = 32 * 2 ** 11;

/** Payloads that were posted on chain, by their update root: nobody can withhold those. */
export async function readPosted({ postings, client, deployment }: Kernel, { ledger, report }: RoundOnChain): Promise<Map<Hex, Uint8Array>> {
  const posted = new Map<Hex, Uint8Array>();
  if (ledger.posted === 0n) return posted;
  const { federation, round, sealHash } = report;
  const range = { fromBlock: deployment.fromBlock, toBlock: await client.getBlockNumber() };
  const logs = await readInParts(range, (part) => client.getContractEvents({ ...postings, eventName: "PartPosted", args: { federation, round, sealHash }, ...part, strict: true }));
  for (const [entry, root] of ledger.updateRoots.entries()) {
    if (!isExcluded(ledger.posted, entry)) continue;
    const parts = logs.filter(({ args }) => args.entry === BigInt(entry)).map(({ args }) => ({ at: Number(args.part) * PART_BYTES, lanes: hexToBytes(args.lanes) }));
    const file = new Uint8Array(Math.max(0, ...parts.map(({ at, lanes }) => at + lanes.length)));
    for (const { at, lanes } of parts) file.set(lanes, at);
    posted.set(root, file);
  }
  return posted;
}

type EvaluationFiles = Pick<RoundFiles, "evaluation" | "predictions" | "labels" | "holdout">;

/** The files of an evaluation, when the report has one. */
async function readEvaluation({ report }: RoundOnChain, metrics: Uint8Array | null, fetcher: Fetcher): Promise<EvaluationFiles> {
  const none: EvaluationFiles = { evaluation: null, predictions: null, labels: null, holdout: null };
  if (metrics === null || metricsHash(null, metrics) === report.metricsHash) return none;
  const evaluation = evaluationIn(await fetcher.read(report.artefact, MANIFEST, MANIFEST_LIMIT));
  if (evaluation === null || evaluationProblem(evaluation) !== null) return { ...none, evaluation };
  const read = (path: string, limit: number): Promise<Uint8Array | null> => fetcher.read(report.artefact, path, limit);
  return {
    evaluation,
    predictions: await read(EVALUATION_FILES.predictions, COLUMN_LIMIT),
    labels: await read(EVALUATION_FILES.labels, COLUMN_LIMIT),
    holdout: await read(EVALUATION_FILES.holdout, 2 * evaluation.features * evaluation.records),
  };
}

/** The evaluation that a manifest names. Only its hash, which the report has, says whether it is the report's. */
function evaluationIn(manifest: Uint8Array | null): Evaluation | null {
  try {
    const { evaluation } = JSON.parse(new TextDecoder().decode(manifest ?? new Uint8Array())) as { evaluation?: Record<string, unknown> | null };
    if (typeof evaluation !== "object" || evaluation === null) return null;
    const fits = EVALUATION_FIELDS.every(({ name, type }) => typeof evaluation[name] === (type === "bytes32" ? "string" : "number"));
    return fits ? (Object.fromEntries(EVALUATION_FIELDS.map(({ name }) => [name, evaluation[name]])) as unknown as Evaluation) : null;
  } catch {
    return null;
  }
}
