/** Checks a dossier with nothing but itself: no chain, no server. What it says of every entry is worth what is said of it in docs/dossier.md. */
import path from "node:path";
import type { Address, Hex } from "viem";
import { auditLedger, type AuditReport } from "../../protocol/audit/audit.ts";
import { createLedgerbook, type Finding, type Ledgerbook } from "../../protocol/audit/findings.ts";
import { compareProven } from "../../protocol/dossier/compare.ts";
import { isCoverSigned } from "../../protocol/dossier/cover.ts";
import { DOSSIER_FILES, DOSSIER_FOLDERS, type DossierManifest } from "../../protocol/dossier/manifest.ts";
import { questionOf, type DossierProofs } from "../../protocol/dossier/proofs.ts";
import { watchedEvents } from "../../protocol/dossier/events.ts";
import { proveEvents, type DossierReceipts, type ProvenEvents } from "../../protocol/dossier/receipts.ts";
import { compareEvents } from "../../protocol/dossier/replay.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { LedgerFacts } from "../../protocol/ledger/facts.ts";
import { withinScope } from "../../protocol/ledger/scope.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import type { Header } from "../../protocol/proofs/header.ts";
import { proveLedger, type ProvenLedger } from "../../protocol/proofs/ledger.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { createDiskStore, readErasures, withErasures } from "../store/index.ts";
import { openDossier, type Damage } from "./read.ts";
import { withoutPayloads } from "./stores.ts";
import { auditScope } from "./write.ts";

/** What a check is given besides the dossier. @param checkpoints Hashes of blocks that the reader has compared, besides the one that everything is as of. */
export interface CheckOptions {
  readonly escrow?: EscrowReader | null;
  readonly checkpoints?: readonly Hex[];
}

/**
 * verified: recomputed and equal, and what the ledger holds of it is proven against the block's hash · unproven: recomputed and equal, but what the ledger
 * holds is only the exporter's word · erased · missing: something of it could not be looked at · mismatch: shown to be wrong.
 */
export type EntryState = "verified" | "unproven" | "erased" | "missing" | "mismatch";

export interface DossierCheck {
  /** SHA-256 of the manifest; null when the manifest is damaged. */
  readonly name: Hex | null;
  readonly manifest: DossierManifest | null;
  /** Null when they are damaged. */
  readonly facts: LedgerFacts | null;
  /** Who answers for the facts with a key. */
  readonly signer: Address | null;
  /** Of the block that everything is proven against; null: nothing is. */
  readonly blockHash: Hex | null;
  /** What the contracts are proven to have said; null: nothing is. */
  readonly events: ProvenEvents | null;
  readonly entries: readonly { readonly entry: string; readonly state: EntryState }[];
  readonly findings: readonly Finding[];
  /** Null when there was nothing to recompute it from. */
  readonly audit: AuditReport | null;
  readonly ok: boolean;
}

const findingOf = ({ path: file, message, isGone }: Damage): Finding => ({ kind: isGone ? "unverified" : "mismatch", entry: "dossier", subject: file, message });

/** @throws dossier-invalid, json-invalid, version-unknown, proof-invalid, header-invalid: what is no dossier at all */
export async function checkDossier(dir: string, { escrow = null, checkpoints = [] }: CheckOptions = {}): Promise<DossierCheck> {
  const opened = await openDossier(dir);
  if ("isGone" in opened) return { name: null, manifest: null, facts: null, signer: null, blockHash: null, events: null, entries: [], findings: [findingOf(opened)], audit: null, ok: false };
  const { name, manifest, cover, facts, proofs, receipts, damage } = opened;
  const book = createLedgerbook();
  const signed = cover === null ? null : await isCoverSigned(cover, manifest);
  if (signed === false) book.same("dossier", DOSSIER_FILES.cover, "signature", `by ${cover?.signed?.signer ?? "its signer"}`, "by somebody else");
  const signer = signed === true ? (cover?.signed?.signer ?? null) : null;
  const before = damage.map(findingOf);
  if (facts === null) return { name, manifest, facts, signer, blockHash: null, events: null, entries: [], findings: [...before, ...book.findings], audit: null, ok: false };

  checkConsistent(book, manifest, facts);
  const proven = proofs === null ? null : await checkProven(book, facts, proofs);
  const events = proofs === null || receipts === null ? null : await checkEvents(book, facts, proofs.header, receipts, checkpoints);
  const explained = withErasures(createDiskStore(path.join(dir, DOSSIER_FOLDERS.store)), readErasures(path.join(dir, DOSSIER_FOLDERS.erased)));
  const store = manifest.withPayloads ? explained : withoutPayloads(explained);
  const audit = await recompute(book, () => auditLedger({ facts, store, hashPairs: nativeHashPairs, escrow, scope: auditScope(manifest.scope) }));
  const findings = [...before, ...book.findings, ...(audit?.findings ?? [])];
  // Where nothing was recomputed, nothing is said of entries.
  const entries = audit === null ? [] : statesOf(entriesOf(manifest, facts), findings, proven, events, facts);
  const ok = audit !== null && findings.length === 0 && entries.every(({ state }) => state === "verified");
  return { name, manifest, facts, signer, blockHash: proven === null ? null : (proofs?.header.hash ?? null), events, entries, findings, audit, ok };
}

