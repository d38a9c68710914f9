/** Scoring rules of settlements, by `FederationConfig.scoringId`. A rule is a pure function of what the final rounds published. */
import { protocolError } from "../errors.ts";
import type { Scores } from "./scores.ts";

/** @param seats Seat of each entry. @param weights Effective weight of each entry: 0 if dropped or excluded. */
export interface ScoredRound {
  readonly round: number;
  readonly seats: readonly number[];
  readonly weights: readonly number[];
}

/** @param rounds The final rounds that the settlement covers. @param seatCount Seats of the federation: scores are indexed by seat. */
export interface ScoringInput {
  readonly rounds: readonly ScoredRound[];
  readonly seatCount: number;
}

export interface ScoringRule {
  readonly id: number;
  readonly name: string;
  /** @returns One score a seat, and nobody's: what the rule leaves undistributed. */
  score(input: ScoringInput): Scores;
}

/**
 * `size-v1`: the sum of a seat's effective weights over the rounds covered, and nothing to nobody. It pays for registered size, not for quality, and is
 * published as that.
 * Source: proportional sharing by sample count, McMahan et al., 2017; the weight comes from the registry, never from a self-declared count.
 */
export const sizeV1: ScoringRule = {
  id: 1,
  name: "size-v1",
  score({ rounds, seatCount }) {
    const scores = new Array<bigint>(seatCount).fill(0n);
    for (const { round, seats, weights } of rounds) {
      seats.forEach((seat, i) => {
        if (seat >= seatCount) {
          if (weights[i] === 0) return;
          throw protocolError("out-of-range", `Round ${round} has weight for seat ${seat}, but the federation has ${seatCount} seats.`);
        }
        scores[seat]! += BigInt(weights[i] ?? 0);
      });
    }
    return { seats: scores, nobody: 0n };
  },
};

/**
 * `quality-v1` needs more than the rounds say: terms, a holdout, points, reputation. It lives in `protocol/scoring/`, and here is only its number.
 */
export const QUALITY_V1 = 2;

export const SCORING_RULES: readonly ScoringRule[] = [sizeV1];

/** @throws rule-unknown */
export function scoringRule(scoringId: number): ScoringRule {
  const rule = SCORING_RULES.find(({ id }) => id === scoringId);
  if (rule === undefined) throw protocolError("rule-unknown", `Scoring rule ${scoringId} is unknown; this software knows ${SCORING_RULES.map(({ id }) => id).join(", ")}.`);
  return rule;
}
