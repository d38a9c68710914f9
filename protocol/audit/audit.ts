import { verifyGenesisBundle } from "../bundle/genesis.ts";
import { MANIFEST } from "../bundle/files.ts";
import { verifyRoundBundle } from "../bundle/round-verify.ts";
import { configHash } from "../eip712/hash.ts";
import { reportedRound, roundExpectations } from "../ledger/expectations.ts";
import type { RoundFacts } from "../ledger/facts.ts";
import { withinScope } from "../ledger/scope.ts";
import { wasmHashPairs } from "../ssz/hash-pairs.ts";
import { checkAccuracy } from "./accuracy.ts";
import { guarded, type NamedModel, readModel, readWhole, type Audit, type AuditParameters } from "./context.ts";
import { createLedgerbook, type Comparison, type Finding } from "./findings.ts";
import { auditFreezes } from "./freezes.ts";
import { auditPayments, auditSettlements } from "./settlements.ts";

export interface AuditReport {
  /** Everything that was asked about was read, recomputed, and is as the ledger says. */
  readonly ok: boolean;
  /** Comparisons made. */
  readonly checked: number;
  readonly rounds: number;
  readonly settlements: number;
  /** In the order of the ledger; the first is the place to look. */
  readonly findings: readonly Finding[];
  /** Every comparison, also those that held. */
  readonly comparisons: readonly Comparison[];
  /** What every seat has earned in final settlements, as recomputed: packed members, see `protocol/rewards/members.ts`. */
  readonly members: Uint8Array;
}

/**
 * Recomputes a federation's whole history, or one entry of it: every artefact is re-hashed, every round aggregated again from its updates, every
 * settlement scored and paid again, every claim compared with what was earned. Trusts the chain's facts and nothing else.
 */
export async function auditLedger(parameters: AuditParameters): Promise<AuditReport> {
  const { facts, hashPairs = wasmHashPairs, escrow = null, scope = {}, despiteDamage = false } = parameters;
  const book = createLedgerbook();
  const within = withinScope(scope, facts.settlements);
  const audit: Audit = { ...parameters, hashPairs, escrow, despiteDamage, within, book, models: new Map(), scored: new Map(), configs: new Map() };
  if (within.round(0)) await auditGenesis(audit);
  const rounds = facts.rounds.filter(({ round }) => within.round(round));
  for (const round of rounds) await auditRound(audit, round);
  auditFreezes(audit);
  const members = await auditSettlements(audit);
  auditPayments(audit, members);
  if (within.whole) for (const { dataset, card } of facts.datasets) await readWhole(audit, `dataset ${dataset}`, card);
  return {
    ok: book.findings.length === 0,
    checked: book.checked,
    rounds: rounds.filter(({ report }) => report !== null).length,
    settlements: facts.settlements.filter(({ index }) => within.settlement(index)).length,
    findings: book.findings,
    comparisons: book.comparisons,
    members,
  };
}

async function auditGenesis(audit: Audit): Promise<void> {
  const { facts, book, models, configs, hashPairs } = audit;
  const reader = await readWhole(audit, "genesis", facts.genesis.artefact);
  if (reader === null) return;
  await guarded(book, "genesis", async () => {
    const { checks, manifest, model } = await verifyGenesisBundle(reader, { federation: facts.federation, ...facts.genesis }, hashPairs);
    book.take("genesis", checks);
    configs.set(configHash(manifest.config), manifest.config);
    if (model !== null) models.set(0, model);
  });
}

async function auditRound(audit: Audit, round: RoundFacts): Promise<void> {
  const { facts, book, models, scored, configs, hashPairs, escrow } = audit;
  const entry = `round ${round.round}`;
  const { report } = round;
  // A sealed round has promised nothing yet that can be recomputed; a void one without report never will.
  if (report === null) {
    if (!audit.within.whole) book.unverified(entry, `nothing to recompute: the ledger holds no report of it that stands (${round.state})`);
    return;
  }
  const reader = await readWhole(audit, entry, report.artefact);
  if (reader === null) return rescueModel(audit, round.round, report);
  if (!models.has(round.parentRound) && !audit.within.whole) await takeParentModel(audit, round.parentRound);
  const base = models.get(round.parentRound);
  if (base === undefined) {
    book.dependsOn(entry, round.parentRound === 0 ? "the genesis model" : `round ${round.parentRound}`);
    return rescueModel(audit, round.round, report);
  }
  await guarded(book, entry, async () => {
    const expected = roundExpectations(facts, round, report, base);
    if (expected === null) return;
    const verification = await verifyRoundBundle(reader, expected, hashPairs, escrow);
    book.take(entry, verification.checks);
    for (const { path, error } of verification.unread) {
      if (error === null) book.unverified(entry, "escrowed: not readable here; only the operators and the escrow's auditors can recompute it", path);
      else if (!book.findings.some((finding) => finding.entry === entry && finding.message === error.message)) book.fault(entry, error);
    }
    const { manifest } = verification;
    for (const field of ["modelRoot", "metricsHash", "excluded"] as const) book.same(entry, MANIFEST, field, report[field], manifest.report[field]);
    configs.set(configHash(manifest.config), manifest.config);
    if (verification.scored !== null) scored.set(round.round, verification.scored);
    if (verification.model === null) return;
    models.set(round.round, verification.model);
    await checkAccuracy(audit, entry, reader, manifest.evaluation, verification.model);
  });
}

/** The base of a round that is looked at alone. */
async function takeParentModel(audit: Audit, round: number): Promise<void> {
  const parent = reportedRound(audit.facts, round);
  if (parent !== null) await rescueModel(audit, round, parent);
}

/** A damaged bundle's model is still good as the next round's base when its root is the one on chain: damage should not spread in the report. */
async function rescueModel(audit: Audit, round: number, report: NamedModel): Promise<void> {
  const model = await readModel(audit, report);
  if (model !== null) audit.models.set(round, model);
}