/** Facts that no chain can have said are a finding about the dossier, whatever the recomputation stumbles over. */
async function recompute(book: Ledgerbook, audit: () => Promise<AuditReport>): Promise<AuditReport | null> {
  try {
    return await audit();
  } catch (error) {
    if (error instanceof ChongwenError) book.fault("ledger", error);
    else book.same("ledger", DOSSIER_FILES.facts, "possible", "as a chain says it", error instanceof Error ? error.message.slice(0, 200) : "not possible");
    return null;
  }
}

/** The files of a dossier say the same of what they are about, and the facts do not contradict each other. */
function checkConsistent(book: Ledgerbook, { chainId, ledger, federation, block }: DossierManifest, facts: LedgerFacts): void {
  const same = (name: string, expected: string | number | bigint, actual: string | number | bigint) => book.same("ledger", DOSSIER_FILES.facts, name, expected, actual);
  same("chain", chainId, facts.deployment.chainId);
  same("ledger", ledger, facts.deployment.contracts.rounds);
  same("federation", federation, facts.federation);
  same("block", block, facts.asOf.block);
  const misplaced = facts.rounds.findIndex(({ round }, i) => round !== i + 1);
  same("rounds in order", "1, 2, 3 …", misplaced < 0 ? "1, 2, 3 …" : `round ${facts.rounds[misplaced]?.round} in place ${misplaced + 1}`);
  const later = facts.rounds.find(({ round, parentRound }) => parentRound >= round);
  same("parents before children", "earlier", later === undefined ? "earlier" : `round ${later.round} extends ${later.parentRound}`);
  const overlapping = facts.settlements.find(({ index, firstRound, lastRound }, i) => lastRound < firstRound || (i > 0 && (index <= (facts.settlements[i - 1]?.index ?? 0) || firstRound <= (facts.settlements[i - 1]?.lastRound ?? 0))));
  same("settlements in order", "one after the other", overlapping === undefined ? "one after the other" : `settlement ${overlapping.index} of rounds ${overlapping.firstRound} to ${overlapping.lastRound}`);
}

/** @returns What the block's state is proven to hold; null when it is not. What the facts say otherwise are findings. */
async function checkProven(book: Ledgerbook, facts: LedgerFacts, { header, accounts }: DossierProofs): Promise<ProvenLedger | null> {
  try {
    const proven = await proveLedger(header, facts.deployment, questionOf(facts), accounts);
    compareProven(book, facts, header, proven);
    return proven;
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    book.same("ledger", DOSSIER_FILES.proofs, "proof", "of these facts", error.message);
    return null;
  }
}

/** @returns What the contracts are proven to have said; null when it is not. Where no header leads to it, it is not compared. */
async function checkEvents(book: Ledgerbook, facts: LedgerFacts, anchor: Header, receipts: DossierReceipts, checkpoints: readonly Hex[]): Promise<ProvenEvents | null> {
  try {
    const proven = await proveEvents(receipts, anchor, checkpoints, watchedEvents(facts));
    if (proven.unlinked.length === 0) compareEvents(book, facts, proven.events);
    return proven;
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    book.same("ledger", DOSSIER_FILES.receipts, "proof", "of this chain's events", error.message);
    return null;
  }
}

function entriesOf({ scope }: DossierManifest, { rounds, settlements, datasets, claims, freezes }: LedgerFacts): string[] {
  const within = withinScope(auditScope(scope), settlements);
  return [
    ...(within.whole && freezes !== null ? ["freezes"] : []),
    ...(within.round(0) ? ["genesis"] : []),
    ...rounds.filter(({ round, report }) => report !== null && within.round(round)).map(({ round }) => `round ${round}`),
    ...settlements.filter(({ index }) => within.settlement(index)).map(({ index }) => `settlement ${index}`),
    ...(within.whole ? ["vault", ...(claims.length === 0 ? [] : ["claims"]), ...datasets.map(({ dataset }) => `dataset ${dataset}`)] : []),
  ];
}

type Entries = DossierCheck["entries"];

/**
 * The slots hold the last settlement only. One before it is proven by its own events where none can be left out; else by the bundle of the next, which names
 * its artefact, and so on: as far as all of them are in the dossier and verified.
 */
function statesOf(names: readonly string[], findings: readonly Finding[], proven: ProvenLedger | null, events: ProvenEvents | null, { settlements, freezes }: LedgerFacts): Entries {
  const last = settlements.at(-1)?.index;
  let next = last === undefined || proven === null || BigInt(proven.settlement.statementHash) === 0n ? null : `settlement ${last}`;
  const areLinked = events !== null && events.unlinked.length === 0;
  const isComplete = areLinked && events.isComplete;
  const isProven = (entry: string): boolean => {
    if (proven === null) return false;
    if (entry === "claims") return areLinked;
    // That there never was one, a slot says.
    if (entry === "freezes") return isComplete || freezes?.until === 0;
    return isComplete || !entry.startsWith("settlement ") || entry === next;
  };
  const states = names.toReversed().map((entry) => {
    const state = stateOf(entry, findings, isProven(entry));
    if (entry.startsWith("settlement ")) next = state === "verified" ? `settlement ${Number(entry.slice("settlement ".length)) - 1}` : null;
    return { entry, state };
  });
  return states.toReversed();
}

function stateOf(entry: string, findings: readonly Finding[], isProven: boolean): EntryState {
  const kinds = new Set(findings.filter((finding) => finding.entry === entry).map(({ kind }) => kind));
  if (kinds.has("mismatch")) return "mismatch";
  if (kinds.has("erased")) return "erased";
  if (kinds.has("unverified")) return "missing";
  return isProven ? "verified" : "unproven";
}
