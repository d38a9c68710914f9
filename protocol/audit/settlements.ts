import type { BundleReader } from "../bundle/reader.ts";
import { SETTLEMENT_FILES } from "../bundle/settlement-manifest.ts";
import type { Hex } from "viem";
import { type SettlementExpectations, verifySettlementBundle } from "../bundle/settlement-verify.ts";
import { ChongwenError } from "../errors.ts";
import { settlementExpectations } from "../ledger/expectations.ts";
import { qualityExpectations } from "../ledger/quality-expectations.ts";
import { windowSource } from "../ledger/window-source.ts";
import { QUALITY_V1 } from "../rewards/scoring.ts";
import { readWindow } from "../scoring/score-window.ts";
import type { SettlementFacts } from "../ledger/facts.ts";
import { MEMBER_BYTES, memberAt, memberTotal } from "../rewards/members.ts";
import { pointsWorth } from "../rewards/points.ts";
import { buildRewardsTree } from "../rewards/tree.ts";
import { guarded, readWhole, type Audit } from "./context.ts";

const TABLE_LIMIT = 2 ** 24 * MEMBER_BYTES + 1;

/** @returns The member table of the last final settlement, empty when there is none. */
export async function auditSettlements(audit: Audit): Promise<Uint8Array> {
  const { facts, book, within } = audit;
  let previous: Uint8Array | null = new Uint8Array();
  let final: Uint8Array = previous;
  for (const [i, settlement] of facts.settlements.entries()) {
    const entry = `settlement ${settlement.index}`;
    const wanted = within.settlement(settlement.index);
    // The table before the one that is asked about is what that one adds to.
    const needed = wanted || (facts.settlements[i + 1] !== undefined && within.settlement(facts.settlements[i + 1]!.index));
    if (!needed) continue;
    const reader = wanted ? await readWhole(audit, entry, settlement.artefact) : null;
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

async function auditSettlement(audit: Audit, settlement: SettlementFacts, reader: BundleReader, previous: Uint8Array): Promise<void> {
  const { facts, book, scored, configs } = audit;
  // A void round may have been sealed under a configuration that nothing was ever final under.
  const last = facts.rounds.findLast(({ round, state }) => state === "Final" && round <= settlement.lastRound);
  const inForce = configs.get(last?.configHash ?? facts.genesis.configHash);
  const expected = settlementExpectations(facts, settlement, inForce?.scoringId ?? 0);
  const quality = inForce?.scoringId === QUALITY_V1 ? await qualityOf(audit, settlement, inForce.termsHash, expected.previous) : {};
  const { checks } = await verifySettlementBundle(reader, { ...expected, ...quality }, [...scored.values()], previous);
  book.take(`settlement ${settlement.index}`, checks);
}

/** What a settlement by quality is compared with, and where its rounds' updates are read once more. */
async function qualityOf(audit: Audit, settlement: SettlementFacts, termsHash: Hex, previous: SettlementExpectations["previous"]) {
  const { facts, store, scored } = audit;
  const { quality } = settlement;
  if (quality === null || quality === undefined) return {};
  const { firstRound, lastRound } = settlement;
  const final = facts.rounds.filter(({ round, state }) => state === "Final" && round >= firstRound && round <= lastRound);
  const source = windowSource(audit);
  const window = () => readWindow(final.map(({ round }) => scored.get(round)!), source);
  return { quality: await qualityExpectations({ facts: quality, termsHash, previous, window, open: (artefact) => store.open(artefact) }) };
}

/** The member table of a settlement, when it is the one whose root is on chain. */
async function boundMembers({ facts, store }: Audit, settlement: SettlementFacts): Promise<Uint8Array | null> {
  try {
    const members = await (await store.open(settlement.artefact)).read(SETTLEMENT_FILES.members, TABLE_LIMIT);
    const tree = await buildRewardsTree({ chainId: facts.deployment.chainId, vault: facts.vault, federation: facts.federation }, members);
    return tree.root === settlement.rewardsRoot ? members : null;
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    return null;
  }
}

/** What the vault holds and paid follows from the settlements. */
export function auditPayments({ facts, book, within }: Audit, members: Uint8Array): void {
  const last = facts.settlements.findLast(({ state }) => state === "Final");
  // The vault holds the tree of the last final settlement: of an earlier one it says nothing any more.
  if (last === undefined || !within.settlement(last.index)) return;
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
  auditPoints(facts, book, paid);
  for (const [index, sum] of paid) {
    const earned = memberAt(members, index)?.cumulative ?? 0n;
    if (sum > earned) book.same("claims", `seat ${index}`, "paid in total", `at most ${earned}`, sum);
  }
}

/** What claims of points came to follows from the rate. @param claimed Points claimed, by seat. */
function auditPoints({ points }: Audit["facts"], book: Audit["book"], claimed: ReadonlyMap<number, bigint>): void {
  if (points === null) return;
  const paid = new Map<number, bigint>();
  for (const { index, paid: amount } of points.payments) paid.set(index, (paid.get(index) ?? 0n) + amount);
  for (const index of new Set([...claimed.keys(), ...paid.keys()])) {
    book.same("claims", `seat ${index}`, "SHU paid for points", pointsWorth(claimed.get(index) ?? 0n, points.rate), paid.get(index) ?? 0n);
  }
}
