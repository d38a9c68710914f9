import type { RoundExpectations } from "../bundle/round-expectations.ts";
import type { SettledRound } from "../bundle/settlement-manifest.ts";
import type { SettlementExpectations } from "../bundle/settlement-verify.ts";
import type { LedgerPart, RoundFacts, SettlementFacts } from "./facts.ts";

const ZERO_HASH: `0x${string}` = `0x${"00".repeat(32)}`;

/** The report that a round holds, as a parent of the next: round 0 is the genesis. */
export function reportedRound(facts: LedgerPart, round: number): { round: number; reportHash: `0x${string}`; artefact: `0x${string}`; modelRoot: `0x${string}` } | null {
  const report = round === 0 ? facts.genesis : facts.rounds.find((entry) => entry.round === round)?.report;
  return report === null || report === undefined ? null : { round, reportHash: report.reportHash, artefact: report.artefact, modelRoot: report.modelRoot };
}

/** What a verifier of a round takes from the chain. @param model Of the parent round. */
export function roundExpectations(
  facts: LedgerPart,
  round: Pick<RoundFacts, "round" | "parentRound" | "configHash" | "seats">,
  report: { readonly reportHash: `0x${string}`; readonly artefact: `0x${string}` },
  model: Int32Array | null,
): RoundExpectations | null {
  const parent = reportedRound(facts, round.parentRound);
  if (parent === null) return null;
  return {
    chainId: facts.deployment.chainId,
    ledger: facts.deployment.contracts.rounds,
    federation: facts.federation,
    round: round.round,
    configHash: round.configHash,
    reportHash: report.reportHash,
    artefact: report.artefact,
    parent: { ...parent, model },
    seats: new Map(round.seats.map(({ seat, key, exempt }) => [seat, { key, exempt }])),
  };
}

/** Every round that a settlement covers, with what the ledger holds of it. */
export function settledRounds(facts: LedgerPart, firstRound: number, lastRound: number): SettledRound[] {
  return facts.rounds
    .filter(({ round }) => round >= firstRound && round <= lastRound)
    .map(({ round, state, report }) => ({
      round,
      state: state === "Final" ? "Final" : "Void",
      reportHash: report?.reportHash ?? ZERO_HASH,
      artefact: report?.artefact ?? ZERO_HASH,
    }));
}

/** What a verifier of a settlement takes from the chain. */
export function settlementExpectations(
  facts: LedgerPart,
  settlement: Pick<SettlementFacts, "index" | "firstRound" | "lastRound" | "statementHash" | "pool" | "artefact" | "payees">,
  scoringId: number,
): SettlementExpectations {
  const before = facts.settlements.find(({ index }) => index === settlement.index - 1);
  return {
    chainId: facts.deployment.chainId,
    settlement: facts.deployment.contracts.settlement,
    vault: facts.vault,
    federation: facts.federation,
    scoringId,
    index: settlement.index,
    pool: settlement.pool,
    previous: before === undefined ? null : { index: before.index, artefact: before.artefact },
    rounds: settledRounds(facts, settlement.firstRound, settlement.lastRound),
    payees: settlement.payees,
    statementHash: settlement.statementHash,
    artefact: settlement.artefact,
  };
}
