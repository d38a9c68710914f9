/** Reads a bundle that somebody handed over and recomputes all of it. Nothing in it is believed: what does not follow from the chain and the updates is a refusal. */
import type { Address } from "viem";
import { decodeJson, type Json } from "../../protocol/bundle/canonical-json.ts";
import { readFile } from "../../protocol/bundle/reader.ts";
import type { ExpectedSeat } from "../../protocol/bundle/round-expectations.ts";
import { ESCROW_FILE, EVALUATION_FILES, envelopePath, METRICS_LIMIT, ROUND_FILES, updatePath } from "../../protocol/bundle/round-manifest.ts";
import type { EvaluationInput } from "../../protocol/evaluation/evaluate.ts";
import {
  bytesOf, COLUMN_WIDTHS, effectiveWeights, firstFailure, int16Of, parameterCount, readRoundManifest, reportHash, unpackHex, unpackNumbers,
  type Entry, type RoundManifest,
} from "../../protocol/index.ts";
import { ChongwenError, type ProtocolErrorCode } from "../../protocol/errors.ts";
import { readForcedSigners } from "../../protocol/ledger/forced-entries.ts";
import { decodeRegister, ESCROW_LIMIT, type EscrowRegister } from "../../protocol/privacy/escrow.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import { PRIVACY_MODES } from "../../protocol/privacy/modes.ts";
import { chainTime } from "../chain/clock.ts";
import type { Kernel } from "../chain/kernel.ts";
import { Refused } from "../service/refusal.ts";
import type { Recomputation } from "../operator/recomputation.ts";
import { LazyMap } from "../store/lazy-map.ts";
import type { Folder } from "./folder.ts";
import type { Held } from "./journal.ts";
import type { FederationLedger, StandingReport } from "./ledger.ts";

/** A bundle that says what its own updates give. @param entries With the weights that the aggregator expects. @param updates By seat; each is read when it is asked for, and so are envelopes. */
export interface Handed {
  readonly manifest: RoundManifest;
  readonly base: Int32Array;
  readonly entries: readonly (Entry & { readonly weight: number })[];
  readonly updates: ReadonlyMap<number, Int16Array>;
  readonly escrow: { readonly register: EscrowRegister; readonly envelopes: ReadonlyMap<number, Uint8Array> } | null;
  readonly model: Uint8Array;
  readonly metrics: Json;
  readonly evaluation: EvaluationInput | null;
}

/** @param escrow Opens envelopes of a federation in privacy mode B; null without a key. */
export interface JudgeContext {
  readonly kernel: Kernel;
  readonly ledger: FederationLedger;
  readonly escrow: EscrowReader | null;
  readonly recomputation: Recomputation;
}

/**
 * @param parent The report that the open round extends.
 * @throws entry-forged, bundle-wrong, and what the protocol library says of a file that cannot be read; retryable failures of chain and store
 */
export async function judge(context: JudgeContext, folder: Folder, held: Held, parent: StandingReport, configHash: `0x${string}`): Promise<Handed> {
  const { kernel, ledger, escrow, recomputation } = context;
  const manifest = await readRoundManifest(folder);
  const base = await ledger.model(parent);
  const { chainId, contracts } = kernel.deployment;
  const expected = {
    chainId, ledger: contracts.rounds, federation: held.federation, round: held.round, configHash, artefact: held.bundle,
    reportHash: reportHash({ ...manifest.report, artefact: held.bundle }), parent: { ...parent, model: base }, seats: await signersOf(context, manifest, held),
  };
  const { checks, unread } = await recomputation.verify(folder, expected, escrow);
  const failure = firstFailure(checks);
  if (failure !== null) {
    const code = failure.name === "signature" || failure.name === "signer" ? "entry-forged" : "bundle-wrong";
    throw new Refused(code, `${failure.subject}: ${failure.name} is ${failure.actual}, expected ${failure.expected}.`);
  }
  const [hidden] = unread;
  if (hidden !== undefined) {
    const { path, error } = hidden;
    // It says nothing about the bundle: another operator can read it, and a key or a slip may still come.
    if (error === null || error.code === KEY_MISSING) throw keyMissing(error?.message ?? `${path} is encrypted, and this operator has no key to it.`);
    throw new Refused("bundle-wrong", `${path} cannot be read: ${error.message}`, error);
  }
  return { manifest, base, ...(await contentsOf(folder, manifest)) };
}

/**
 * Whose signature is expected for each entry. A key of the same contributor that has been replaced still shows that nobody forged the entry; whether it
 * counts is decided when the entries are chosen.
 */
