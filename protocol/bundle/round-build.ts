import type { Address, Hex } from "viem";
import { bytesOf } from "../bytes.ts";
import { columnHash, COLUMN_WIDTHS, effectiveWeights, packUints } from "../columns.ts";
import { protocolError } from "../errors.ts";
import { type EvaluationInput, evaluateModel } from "../evaluation/evaluate.ts";
import { type Evaluation, evaluationProblem, metricsHash } from "../evaluation/evaluation.ts";
import { configHash, sealHash } from "../eip712/hash.ts";
import type { FederationConfig, Report, Seal } from "../eip712/structs.ts";
import { type ModelSpec, modelSpecJson, parameterCount } from "../model-spec.ts";
import { encodeRegister, type EscrowRegister } from "../privacy/escrow.ts";
import { PRIVACY_MODES } from "../privacy/modes.ts";
import { requireLength } from "../quantise.ts";
import { createSeal, packSealColumns, type Entry } from "../seal.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { modelRoot } from "../ssz/vector.ts";
import { encodeJson, type Json } from "./canonical-json.ts";
import { type FileEntry, hashedFile, MANIFEST, sortFiles } from "./files.ts";
import { envelopePath, ESCROW_FILE, EVALUATION_FILES, ROUND_FILES, ROUND_FORMAT, type RoundManifest, type Unplaced, updatePath } from "./round-manifest.ts";
import { toJson } from "./struct-json.ts";

/**
 * @param sealAttempt,attempt The round's attempt when it was sealed, and now that it is reported.
 * @param entries Seats strictly ascending; `weight` is what the ledger gave the entry, 0 if dropped.
 * @param excluded Bit i: the payload of entry i never came.
 * @param updates By seat; one for every entry with weight that is not excluded. Others are left out of the bundle.
 * @param escrow In privacy mode B: who can read, and by seat what is published in place of the updates.
 * @param model The aggregate, N int32 lanes.
 * @param metrics Integers only; scale fractions (0.934 → {"accuracyPpm": 934000}).
 * @param evaluation What the model was evaluated on, to be published. Left out or null when the holdout is private: then the metrics are attested.
 */
export interface RoundBundleInput {
  readonly chainId: number;
  readonly ledger: Address;
  readonly federation: number;
  readonly round: number;
  readonly sealAttempt: number;
  readonly attempt: number;
  readonly parent: { readonly round: number; readonly reportHash: Hex; readonly artefact: Hex };
  readonly config: FederationConfig;
  readonly modelSpec: ModelSpec;
  readonly entries: readonly (Entry & { readonly weight: number })[];
  readonly excluded: bigint;
  readonly updates: ReadonlyMap<number, Int16Array>;
  readonly model: Int32Array;
  readonly metrics: Json;
  readonly evaluation?: EvaluationInput | null;
  readonly escrow?: { readonly register: EscrowRegister; readonly envelopes: ReadonlyMap<number, Uint8Array> } | null;
  readonly hashPairs?: HashPairs;
}

/** @param updates Null: who stores the bundle has them; they are listed by the roots that were committed to, and are not among its files. */
type Input = Omit<RoundBundleInput, "updates"> & { readonly updates: RoundBundleInput["updates"] | null };

/** @param report Still without `artefact`: store the files, then add the digest of their directory. */
export interface RoundBundle {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly manifest: RoundManifest;
  readonly seal: Seal;
  readonly weightsHash: Hex;
  readonly sealHash: Hex;
  readonly report: Unplaced<Report>;
}

/** @param bytes Null when whoever stores the bundle has them. */
interface ListedFile {
  readonly file: FileEntry;
  readonly bytes: Uint8Array | null;
}

/** Update files of a round, with their list entries. @throws column-invalid when a payload is missing, length-mismatch */
function updateFiles(input: Input): ListedFile[] {
  const parameters = parameterCount(input.modelSpec);
  const counted = effectiveWeights(input.entries.map(({ weight }) => weight), input.excluded);
  return input.entries
    .filter((_, i) => counted[i]! > 0)
    .map(({ seat, updateRoot }) => {
      if (input.config.privacyMode === PRIVACY_MODES.escrowed) return envelopeFile(input, seat);
      if (input.updates === null) return { bytes: null, file: { path: updatePath(seat), bytes: 2 * parameters, sszRoot: updateRoot } };
      const update = input.updates.get(seat);
      if (update === undefined) throw protocolError("column-invalid", `Seat ${seat} has weight and is not excluded, but its update is missing.`);
      requireLength(`The update of seat ${seat}`, update.length, parameters);
      const bytes = bytesOf(update);
      return { bytes, file: { path: updatePath(seat), bytes: bytes.length, sszRoot: updateRoot } };
    });
}

