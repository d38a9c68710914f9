import { firstFailure } from "../../protocol/bundle/checks.ts";
import { ChongwenError, protocolError } from "../../protocol/errors.ts";
import { reportHash, type Report } from "../../protocol/index.ts";
import { roundExpectations } from "../../protocol/ledger/expectations.ts";
import type { LedgerPart } from "../../protocol/ledger/facts.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import type { ArtefactStore } from "../store/index.ts";
import type { Recomputation } from "./recomputation.ts";

export interface ReportCheck {
  readonly facts: LedgerPart;
  readonly report: Report;
  /** The model of the parent round. */
  readonly base: Int32Array;
  readonly store: ArtefactStore;
  readonly recomputation: Recomputation;
  /** Null without a key. */
  readonly reader: EscrowReader | null;
}

/**
 * What an operator does before it signs a report: reads the bundle that it names, and recomputes all of it.
 * @throws round-unknown, round-mismatch, envelope-key-missing, and what the store throws
 */
export async function checkReport({ facts, report, base, store, recomputation, reader }: ReportCheck): Promise<void> {
  const { round, artefact } = report;
  const recorded = facts.rounds.find((entry) => entry.round === round);
  const expected = recorded && roundExpectations(facts, recorded, { reportHash: reportHash(report), artefact }, base);
  if (!expected) throw new ChongwenError({ code: "round-unknown", message: `The ledger has no sealed round ${round}.`, fix: "Check that the endpoint is in step with the chain." });
  const { checks, unread } = await recomputation.verify(await store.open(artefact, { label: `round ${round}` }), expected, reader);
  const [payload] = unread;
  if (payload !== undefined) throw payload.error ?? protocolError("envelope-key-missing", `${payload.path} is escrowed, and this operator has no key.`);
  const failure = firstFailure(checks);
  if (failure !== null) {
    throw new ChongwenError({
      code: "round-mismatch",
      message: `Round ${round}, ${failure.subject}: ${failure.name} is ${failure.actual}, expected ${failure.expected}.`,
      fix: "Do not sign. Ask whoever aggregated the round for the inputs it used.",
    });
  }
}