async function signersOf({ kernel }: JudgeContext, { entries }: RoundManifest, { federation, round, parent }: Held): Promise<Map<number, ExpectedSeat>> {
  const [count, now, forced] = await Promise.all([kernel.seats.read.seatCount([federation]), chainTime(kernel.client), readForcedSigners(kernel, federation, round, parent)]);
  const stranger = entries.find(({ seat }) => seat >= count);
  if (stranger !== undefined) throw new Refused("entry-forged", `Federation ${federation} has ${count} seats, and no seat ${stranger.seat}.`);
  return new Map(
    await Promise.all(
      entries.map(async ({ seat, signer }) => {
        const { contributor, dataset } = await kernel.seats.read.seatOf([federation, seat]);
        const [present, [owner, used], exempt] = await Promise.all([
          kernel.contributors.read.keyAt([contributor, BigInt(now)]),
          kernel.contributors.read.keyRecordOf([signer]),
          dataset === 0 ? false : kernel.datasets.read.termsOf([dataset]).then((terms) => terms.exempt),
        ]);
        const key: Address = forced.get(seat) ?? (used && owner === contributor ? signer : present);
        return [seat, { key, exempt }] as const;
      }),
    ),
  );
}

async function contentsOf(folder: Folder, manifest: RoundManifest): Promise<Omit<Handed, "manifest" | "base">> {
  const { entries, evaluation, modelSpec, config } = manifest;
  const parameters = parameterCount(modelSpec);
  const column = async (name: "weights" | "signatures") => readFile(folder, ROUND_FILES[name], entries.length * COLUMN_WIDTHS[name]);
  const weights = unpackNumbers(await column("weights"), COLUMN_WIDTHS.weights);
  const signatures = unpackHex(await column("signatures"), COLUMN_WIDTHS.signatures);
  const counted = effectiveWeights(weights, manifest.report.excluded);
  const escrowed = config.privacyMode === PRIVACY_MODES.escrowed;
  const seats = entries.flatMap(({ seat }, i) => (counted[i] === 0 ? [] : [seat]));
  const updates = new LazyMap(escrowed ? [] : seats, (seat) => int16Of(folder.readNow(updatePath(seat))));
  const envelopes = new LazyMap(escrowed ? seats : [], (seat) => folder.readNow(envelopePath(seat)));
  return {
    entries: entries.map((entry, i) => ({ ...entry, signature: signatures[i] ?? "0x", weight: weights[i] ?? 0 })),
    updates,
    escrow: escrowed ? { register: decodeRegister(await readFile(folder, ESCROW_FILE, ESCROW_LIMIT)), envelopes } : null,
    model: await readFile(folder, ROUND_FILES.model, 4 * parameters),
    metrics: decodeJson(await readFile(folder, ROUND_FILES.metrics, METRICS_LIMIT), ROUND_FILES.metrics, METRICS_LIMIT),
    evaluation: evaluation === null ? null : {
      headLane: evaluation.headLane, features: evaluation.features, classes: evaluation.classes, featureBits: evaluation.featureBits,
      holdout: int16Of(await readFile(folder, EVALUATION_FILES.holdout, 2 * evaluation.records * evaluation.features)),
      labels: await readFile(folder, EVALUATION_FILES.labels, evaluation.records),
    },
  };
}

const KEY_MISSING = "envelope-key-missing" satisfies ProtocolErrorCode;

/** Whether an operator cannot read what others can: what is escrowed is left to them. */
export const isKeyMissing = (error: unknown): error is ChongwenError => error instanceof ChongwenError && error.code === KEY_MISSING;

export const keyMissing = (message: string): ChongwenError =>
  new ChongwenError({ code: KEY_MISSING, message, fix: "Name this operator's escrow key and the folder of key slips in the configuration (`escrow`), or leave it to the operators that have theirs.", retryable: true });

/** Whether it is the very model that was handed over. */
export const sameModel = ({ model }: Handed, other: Int32Array): boolean => Buffer.compare(model, bytesOf(other)) === 0;

/** Whether an error says that the bundle itself is wrong: asking again gives the same. */
export const isVerdict = (error: unknown): error is ChongwenError => error instanceof ChongwenError && !error.retryable && (error instanceof Refused || error.code === "artefact-stays-erased" || VERDICTS.has(error.code));

/** What the protocol library says of a bundle, whoever reads it. */
const VERDICTS = new Set<string>([
  "json-invalid", "manifest-invalid", "version-unknown", "bundle-path", "spec-invalid", "rule-unknown", "unsupported", "privacy-mode-unsupported", "column-invalid",
  "out-of-range", "length-mismatch", "weights-invalid", "too-few-updates", "envelope-invalid", "key-slip-invalid", "escrow-invalid",
] satisfies ProtocolErrorCode[]);