/** @throws column-invalid */
function envelopeFile({ escrow }: Input, seat: number): ListedFile {
  const bytes = escrow?.envelopes.get(seat);
  if (bytes === undefined) throw protocolError("column-invalid", `Seat ${seat} has weight and is not excluded, but its envelope is missing.`);
  return { bytes, file: hashedFile(envelopePath(seat), bytes) };
}

/** The register of readers, in privacy mode B. @throws column-invalid */
function registerFile({ config, escrow }: Input): ListedFile[] {
  if (config.privacyMode !== PRIVACY_MODES.escrowed) return [];
  if (escrow === undefined || escrow === null) throw protocolError("column-invalid", "An escrowed round has a register of readers.");
  const bytes = encodeRegister(escrow.register);
  return [{ bytes, file: hashedFile(ESCROW_FILE, bytes) }];
}

interface Evaluated {
  readonly evaluation: Evaluation | null;
  readonly evaluationFiles: readonly ListedFile[];
}

/** The evaluation of the model and its files. None without a public holdout. @throws out-of-range, length-mismatch */
function evaluated({ model, evaluation: input, hashPairs }: Input): Evaluated {
  if (input === undefined || input === null) return { evaluation: null, evaluationFiles: [] };
  const { evaluation, predictions } = evaluateModel(model, input, hashPairs);
  const problem = evaluationProblem(evaluation);
  if (problem !== null) throw protocolError("out-of-range", `Nobody could disprove this evaluation: ${problem}.`);
  const holdout = bytesOf(input.holdout);
  const { holdout: path, labels, predictions: predicted } = EVALUATION_FILES;
  const evaluationFiles = [
    { bytes: holdout, file: { path, bytes: holdout.length, sszRoot: evaluation.holdoutRoot } },
    { bytes: input.labels, file: hashedFile(labels, input.labels) },
    { bytes: predictions, file: hashedFile(predicted, predictions) },
  ];
  return { evaluation, evaluationFiles };
}

/**
 * Writes the canonical bundle of a round. Does not aggregate and does not judge: `verifyRoundBundle` does.
 * @throws column-invalid, length-mismatch, out-of-range, json-invalid
 */
export function buildRoundBundle(input: Input): RoundBundle {
  const { chainId, ledger, federation, round, attempt, parent, config, modelSpec, excluded, model } = input;
  requireLength("The model", model.length, parameterCount(modelSpec));
  const columns = packSealColumns(input.entries);
  const weights = packUints(input.entries.map(({ weight }) => weight), COLUMN_WIDTHS.weights);
  const weightsHash = columnHash(weights);
  const context = { federation, round, parentReportHash: parent.reportHash, configHash: configHash(config) };
  const seal = createSeal(context, input.sealAttempt, columns);
  const metrics = encodeJson(input.metrics);
  const root = modelRoot(model, input.hashPairs);
  const { evaluation, evaluationFiles } = evaluated(input);
  const report = { federation, round, attempt, sealHash: sealHash(seal, weightsHash), modelRoot: root, metricsHash: metricsHash(evaluation, metrics), excluded };

  const small: readonly (readonly [string, Uint8Array])[] = [
    [ROUND_FILES.seats, columns.seats],
    [ROUND_FILES.updateRoots, columns.updateRoots],
    [ROUND_FILES.weights, weights],
    [ROUND_FILES.norms, columns.norms],
    [ROUND_FILES.normTraces, columns.normTraces],
    [ROUND_FILES.signatures, columns.signatures],
    [ROUND_FILES.metrics, metrics],
  ];
  const listed = [...evaluationFiles, ...registerFile(input), ...updateFiles(input)];
  const modelBytes = bytesOf(model);
  const files = new Map<string, Uint8Array>([...small, [ROUND_FILES.model, modelBytes], ...listed.flatMap(({ file, bytes }) => (bytes === null ? [] : [[file.path, bytes] as const]))]);
  const manifest: RoundManifest = {
    format: ROUND_FORMAT, version: 1, chainId, ledger, federation, round, attempt, parent, config, modelSpec,
    seal, weightsHash, sealHash: report.sealHash, report, evaluation,
    entries: input.entries.map(({ seat, updateRoot, normSq, normTraceRoot, rho, signer }) => ({ seat, updateRoot, normSq, normTraceRoot, rho, signer })),
    files: sortFiles([
      ...small.map(([path, bytes]) => hashedFile(path, bytes)),
      { path: ROUND_FILES.model, bytes: modelBytes.length, sszRoot: root },
      ...listed.map(({ file }) => file),
    ]),
  };
  files.set(MANIFEST, encodeJson({ ...toJson(manifest), modelSpec: modelSpecJson(modelSpec) }));
  return { files, manifest, seal, weightsHash, sealHash: report.sealHash, report };
}
