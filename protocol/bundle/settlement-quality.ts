/** Checks what a settlement by `quality-v1` rests on, and computes from what holds: the rest of its verification is as for any other. */
import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { ChongwenError } from "../errors.ts";
import { createDomain } from "../eip712/hash.ts";
import { encodeReputation, MAX_REPUTATION_ROWS, REPUTATION_ROW_BYTES } from "../reputation/table.ts";
import { columnHash } from "../columns.ts";
import type { Carry } from "../scoring/carry.ts";
import { decodeEvidence, encodeEvidence, EVIDENCE_LIMIT, type Commendation, type Evidence, type ReportSigners, type SeatFacts } from "../scoring/evidence.ts";
import { holdoutCommitment } from "../scoring/holdout-commitment.ts";
import { decodeHoldout, HOLDOUT_FILES, HOLDOUT_LIMIT, openingOf } from "../scoring/holdout-files.ts";
import { scoreWindow, windowSeed, type Window } from "../scoring/score-window.ts";
import type { QualityInput, QualitySettlement } from "../scoring/settle.ts";
import { tierPointsProblem } from "../scoring/tier-points.ts";
import type { Holdout } from "../scoring/window.ts";
import { encodeWorking, QUALITY_FILES, WORKING_LIMIT } from "../scoring/working.ts";
import { decodeTerms, TERMS_LIMIT, type Terms } from "../terms/terms.ts";
import { decodeJson, type Json } from "./canonical-json.ts";
import type { CheckList } from "./checks.ts";
import { checkHashedFile, type FileEntry } from "./files.ts";
import { firstDifference } from "./json-difference.ts";
import { readFile, type BundleReader } from "./reader.ts";
import type { SettlementManifest } from "./settlement-manifest.ts";

/** A commitment in `Holdouts`, for this federation. @param fromRound First round that it may judge. */
export interface CommittedHoldout {
  readonly commitment: Hex;
  readonly fromRound: number;
}

/**
 * What a verifier takes from the chain, from the cards that it names, and from the settlements before.
 * @param termsHash Of the configuration in force. @param seats One a payee; levels of labels from the dataset's card.
 * @param reports Of the final rounds covered. @param commendations Voices that count. @param window Read only when the holdout is open.
 */
export interface QualityExpectations extends Carry {
  readonly termsHash: Hex;
  readonly seats: readonly SeatFacts[];
  readonly reports: readonly ReportSigners[];
  readonly commendations: readonly Commendation[];
  readonly holdouts: readonly CommittedHoldout[];
  readonly window: () => Promise<Window>;
}

interface Context {
  readonly list: CheckList;
  readonly reader: BundleReader;
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly manifest: SettlementManifest;
  readonly expected: QualityExpectations;
}

/** Files of a quality settlement, as its evidence says; `strata.bin` when the manifest lists it. */
export function qualityPaths(manifest: SettlementManifest): string[] {
  const listed = new Set(manifest.files.map(({ path }) => path));
  return [...Object.values(QUALITY_FILES), ...Object.values(HOLDOUT_FILES).filter((path) => listed.has(path))];
}

async function readChecked({ list, reader, files }: Context, path: string, limit: number): Promise<Uint8Array | null> {
  const file = files.get(path);
  if (file === undefined) return null;
  const bytes = await readFile(reader, path, limit + 1);
  checkHashedFile(list, file, bytes);
  return bytes;
}

/** Malformed content is a finding about the settlement. */
function decoded<Value>(list: CheckList, path: string, decode: () => Value): Value | null {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof ChongwenError) || error.code === "version-unknown") throw error;
    list.same("readable", path, "well formed", error.message);
    return null;
  }
}

function sameJson(list: CheckList, name: string, path: string, expected: Json, actual: Json): void {
  const found = firstDifference(expected, actual);
  list.same(name, found === null ? path : `${path}: ${found.path}`, found?.expected ?? "as recomputed", found?.actual ?? "as recomputed");
}

const asJson = (evidence: Evidence): Json => decodeJson(encodeEvidence(evidence), QUALITY_FILES.evidence, EVIDENCE_LIMIT);

/** @returns The evidence that is due: the chain's where the bundle says otherwise, and no points that cannot count. */
async function checkEvidence({ list, manifest, expected }: Context, evidence: Evidence, terms: Terms): Promise<Evidence> {
  const { seats, reports, commendations, spent } = expected;
  const due = { ...evidence, seats, reports, commendations, spent };
  sameJson(list, "evidence", QUALITY_FILES.evidence, asJson(due), asJson(evidence));
  const { chainId, settlement, federation, statement } = manifest;
  const context = { domain: createDomain(chainId, settlement), federation, settlement: statement.index, seatCount: seats.length, issuers: terms.issuers };
  const points = [];
  for (const file of evidence.points) {
    const unwanted = file.statement.tier === "data" && evidence.holdout.kind !== "private" ? "for data, which everybody recomputes on an open holdout" : null;
    const problem = unwanted ?? (await tierPointsProblem(file, context));
    list.same("points", `${QUALITY_FILES.evidence}: ${file.statement.tier} ${file.statement.subject}`, "signed by an issuer of the terms", problem ?? "signed by an issuer of the terms");
    if (problem === null) points.push(file);
  }
  return { ...due, points };
}

