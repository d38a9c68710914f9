import { ChongwenError } from "../../protocol/errors.ts";
import {
  buildRewardsTree,
  configHash,
  int32Of,
  MANIFEST,
  memberAt,
  memberTotal,
  modelRoot,
  ROUND_FILES,
  SETTLEMENT_FILES,
  verifyGenesisBundle,
  verifyRoundBundle,
  verifySettlementBundle,
  type FederationConfig,
  type HashPairs,
  type ScoredRound,
} from "../../protocol/index.ts";
import { roundExpectations, settlementExpectations } from "../ledger/expectations.ts";
import type { LedgerFacts, RoundFacts, SettlementFacts } from "../ledger/facts.ts";
import type { ArtefactReader, ArtefactStore, Digest } from "../store/index.ts";
import { checkAccuracy } from "./accuracy.ts";
import { createLedgerbook, type Finding, type Ledgerbook } from "./findings.ts";

export interface AuditReport {
  /** Everything was read, recomputed, and is as the ledger says. */
  readonly ok: boolean;
  /** Comparisons made. */
  readonly checked: number;
  readonly rounds: number;
  readonly settlements: number;
  /** In the order of the ledger; the first is the place to look. */
  readonly findings: readonly Finding[];
  /** What every seat has earned in final settlements, as recomputed: packed members, see `protocol/rewards/members.ts`. */
  readonly members: Uint8Array;
}

export interface AuditParameters {
  readonly facts: LedgerFacts;
  readonly store: ArtefactStore;
  readonly hashPairs: HashPairs;
}

interface Audit extends AuditParameters {
  readonly book: Ledgerbook;
  /** Models that the ledger names, by round: each is the base of the next. */
  readonly models: Map<number, Int32Array>;
  readonly scored: Map<number, ScoredRound>;
  readonly configs: Map<string, FederationConfig>;
}

/**
 * Recomputes a federation's whole history: every artefact is re-hashed, every round aggregated again from its updates, every settlement scored and paid
 * again, every claim compared with what was earned. Trusts the chain's facts and nothing else.
 */
