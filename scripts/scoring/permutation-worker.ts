/** One thread of `scoreInWorkers`: marginal values over the pairs of permutations that it is asked for. */
import { parentPort, workerData } from "node:worker_threads";
import type { Hex } from "viem";
import { permutationSlice } from "../../protocol/scoring/shapley.ts";
import { createUtility, type Targets } from "../../protocol/scoring/utility.ts";
import type { Game, PlayerRound } from "../../protocol/scoring/value.ts";
import type { DataTerms } from "../../protocol/terms/terms.ts";

/** A game without its functions. @param logits Of the base, then of each round's players. @param weights By round and player; 0 when it had no part. */
export interface SharedGame {
  readonly players: number;
  readonly rounds: number;
  readonly logits: Float64Array;
  readonly weights: readonly number[];
  readonly utility: DataTerms["utility"];
  readonly classes: number;
  readonly gridBits: number;
  readonly targets: Targets;
  readonly seed: Hex;
}

/** Pairs from … to − 1. */
export interface SliceTask {
  readonly from: number;
  readonly to: number;
}

export type SliceAnswer = Float64Array;

function gameOf({ players, rounds, logits, weights, utility, classes, gridBits, targets }: SharedGame): Game {
  const width = targets.length * classes;
  const part = (at: number): PlayerRound | null => {
    const weight = weights[at] ?? 0;
    return weight === 0 ? null : { weight, logits: logits.subarray((at + 1) * width, (at + 2) * width) };
  };
  return {
    players, base: logits.subarray(0, width), utility: createUtility(utility, targets, classes, gridBits),
    rounds: Array.from({ length: rounds }, (_, t) => Array.from({ length: players }, (_, player) => part(t * players + player))),
  };
}

const shared = workerData as SharedGame;
const game = gameOf(shared);
parentPort?.on("message", ({ from, to }: SliceTask) => {
  const sums: SliceAnswer = permutationSlice(game, shared.seed, from, to);
  parentPort?.postMessage(sums, [sums.buffer as ArrayBuffer]);
});
