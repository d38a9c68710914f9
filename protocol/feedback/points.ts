/**
 * What feedback is worth, in points by seat. Nobody can tell from outside whether a verdict is right, so the rule bounds what saying much can earn, and the tier's
 * share bounds it again. Specification: docs/annotation.md, “Points for feedback”.
 */
import type { Address, Hex } from "viem";
import { createPoints, type PointsRow } from "../scoring/tier-points.ts";
import { VERDICTS } from "./index.ts";

export interface FeedbackRule {
  /** Statements of one account that count in a UTC day, and of all accounts that are paid at one seat. */
  readonly perUserDay: number;
  readonly perSeatDay: number;
  /** Points of a prediction that was checked, right or wrong, and of one that its user could not judge. */
  readonly checked: number;
  readonly unsure: number;
}

export const FEEDBACK_RULE: FeedbackRule = { perUserDay: 10, perSeatDay: 50, checked: 1_000_000, unsure: 200_000 };

export interface ReceivedFeedback {
  readonly user: Address;
  readonly modelRoot: Hex;
  readonly inputHash: Hex;
  readonly verdict: number;
  /** Unix seconds. */
  readonly receivedAt: number;
}

/** Where a user is paid. */
export interface FeedbackPayee {
  readonly organisation: number;
  readonly seat: number;
}

export interface FeedbackEvidence<Statement extends ReceivedFeedback> {
  /** Everything that the service ever received for the federation, in the order in which it did: limits of a day do not begin anew with a settlement. */
  readonly statements: readonly Statement[];
  /** Null for who is no member of the ledger, or has no seat. */
  readonly payeeOf: (user: Address) => FeedbackPayee | null;
  /** Organisations of the model's authors: they do not judge their own work for pay. */
  readonly authors: ReadonlySet<number>;
  readonly rule?: FeedbackRule;
}

/** The statements that count, and what each is worth. */
export function countFeedback<Statement extends ReceivedFeedback>({ statements, payeeOf, authors, rule = FEEDBACK_RULE }: FeedbackEvidence<Statement>): { readonly statement: Statement; readonly seat: number; readonly points: number }[] {
  const judged = new Set<string>();
  const days = new Map<string, number>();
  return statements.flatMap((statement) => {
    const { user, modelRoot, inputHash, verdict, receivedAt } = statement;
    const payee = payeeOf(user);
    const points = verdict === VERDICTS.unsure ? rule.unsure : verdict === VERDICTS.right || verdict === VERDICTS.wrong ? rule.checked : 0;
    if (payee === null || authors.has(payee.organisation) || points === 0) return [];
    const day = Math.floor(receivedAt / 86_400);
    const [ofUser, ofSeat] = [`${user.toLowerCase()}/${day}`, `${payee.seat}/${day}`];
    const input = `${modelRoot}/${inputHash}`;
    const [byUser, bySeat] = [days.get(ofUser) ?? 0, days.get(ofSeat) ?? 0];
    if (byUser >= rule.perUserDay || bySeat >= rule.perSeatDay || judged.has(input)) return [];
    judged.add(input);
    days.set(ofUser, byUser + 1).set(ofSeat, bySeat + 1);
    return [{ statement, seat: payee.seat, points }];
  });
}

/** @param within Whether a statement belongs to the settlement. */
export function scoreFeedback<Statement extends ReceivedFeedback>(evidence: FeedbackEvidence<Statement>, within: (statement: Statement) => boolean): PointsRow[] {
  return createPoints(countFeedback(evidence).flatMap(({ statement, seat, points }): PointsRow[] => (within(statement) ? [[seat, BigInt(points)]] : [])));
}
