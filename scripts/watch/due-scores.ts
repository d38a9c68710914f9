import { ChongwenError } from "../../protocol/errors.ts";
import type { FaultSearch } from "../../protocol/faults/find-evidence.ts";
import { findSettlementFault } from "../../protocol/faults/find-settlement-fault.ts";
import { reportHash, scoringRule, type SettlementStatement } from "../../protocol/index.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import { PRIVACY_MODES } from "../../protocol/privacy/modes.ts";
import { QUALITY_V1 } from "../../protocol/rewards/scoring.ts";
import type { Kernel } from "../chain/kernel.ts";
import { problemOf } from "./fetch.ts";
import { readInParts } from "./logs.ts";
import { recomputeQuality, scoredOf, type DueScores, type QualityContext } from "./quality-scores.ts";
import { incomplete, readRound, RoundMoved, type RoundOnChain } from "./read-round.ts";
import type { SettlementOnChain } from "./read-settlement.ts";

/** @param escrowed The scores rest on updates to which there is no key here. */
export type FoundScores = DueScores & { readonly escrowed: boolean };

/** What the final rounds covered give each seat and nobody, under the rule in force. Never thrown: what keeps it from being known. @throws failures of the endpoint */
export async function findDueScores(context: QualityContext, { ledger: { statement }, previousArtefact }: SettlementOnChain): Promise<FoundScores> {
  let isEscrowed = false;
  const known = (due: DueScores): FoundScores => ({ ...due, escrowed: isEscrowed && due.problem?.code === "envelope-key-missing" });
  try {
    const rounds = await readFinalRounds(context.kernel, statement);
    isEscrowed = rounds.some(({ ledger }) => ledger.config.privacyMode === PRIVACY_MODES.escrowed);
    const pinned = rounds.findLast(({ report }) => reportHash(report) === statement.lastReportHash);
    if (pinned === undefined) throw incomplete(`final round with report ${statement.lastReportHash}`);
    const { scoringId } = pinned.ledger.config;
    if (scoringId === QUALITY_V1) return known(await recomputeQuality(context, { statement, rounds, previousArtefact }));
    const seatCount = await countSeats(context.kernel, statement.federation, pinned.reportedIn);
    return known({ scores: scoringRule(scoringId).score({ rounds: rounds.map(scoredOf), seatCount }), wrong: null, problem: null });
  } catch (error) {
    if (!(error instanceof RoundMoved || error instanceof ChongwenError)) throw error;
    return known({ scores: null, wrong: null, problem: problemOf("scores", error) });
  }
}

async function readFinalRounds(kernel: Kernel, { federation, firstRound, lastRound }: SettlementStatement): Promise<RoundOnChain[]> {
  const final: RoundOnChain[] = [];
  for (let round = firstRound; round <= lastRound; round++) {
    const { state } = await kernel.rounds.read.roundOf([federation, round]);
    if (ROUND_STATES[state] === "Final") final.push(await readRound(kernel, federation, round));
  }
  return final;
}

/** Seats granted up to a block: one that came after the report that a settlement pins has no part in it. */
export async function countSeats({ client, seats, deployment }: Pick<Kernel, "client" | "seats" | "deployment">, federation: number, toBlock: bigint): Promise<number> {
  const range = { fromBlock: deployment.fromBlock, toBlock };
  const granted = await readInParts(range, (part) => client.getContractEvents({ ...seats, eventName: "SeatGranted", args: { federation }, ...part, strict: true }));
  return granted.length;
}

/** Searches a settlement: what can be proven first, because that needs no scores, however long they take to recompute. */
export async function searchSettlement({ ledger }: SettlementOnChain, tables: readonly Uint8Array[], findScores: () => Promise<FoundScores>): Promise<{ readonly search: FaultSearch; readonly due: FoundScores | null }> {
  const provable = await findSettlementFault({ ...ledger, dueScores: null }, tables);
  if (provable.kind === "fault") return { search: provable, due: null };
  const due = await findScores();
  const search = due.scores === null ? provable : await findSettlementFault({ ...ledger, dueScores: due.scores }, tables);
  return { search: withEvidence(search, due, ledger.statement), due };
}

/** A score that is wrong says most, then evidence that does not hold; only then what could not be looked at. */
function withEvidence(search: FaultSearch, { wrong, problem, escrowed }: FoundScores, { scoresHash }: SettlementStatement): FaultSearch {
  if (search.kind === "unprovable") return search;
  if (wrong !== null) return { kind: "unprovable", reason: `the scores rest on what does not hold: ${wrong.reason}`, where: `scores: ${wrong.where}` };
  if (search.kind === "missing") return escrowed && search.items.every(({ file }) => file === "scores") ? { kind: "escrowed" } : search;
  return problem === null ? search : { kind: "missing", items: [{ file: "scores", demand: null, commitment: scoresHash, depth: 0, ranges: [] }] };
}
