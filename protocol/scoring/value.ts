/**
 * The value of a coalition of players: what the window's base model becomes when only they had contributed, judged once at the window's end.
 * v(S) = U(logits(G₀) + Σ_t rhu(Σ_{i∈S} wᵢᵗ·logits(qᵢᵗ), Σ_{i∈S} wᵢᵗ)): because the evaluator is linear, each update meets the holdout once and a coalition
 * costs additions. A round in which nobody of S took part changes nothing.
 * Source: the one-reconstruction data Shapley of Wei et al., “Efficient and Fair Data Valuation for Horizontal Federated Learning” (2020), on logits.
 */
import { requireSame } from "./require.ts";
import type { Utility } from "./utility.ts";

/** What one player gave in one round. @param logits Σ wᵢ·logits(qᵢ) over its entries. @param weight Σ wᵢ. */
export interface PlayerRound {
  readonly weight: number;
  readonly logits: Float64Array;
}

/** @param base Logits of the model before the window. @param rounds By round, then by player; null when it had no part. Each player has a part somewhere. */
export interface Game {
  readonly players: number;
  readonly base: Float64Array;
  readonly rounds: readonly (readonly (PlayerRound | null)[])[];
  readonly utility: Utility;
}

/** A coalition that players join and leave. */
export interface Coalition {
  add(player: number): void;
  remove(player: number): void;
  clear(): void;
  /** What its model says of the holdout. Overwritten by the next call. */
  logits(): Float64Array;
  /** ppm */
  value(): number;
}

/** @throws length-mismatch */
export function createCoalition({ players, base, rounds, utility }: Game): Coalition {
  for (const round of rounds) requireSame("players of a round", players, round.length);
  const sums = rounds.map(() => ({ weight: 0, logits: new Float64Array(base.length) }));
  const reached = new Float64Array(base.length);
  const logits = (): Float64Array => {
    reached.set(base);
    for (const sum of sums) {
      if (sum.weight === 0) continue;
      const twice = 2 * sum.weight;
      for (let at = 0; at < reached.length; at++) reached[at]! += Math.floor((2 * sum.logits[at]! + sum.weight) / twice);
    }
    return reached;
  };
  const change = (player: number, sign: 1 | -1): void => {
    rounds.forEach((round, t) => {
      const part = round[player];
      if (part === null || part === undefined) return;
      const sum = sums[t]!;
      sum.weight += sign * part.weight;
      for (let at = 0; at < sum.logits.length; at++) sum.logits[at]! += sign * part.logits[at]!;
    });
  };
  return {
    add: (player) => change(player, 1),
    remove: (player) => change(player, -1),
    clear() {
      for (const sum of sums) {
        sum.weight = 0;
        sum.logits.fill(0);
      }
    },
    logits,
    value: () => utility(logits()),
  };
}