/** @returns The records, or null when they are not what was committed in time and never used. */
async function checkHoldout(context: Context, evidence: Evidence, terms: Terms): Promise<Holdout | null> {
  const { list, manifest, expected, files } = context;
  const { holdout } = evidence;
  const kind = holdout.kind === "none" ? "none" : terms.data.holdout;
  list.same("kind of holdout", QUALITY_FILES.evidence, kind, holdout.kind);
  if (holdout.kind !== "open") {
    for (const path of Object.values(HOLDOUT_FILES)) if (files.has(path)) list.same("no unknown file", path, "absent", "present");
    return null;
  }
  const known = expected.holdouts.find(({ commitment }) => commitment === holdout.commitment);
  const { firstRound } = manifest.statement;
  const inTime = `committed for round ${firstRound} or earlier`;
  const when = known === undefined ? "not committed on the ledger" : known.fromRound <= firstRound ? inTime : `committed for round ${known.fromRound} and later`;
  const committed = list.same("holdout before the window", QUALITY_FILES.evidence, inTime, when);
  const unspent = list.same("holdout used once", QUALITY_FILES.evidence, "never used", expected.spent.includes(holdout.commitment) ? "used by an earlier settlement" : "never used");
  const [values, labels] = [await readChecked(context, HOLDOUT_FILES.values, HOLDOUT_LIMIT), await readChecked(context, HOLDOUT_FILES.labels, HOLDOUT_LIMIT)];
  const strata = await readChecked(context, HOLDOUT_FILES.strata, HOLDOUT_LIMIT);
  if (values === null || labels === null) {
    list.same("holdout revealed", HOLDOUT_FILES.values, "records and labels", "missing");
    return null;
  }
  const records = decoded(list, HOLDOUT_FILES.values, () => decodeHoldout({ values, labels, strata }, holdout.records, terms.data));
  if (records === null) return null;
  const opened = list.same("holdout as committed", HOLDOUT_FILES.values, holdout.commitment, holdoutCommitment(openingOf(holdout.salt, records, terms.data.head.features)));
  return committed && unspent && opened ? records : null;
}

/**
 * Reads and checks terms, evidence and holdout.
 * @returns What the scores follow from, or null when that cannot be said.
 * @throws bundle-unreadable, json-invalid, version-unknown, and what `window` throws
 */
export async function checkQuality(context: Context): Promise<Omit<QualityInput, "rounds"> | null> {
  const { list, manifest, expected } = context;
  const termsFile = await readChecked(context, QUALITY_FILES.terms, TERMS_LIMIT);
  const evidenceFile = await readChecked(context, QUALITY_FILES.evidence, EVIDENCE_LIMIT);
  if (termsFile === null || evidenceFile === null) return null;
  if (!list.same("terms", QUALITY_FILES.terms, expected.termsHash, keccak256(termsFile))) return null;
  const terms = decoded(list, QUALITY_FILES.terms, () => decodeTerms(termsFile));
  const stated = decoded(list, QUALITY_FILES.evidence, () => decodeEvidence(evidenceFile));
  if (terms === null || stated === null) return null;
  const evidence = await checkEvidence(context, stated, terms);
  const holdout = await checkHoldout(context, evidence, terms);
  if (evidence.holdout.kind === "open" && holdout === null) return null;
  const data = evidence.holdout.kind !== "open" || holdout === null ? null : scoreWindow(terms, evidence, holdout, await expected.window(), windowSeed(evidence.holdout.salt, manifest.statement.lastReportHash));
  return { terms, evidence, data, reputation: expected.reputation };
}

/** Compares what the bundle shows of the way to the scores, and the reputation after it. */
export async function checkWorking(context: Context, due: QualitySettlement): Promise<void> {
  const { list } = context;
  const working = await readChecked(context, QUALITY_FILES.working, WORKING_LIMIT);
  const json = (bytes: Uint8Array): Json => decodeJson(bytes, QUALITY_FILES.working, WORKING_LIMIT);
  if (working !== null) {
    const stated = decoded(list, QUALITY_FILES.working, () => json(working));
    if (stated !== null) sameJson(list, "working", QUALITY_FILES.working, json(encodeWorking(due.working)), stated);
  }
  const reputation = await readChecked(context, QUALITY_FILES.reputation, MAX_REPUTATION_ROWS * REPUTATION_ROW_BYTES);
  if (reputation !== null) list.same("reputation", QUALITY_FILES.reputation, columnHash(encodeReputation(due.reputation)), columnHash(reputation));
}
