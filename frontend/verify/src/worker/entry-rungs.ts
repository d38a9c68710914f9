/** The last three rungs: what the ledger holds of the entry, whether the bytes are the ones it names, and whether they mean what it says. */
import type { Hex } from "viem";
import type { AuditReport } from "../../../../protocol/audit/audit.ts";
import { ERASED, kindOf, type Finding } from "../../../../protocol/audit/findings.ts";
import type { Rung } from "../../../../protocol/audit/report.ts";
import { readRoundManifest } from "../../../../protocol/bundle/round-manifest.ts";
import { ChongwenError } from "../../../../protocol/errors.ts";
import type { LedgerFacts } from "../../../../protocol/ledger/facts.ts";
import { frozenAt } from "../../../../protocol/ledger/freezes.ts";
import { withinScope, type Scope } from "../../../../protocol/ledger/scope.ts";
import type { ArtefactCache } from "../store/artefacts.ts";
import type { Subject } from "../subject.ts";
import { checkAlone } from "./alone.ts";
import { rung } from "./chain-rungs.ts";
import type { Outcome, Question } from "./question.ts";
import { bundleSubject, type Target } from "./resolve.ts";

/** Unchallenged is not verified: the state of an entry is said, and gives no rung by itself. */
export function recordRung({ facts, recorded }: { readonly facts: LedgerFacts; readonly recorded: boolean }, subject: Subject, scope: Scope): Rung {
  const from = recorded ? "recorded" : "read";
  const settlement = facts.settlements.find(({ index }) => index === scope.settlement);
  if (settlement !== undefined) {
    const values = { from, state: settlement.state, hash: settlement.statementHash, deadline: settlement.deadline, number: settlement.index };
    return rung("record", recorded ? "unchecked" : "computed", settlement.state === "Final" ? "settlement-final" : "settlement-proposed", values);
  }
  const round = facts.rounds.find((entry) => entry.round === scope.round);
  const { freezes } = facts;
  if (round === undefined) return rung("record", "failed", "not-found", { subject: subject.kind, number: "number" in subject ? subject.number : "" });
  const { report, state } = round;
  const broken = freezes?.moves.find((move) => move.round === round.round && frozenAt(freezes, move) > 0);
  if (freezes && broken !== undefined) return rung("record", "failed", "moved-while-frozen", { move: broken.move, at: broken.at, until: frozenAt(freezes, broken), number: round.round }, 1, 1);
  if (report === null) return rung("record", "unchecked", "no-report", { from, state, number: round.round });
  const until = freezes?.until ?? 0;
  const values = { from, state, hash: report.reportHash, deadline: report.deadline, number: round.round, until };
  return rung("record", recorded ? "unchecked" : "computed", state === "Final" ? "final" : facts.asOf.timestamp < until ? "reported-frozen" : "reported", values);
}

/** Hashes everything that the entry names. */
export async function artefactRung(facts: LedgerFacts, scope: Scope, cache: ArtefactCache): Promise<{ readonly rung: Rung; readonly digests: readonly Hex[] }> {
  const within = withinScope(scope, facts.settlements);
  const digests = [
    ...facts.rounds.flatMap(({ round, report }) => (report !== null && within.round(round) ? [report.artefact] : [])),
    ...facts.settlements.flatMap(({ index, artefact }) => (within.settlement(index) ? [artefact] : [])),
  ];
  const faults: ChongwenError[] = [];
  let files = 0;
  for (const digest of digests) {
    try {
      const { findings, blocks } = await cache.verifyAll(digest, { label: digest });
      files += blocks;
      for (const finding of findings) faults.push(finding);
    } catch (error) {
      if (!(error instanceof ChongwenError)) throw error;
      faults.push(error);
    }
  }
  const values = { count: digests.length, files, digest: digests.at(-1) ?? "", message: faults[0]?.message ?? "" };
  const made = (state: Rung["state"], reason: string) => ({ rung: rung("artefact", state, reason, values, digests.length, faults.length), digests });
  if (digests.length === 0) return made("unchecked", "no-artefact");
  const codes = new Set(faults.map(({ code }) => code));
  if (faults.some(({ code }) => kindOf(code) === "mismatch")) return made("failed", "differs");
  if (codes.has(ERASED)) return made("unchecked", "erased");
  if (codes.size > 0) return made("unchecked", codes.has("store-unavailable") ? "unavailable" : "missing");
  return made("computed", "intact");
}

