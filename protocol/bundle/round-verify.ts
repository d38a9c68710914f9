/**
 * Recomputes a round from its bundle and compares it with what the ledger says. A difference is a failed check, never an exception; only input that
 * cannot be read at all throws.
 */
import { createAggregator } from "../aggregate/aggregate.ts";
import { parameterCount, parseModelSpec, specRoot, type ModelSpec } from "../model-spec.ts";
import { protocolError } from "../errors.ts";
import { configHash, reportHash, sealHash } from "../eip712/hash.ts";
import type { EscrowReader } from "../privacy/escrow-reader.ts";
import { PRIVACY_MODES, requireMode } from "../privacy/modes.ts";
import type { VerifiedRound } from "../scoring/score-window.ts";
import { type HashPairs, wasmHashPairs } from "../ssz/hash-pairs.ts";
import { vectorShape } from "../ssz/vector.ts";
import { effectiveWeights } from "../columns.ts";
import { type Check, type CheckList, createCheckList } from "./checks.ts";
import { checkFileSet } from "./files.ts";
import type { BundleReader } from "./reader.ts";
import type { UnreadPayload } from "./round-context.ts";
import { envelopePath, ESCROW_FILE, EVALUATION_FILES, readRoundManifest, ROUND_FILES, type RoundManifest, updatePath } from "./round-manifest.ts";
import { checkEvaluation } from "./round-evaluation.ts";
import { checkColumns } from "./round-columns.ts";
import type { RoundExpectations } from "./round-expectations.ts";
import { checkSignatures } from "./round-signatures.ts";
import { checkMetrics, checkModel } from "./round-result.ts";
import { checkUpdates } from "./round-updates.ts";

/**
 * @param ok Every check passed, and every payload was looked at.
 * @param unread Payloads that were not: escrowed without a key, or erased. The aggregate is then not recomputed, and nothing is said against it.
 * @param scored What settlements score: seats, effective weights and commitments. Null when the columns are unusable.
 * @param model The bundle's model, when it is the one that the report names: base of the next round. Else null.
 */
export interface RoundVerification {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly unread: readonly UnreadPayload[];
  readonly manifest: RoundManifest;
  readonly scored: VerifiedRound | null;
  readonly model: Int32Array | null;
}

/** @returns Whether the configuration and the model specification are the federation's: else nobody vouches for the sizes they name. */
function checkIdentity(list: CheckList, manifest: RoundManifest, expected: RoundExpectations): boolean {
  const subject = "manifest.json";
  list.same("chain", subject, expected.chainId, manifest.chainId);
  list.same("ledger", subject, expected.ledger, manifest.ledger);
  list.same("federation", subject, expected.federation, manifest.federation);
  list.same("round", subject, expected.round, manifest.round);
  list.same("parent round", subject, expected.parent.round, manifest.parent.round);
  list.same("parent report hash", subject, expected.parent.reportHash, manifest.parent.reportHash);
  list.same("parent artefact", subject, expected.parent.artefact, manifest.parent.artefact);
  const known = list.same("configuration hash", subject, expected.configHash, configHash(manifest.config));
  list.same("depth of vectors", subject, vectorShape(parameterCount(manifest.modelSpec)).depth, manifest.config.depth);
  return list.same("model specification root", subject, manifest.config.modelSpecRoot, specRoot(manifest.modelSpec)) && known;
}

/** The chain of hashes from the columns to what the ledger holds. */
function checkStatements(list: CheckList, manifest: RoundManifest, expected: RoundExpectations): void {
  const { seal, report } = manifest;
  const subject = "manifest.json";
  list.same("seal's federation", subject, expected.federation, seal.federation);
  list.same("seal's round", subject, expected.round, seal.round);
  list.same("seal's parent", subject, expected.parent.reportHash, seal.parentReportHash);
  list.same("seal's configuration", subject, expected.configHash, seal.configHash);
  list.same("seal hash", subject, sealHash(seal, manifest.weightsHash), manifest.sealHash);
  list.same("report's seal", subject, manifest.sealHash, report.sealHash);
  list.same("report's federation", subject, expected.federation, report.federation);
  list.same("report's round", subject, expected.round, report.round);
  list.same("report's attempt", subject, manifest.attempt, report.attempt);
  list.same("report hash", subject, expected.reportHash, reportHash({ ...report, artefact: expected.artefact }));
}

