import { firstFailure } from "../../protocol/bundle/checks.ts";
import type { QualityExpectations } from "../../protocol/bundle/settlement-quality.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { statementHash, verifySettlementBundle, type SettlementStatement } from "../../protocol/index.ts";
import { settlementExpectations } from "../../protocol/ledger/expectations.ts";
import type { LedgerPart, SettlementFacts } from "../../protocol/ledger/facts.ts";
import type { VerifiedRound } from "../../protocol/scoring/score-window.ts";
import type { ArtefactStore } from "../store/index.ts";

export interface SettlementCheck {
  readonly facts: LedgerPart;
  readonly statement: SettlementStatement;
  readonly pool: bigint;
  readonly payees: SettlementFacts["payees"];
  readonly scoringId: number;
  readonly store: ArtefactStore;
  readonly scored: readonly VerifiedRound[];
  readonly previousMembers: Uint8Array;
  /** Null where quality does not score. */
  readonly quality: QualityExpectations | null;
}

/** What an operator does before it signs a settlement: reads the bundle that it names, and recomputes all of it. @throws settlement-mismatch, and what the store throws */
export async function checkSettlement({ facts, statement, pool, payees, scoringId, store, scored, previousMembers, quality }: SettlementCheck): Promise<void> {
  const { index, firstRound, lastRound, artefact } = statement;
  const expected = settlementExpectations(facts, { index, firstRound, lastRound, statementHash: statementHash(statement), pool, artefact, payees }, scoringId);
  const reader = await store.open(artefact, { label: `settlement ${index}` });
  const failure = firstFailure((await verifySettlementBundle(reader, { ...expected, ...(quality === null ? {} : { quality }) }, scored, previousMembers)).checks);
  if (failure !== null) {
    throw new ChongwenError({
      code: "settlement-mismatch",
      message: `Settlement ${index}, ${failure.subject}: ${failure.name} is ${failure.actual}, expected ${failure.expected}.`,
      fix: "Do not sign. Ask whoever proposed it for the rounds and scores it used.",
    });
  }
}