/** What the bytes mean, recomputed: signatures, columns, aggregate, metrics, evaluation, scores, amounts, tree. */
export function meaningRung({ comparisons, findings }: Pick<AuditReport, "comparisons" | "findings">, artefact: { readonly rung: Rung }): Rung {
  const failed = comparisons.filter(({ ok }) => !ok);
  const [first] = failed;
  if (first !== undefined) {
    return rung("meaning", "failed", "differs", { entry: first.entry, subject: first.subject, name: first.name, expected: first.expected, actual: first.actual, count: failed.length }, comparisons.length, failed.length);
  }
  // What the artefact's own rung says need not be said twice.
  const other = findings.find(({ kind, message }) => kind === "mismatch" && artefact.rung.values["message"] !== message && !message.includes("files that were found make"));
  if (other !== undefined) return rung("meaning", "failed", "malformed", { message: other.message }, comparisons.length, 1);
  const { state, reason } = artefact.rung;
  if (state !== "computed") return rung("meaning", "unchecked", reason === "differs" ? "artefact-differs" : reason, {}, comparisons.length, 0);
  const open = findings.find(({ kind }) => kind !== "mismatch");
  if (open !== undefined) return rung("meaning", "unchecked", "unverified", { message: open.message }, comparisons.length, 0);
  return rung("meaning", "computed", "recomputed", { count: comparisons.length }, comparisons.length);
}

/** How private the federation's updates are, from the configuration that a round's bundle holds; null when there is none to read. */
export async function modeOf(facts: LedgerFacts, scope: Scope, cache: ArtefactCache): Promise<number | null> {
  const within = withinScope(scope, facts.settlements);
  const report = facts.rounds.findLast(({ round, report }) => report !== null && within.round(round))?.report;
  if (report === null || report === undefined) return null;
  try {
    return (await readRoundManifest(await cache.open(report.artefact))).config.privacyMode;
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    return null;
  }
}

interface Loose {
  readonly question: Question;
  readonly cache: ArtefactCache;
  readonly ledger: { readonly facts: LedgerFacts } | null;
  readonly target: Target;
  readonly problem: Rung | null;
  readonly chain: Rung;
}

/** Without an entry of a ledger to compare with: a bundle can still agree or disagree with itself, and that is said to be all. */
export async function verifyLoose({ question, cache, ledger, target, problem, chain }: Loose): Promise<[readonly Rung[], Partial<Outcome>]> {
  const found = target.found.length;
  const searched = ledger !== null && (target.subject.kind === "hash" || target.subject.kind === "artefact" || target.subject.kind === "tx");
  const record = problem ?? (searched ? rung("record", "unchecked", found > 0 ? "found" : "nowhere", { count: found }) : rung("record", "unchecked", "no-record"));
  const bundle = [...question.given.artefacts.keys()].map((digest) => ({ digest, files: cache.loaded.get(digest) ?? new Map<string, Uint8Array>() })).find(({ files }) => bundleSubject(files.get("manifest.json")) !== null);
  const open = (message: string): Finding => ({ kind: "unverified", entry: "chain", subject: "", message });
  const unverified = [open(problem?.values["message"] ?? chain.values["message"] ?? "there was no ledger to compare with")];
  if (bundle === undefined || bundleSubject(bundle.files.get("manifest.json"))?.subject.kind !== "round") {
    return [[record, rung("artefact", "unchecked", "no-record"), rung("meaning", "unchecked", "no-record")], { findings: searched && found > 0 ? [] : unverified }];
  }
  try {
    // Hashed again: a byte may have been flipped since it was dropped.
    const { findings } = await cache.verifyAll(bundle.digest);
    const artefact = findings.length === 0 ? rung("artefact", "computed", "hashed", { digest: bundle.digest, files: bundle.files.size }, 1) : rung("artefact", "failed", "differs", { digest: bundle.digest, message: findings[0]?.message ?? "" }, 1, 1);
    const { comparisons, waived, privacyMode } = await checkAlone(bundle.digest, bundle.files, question.given.artefacts);
    const failed = comparisons.filter(({ ok }) => !ok);
    const mismatches = failed.map(({ entry, subject, name, expected, actual }): Finding => ({ kind: "mismatch", entry, subject, message: `${name} is ${actual}, expected ${expected}` }));
    const meaning = failed.length > 0 ? meaningRung({ comparisons, findings: mismatches }, { rung: artefact }) : rung("meaning", "computed", "alone", { count: comparisons.length, waived }, comparisons.length);
    return [[record, artefact, meaning], { comparisons, findings: [...mismatches, ...unverified], privacyMode }];
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    const finding: Finding = { kind: kindOf(error.code), entry: "bundle", subject: "", message: error.message };
    const failed = finding.kind === "mismatch";
    return [[record, rung("artefact", "unchecked", "no-record"), rung("meaning", failed ? "failed" : "unchecked", failed ? "malformed" : "unverified", { message: error.message }, 1, failed ? 1 : 0)], { findings: [finding, ...unverified] }];
  }
}
