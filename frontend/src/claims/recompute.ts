/** A settlement worked out again from the rounds it covers, by the protocol's own functions; and what would have been without one update. Pure. */
import type { Hex } from "viem";
import { columnHash } from "../../../protocol/columns.ts";
import { computeEntitlements, ZERO_ADDRESS } from "../../../protocol/rewards/entitlements.ts";
import type { Entitlements } from "../../../protocol/rewards/entitlements.ts";
import { packScores } from "../../../protocol/rewards/scores.ts";
import type { Scores } from "../../../protocol/rewards/scores.ts";
import { SCORING_RULES } from "../../../protocol/rewards/scoring.ts";
import type { ScoredRound } from "../../../protocol/rewards/scoring.ts";
import type { Breakdown } from "./receipt.ts";

/** Stands for any payee at all: only whether there is one changes an amount. */
const SOMEBODY: Hex = "0x0000000000000000000000000000000000000001";

export interface RecomputeInput {
  readonly scoringId: number;
  readonly pool: bigint;
  /** Final rounds covered, with the weights that count. */
  readonly rounds: readonly ScoredRound[];
  /** What the operators signed. */
  readonly breakdown: Breakdown;
  readonly scoresHash: Hex;
}

export type Recomputation =
  /** The scores follow from the rounds. */
  | { readonly kind: "equal"; readonly rule: string }
  /** They do not: whoever reads this can challenge the settlement while its window is open. */
  | { readonly kind: "differs"; readonly seats: readonly number[] }
  | { readonly kind: "unknown-rule"; readonly scoringId: number };

function ruleOf(scoringId: number) {
  return SCORING_RULES.find(({ id }) => id === scoringId);
}

export function recomputeScores({ scoringId, rounds, breakdown, scoresHash }: Omit<RecomputeInput, "pool">): Recomputation {
  const rule = ruleOf(scoringId);
  if (rule === undefined) return { kind: "unknown-rule", scoringId };
  let scores: Scores = { seats: [], nobody: 0n };
  try {
    scores = rule.score({ rounds, seatCount: breakdown.scores.length });
  } catch {
    // A seat beyond the table has weight: the table is too short.
  }
  const seats = breakdown.scores.flatMap((score, seat) => (scores.seats[seat] === score ? [] : [seat]));
  const equal = seats.length === 0 && columnHash(packScores(scores)) === scoresHash;
  return equal ? { kind: "equal", rule: rule.name } : { kind: "differs", seats };
}

/** Seats that scored and were paid nothing have declined payment. */
function payeesOf({ scores, amounts, scoreSum }: Breakdown, pool: bigint): Hex[] {
  return scores.map((score, seat) => (amounts[seat] === 0n && scoreSum > 0n && (pool * score) / scoreSum > 0n ? ZERO_ADDRESS : SOMEBODY));
}

export interface Counterfactual {
  readonly before: Entitlements;
  readonly after: Entitlements;
  /** What the seat would have lost. */
  readonly own: bigint;
  /** What each other seat would have gained, largest first; those that would have gained nothing are left out. */
  readonly others: readonly { readonly seat: number; readonly gain: bigint }[];
  /** Nobody would have had a score: all of the pool would have rolled over. */
  readonly nobodyPaid: boolean;
}

/**
 * "Had this seat's update of that round been rejected": the entry's weight is 0, as when the contract drops it, and nothing else changes. The pool stays:
 * a final round adds the same whoever took part. Whether the round would have had enough entries to be final at all is not asked.
 * @returns undefined when the seat had no weight in that round, or the rule is not known
 */
export function withoutUpdate({ scoringId, pool, rounds, breakdown }: Omit<RecomputeInput, "scoresHash">, seat: number, round: number): Counterfactual | undefined {
  const rule = ruleOf(scoringId);
  const counted = rounds.some((scored) => scored.round === round && scored.seats.some((other, i) => other === seat && (scored.weights[i] ?? 0) > 0));
  if (rule === undefined || !counted) return undefined;
  const rejected = rounds.map((scored) =>
    scored.round === round ? { ...scored, weights: scored.weights.map((weight, i) => (scored.seats[i] === seat ? 0 : weight)) } : scored,
  );
  const payees = payeesOf(breakdown, pool);
  const seatCount = breakdown.scores.length;
  const before = computeEntitlements(pool, rule.score({ rounds, seatCount }), payees);
  const scores = rule.score({ rounds: rejected, seatCount });
  const after = computeEntitlements(pool, scores, payees);
  const gains = after.amounts.map((amount, other) => ({ seat: other, gain: amount - (before.amounts[other] ?? 0n) }));
  return {
    before,
    after,
    own: (before.amounts[seat] ?? 0n) - (after.amounts[seat] ?? 0n),
    others: gains.filter(({ seat: other, gain }) => other !== seat && gain !== 0n).toSorted((a, b) => (b.gain > a.gain ? 1 : b.gain < a.gain ? -1 : a.seat - b.seat)),
    nobodyPaid: scores.seats.every((score) => score === 0n),
  };
}