export async function auditLedger(parameters: AuditParameters): Promise<AuditReport> {
  const audit: Audit = { ...parameters, book: createLedgerbook(), models: new Map(), scored: new Map(), configs: new Map() };
  const { facts, book } = audit;
  await auditGenesis(audit);
  for (const round of facts.rounds) await auditRound(audit, round);
  const members = await auditSettlements(audit);
  auditPayments(audit, members);
  for (const { dataset, card } of facts.datasets) await readWhole(audit, `dataset ${dataset}`, card);
  return {
    ok: book.findings.length === 0,
    checked: book.checked,
    rounds: facts.rounds.filter(({ report }) => report !== null).length,
    settlements: facts.settlements.length,
    findings: book.findings,
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
  const { facts, book, models, scored, configs, hashPairs } = audit;
  const entry = `round ${round.round}`;
  const { report } = round;
  // A sealed round has promised nothing yet that can be recomputed; a void one without report never will.
  if (report === null) return;
  const reader = await readWhole(audit, entry, report.artefact);
  if (reader === null) return rescueModel(audit, round.round, report);
  const base = models.get(round.parentRound);
  if (base === undefined) {
    book.dependsOn(entry, round.parentRound === 0 ? "the genesis model" : `round ${round.parentRound}`);
    return rescueModel(audit, round.round, report);
  }
  await guarded(book, entry, async () => {
    const expected = roundExpectations(facts, round, report, base);
    if (expected === null) return;
    const verification = await verifyRoundBundle(reader, expected, hashPairs);
    book.take(entry, verification.checks);
    const { manifest } = verification;
    for (const field of ["modelRoot", "metricsHash", "excluded"] as const) book.same(entry, MANIFEST, field, report[field], manifest.report[field]);
    configs.set(configHash(manifest.config), manifest.config);
    if (verification.scored !== null) scored.set(round.round, verification.scored);
    if (verification.model === null) return;
    models.set(round.round, verification.model);
    await checkAccuracy(audit, entry, reader, manifest.evaluation, verification.model);
  });
}

/** A damaged bundle's model is still good as the next round's base when its root is the one on chain: damage should not spread in the report. */
async function rescueModel({ store, models, hashPairs }: Audit, round: number, report: { artefact: Digest; modelRoot: string }): Promise<void> {
  try {
    const bytes = await (await store.open(report.artefact)).read(ROUND_FILES.model);
    const model = int32Of(bytes);
    if (modelRoot(model, hashPairs) === report.modelRoot) models.set(round, model);
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
  }
}

/** @returns The member table of the last final settlement, empty when there is none. */
async function auditSettlements(audit: Audit): Promise<Uint8Array> {
  const { facts, book } = audit;
  let previous: Uint8Array | null = new Uint8Array();
  let final: Uint8Array = previous;
  for (const settlement of facts.settlements) {
    const entry = `settlement ${settlement.index}`;
    const reader = await readWhole(audit, entry, settlement.artefact);
    const lost = facts.rounds.find(({ round, state }) => state === "Final" && round >= settlement.firstRound && round <= settlement.lastRound && !audit.scored.has(round));
    const before = previous;
    previous = await boundMembers(audit, settlement);
    if (settlement.state === "Final" && previous !== null) final = previous;
    if (reader === null) continue;
    if (lost !== undefined) book.dependsOn(entry, `round ${lost.round}`);
    else if (before === null) book.dependsOn(entry, `settlement ${settlement.index - 1}`);
    else await guarded(book, entry, () => auditSettlement(audit, settlement, reader, before));
  }
  return final;
}

async function auditSettlement({ facts, book, scored, configs }: Audit, settlement: SettlementFacts, reader: ArtefactReader, previous: Uint8Array): Promise<void> {
  const inForce = facts.rounds.findLast(({ round }) => round <= settlement.lastRound)?.configHash ?? facts.genesis.configHash;
  const expected = settlementExpectations(facts, settlement, configs.get(inForce)?.scoringId ?? 0);
  const { checks } = await verifySettlementBundle(reader, expected, [...scored.values()], previous);
  book.take(`settlement ${settlement.index}`, checks);
}

/** The member table of a settlement, when it is the one whose root is on chain. */
async function boundMembers({ facts, store }: Audit, settlement: SettlementFacts): Promise<Uint8Array | null> {
  try {
    const members = await (await store.open(settlement.artefact)).read(SETTLEMENT_FILES.members);
    const tree = await buildRewardsTree({ chainId: facts.deployment.chainId, vault: facts.vault, federation: facts.federation }, members);
    return tree.root === settlement.rewardsRoot ? members : null;
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    return null;
  }
}

/** What the vault holds and paid follows from the settlements. */
function auditPayments({ facts, book }: Audit, members: Uint8Array): void {
  const last = facts.settlements.findLast(({ state }) => state === "Final");
  if (last === undefined) return;
  book.same("vault", "rewardsRoot", "rewards root", last.rewardsRoot, facts.rewardsRoot);
  book.same("vault", "total", "credited", last.total, facts.credited);
  // Without the member table, which has a finding of its own, payments cannot be compared with what was earned.
  if (members.length === 0) return book.dependsOn("claims", `settlement ${last.index}`);
  book.same("vault", "members", "sum of all members", memberTotal(members), facts.credited);
  const paid = new Map<number, bigint>();
  for (const { index, amount, cumulative } of facts.claims) {
    const sum = (paid.get(index) ?? 0n) + amount;
    paid.set(index, sum);
    book.same("claims", `seat ${index}`, "sum of payments", cumulative, sum);
  }
  for (const [index, sum] of paid) {
    const earned = memberAt(members, index)?.cumulative ?? 0n;
    if (sum > earned) book.same("claims", `seat ${index}`, "paid in total", `at most ${earned}`, sum);
  }
}

/** Reads every block of an artefact. Null when that showed it damaged or absent, which is recorded. */
async function readWhole({ store, book }: Audit, entry: string, digest: Digest): Promise<ArtefactReader | null> {
  try {
    const { findings, blocks } = await store.verifyAll(digest, { label: entry });
    for (const finding of findings) book.fault(entry, finding);
    book.reread(blocks);
    return findings.length === 0 ? await store.open(digest, { label: entry }) : null;
  } catch (error) {
    book.fault(entry, error);
    return null;
  }
}

/** Unreadable content is a finding about an entry, not the end of the audit. */
async function guarded(book: Ledgerbook, entry: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    book.fault(entry, error);
  }
}