function scoredOf({ round, parent, entries }: RoundManifest, weights: readonly number[]): VerifiedRound {
  return { round, parentRound: parent.round, seats: entries.map(({ seat }) => seat), weights, roots: entries.map(({ updateRoot }) => updateRoot) };
}

function requireSupported(manifest: RoundManifest): ModelSpec {
  requireMode(manifest.config.privacyMode);
  if (manifest.config.elementWidth !== 2) {
    throw protocolError("unsupported", `Updates of ${manifest.config.elementWidth}-byte elements cannot be aggregated here; only int16 can.`);
  }
  return parseModelSpec(manifest.modelSpec);
}

/**
 * Verifies one round.
 * Checked: the directory's files; every column, root, norm, trace and signature; the aggregate, coordinate by coordinate; model root, metrics, every
 * prediction of the evaluation, seal hash, report hash. Not checked here: that the directory has the digest `expected.artefact` (the store knows how it
 * hashes directories), and what only the ledger can know at a seal (eligibility, budgets, quorum), which it enforced.
 * @param escrow Opens the envelopes of rounds in privacy mode B; null: for whoever holds no key.
 * @param hashPairs SHA-256 of 64-byte blocks; pass a native one where there is one.
 * @param aggregatorOf Applies a declared rule; another than the default may keep what a rule needs to see at once somewhere else than in memory.
 * @throws bundle-unreadable, json-invalid, manifest-invalid, version-unknown, bundle-path, spec-invalid, rule-unknown, unsupported, privacy-mode-unsupported
 */
export async function verifyRoundBundle(
  reader: BundleReader,
  expected: RoundExpectations,
  hashPairs: HashPairs = wasmHashPairs,
  escrow: EscrowReader | null = null,
  aggregatorOf: typeof createAggregator = createAggregator,
): Promise<RoundVerification> {
  const manifest = await readRoundManifest(reader);
  const parameters = parameterCount(requireSupported(manifest));
  const list = createCheckList();
  const sized = checkIdentity(list, manifest, expected);
  checkStatements(list, manifest, expected);

  const columns = await checkColumns(list, reader, manifest);
  const counted = columns === null ? [] : effectiveWeights(columns.weights, manifest.report.excluded);
  const escrowed = manifest.config.privacyMode === PRIVACY_MODES.escrowed;
  const wanted = new Set<string>([
    ...Object.values(ROUND_FILES),
    ...(manifest.evaluation === null ? [] : Object.values(EVALUATION_FILES)),
    ...(escrowed ? [ESCROW_FILE] : []),
    ...manifest.entries.filter((_, i) => counted[i] !== 0).map(({ seat }) => (escrowed ? envelopePath(seat) : updatePath(seat))),
  ]);
  const files = await checkFileSet(list, reader, manifest.files, wanted);
  if (columns !== null) await checkSignatures(list, manifest, columns, expected);
  await checkMetrics(list, reader, manifest, files);
  const unread: UnreadPayload[] = [];
  const context = { list, reader, manifest, files, counted, parameters, expected, hashPairs, escrow, unread, aggregatorOf };
  const aggregate = columns === null || !sized ? null : await checkUpdates(context);
  const model = sized ? await checkModel(context, aggregate) : null;
  await checkEvaluation(context, model);
  return {
    ok: list.checks.every(({ ok }) => ok) && unread.length === 0,
    checks: list.checks,
    unread,
    manifest,
    scored: columns === null ? null : scoredOf(manifest, counted),
    model,
  };
}
