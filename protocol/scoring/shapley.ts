/**
 * Shapley values in integers: exact over all coalitions for few players, else averaged over seeded antithetic permutations.
 * Sources: L. S. Shapley (1953); Castro, Gómez and Tejada, “Polynomial calculation of the Shapley value based on sampling” (2009); antithetic pairs:
 * Mitchell et al., “Sampling Permutations for Shapley Value Estimation”, JMLR 23 (2022).
 */
import type { Hex } from "viem";
import { concatHex, keccak256, numberToHex } from "viem/utils";
import { protocolError } from "../errors.ts";
import { seededOrder } from "../random.ts";
import { createCoalition, type Game } from "./value.ts";

/** Coalitions double with each player: 4,096 at twelve. */
export const EXACT_PLAYERS = 12;

/** Told now and then, of how much was done. Both in evaluations. */
export type Progress = (done: number, total: number) => void;

/** φᵢ·scale is an integer: a sum of marginal values in ppm. @param sums φᵢ = sums[i] ∕ scale. */
export interface ShapleyValues {
  readonly sums: readonly bigint[];
  readonly scale: bigint;
}

/** Values of all coalitions, indexed by the bitmap of their players. @throws out-of-range */
export function coalitionValues(game: Game, progress?: Progress): Float64Array {
  const { players } = game;
  if (players > EXACT_PLAYERS) throw protocolError("out-of-range", `${players} players have more coalitions than are counted; at most ${EXACT_PLAYERS} are.`);
  const coalition = createCoalition(game);
  const count = 2 ** players;
  const values = new Float64Array(count);
  // In Gray code order one player joins or leaves at a time.
  for (let step = 0, set = 0; step < count; step++) {
    values[set] = coalition.value();
    if (step % 64 === 0) progress?.(step, count);
    const player = 31 - Math.clz32((step + 1) & -(step + 1));
    if (step + 1 === count) break;
    if ((set >> player) & 1) coalition.remove(player);
    else coalition.add(player);
    set ^= 1 << player;
  }
  progress?.(count, count);
  return values;
}

const factorial = (n: number): bigint => (n <= 1 ? 1n : BigInt(n) * factorial(n - 1));

/** φᵢ = Σ_{S∌i} |S|!(n−1−|S|)!∕n! · (v(S∪i) − v(S)); scale n!. */
export function exactShapley(values: Float64Array): ShapleyValues {
  const players = Math.log2(values.length);
  const weights = Array.from({ length: players }, (_, size) => factorial(size) * factorial(players - 1 - size));
  const sums = Array.from({ length: players }, (_, player) => {
    // By size first: sums of differences stay exact in doubles.
    const bySize = new Array<number>(players).fill(0);
    for (let set = 0; set < values.length; set++) if (((set >> player) & 1) === 0) bySize[bits(set)]! += values[set | (1 << player)]! - values[set]!;
    return bySize.reduce((sum, difference, size) => sum + BigInt(difference) * weights[size]!, 0n);
  });
  return { sums, scale: factorial(players) };
}

const bits = (set: number): number => {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
};

/**
 * Sums of marginal values over the pairs of permutations from … to − 1 of the seed: slices add up, so that several threads can share the work.
 * A pair is a permutation and its reverse.
 */
export function permutationSlice(game: Game, seed: Hex, from: number, to: number, progress?: Progress): Float64Array {
  const { players } = game;
  const coalition = createCoalition(game);
  const empty = coalition.value();
  const sums = new Float64Array(players);
  for (let pair = from; pair < to; pair++) {
    const order = seededOrder(keccak256(concatHex([seed, numberToHex(pair, { size: 4 })])), players);
    for (const way of [order, order.toReversed()]) {
      coalition.clear();
      let before = empty;
      for (const player of way) {
        coalition.add(player);
        const value = coalition.value();
        sums[player]! += value - before;
        before = value;
      }
    }
    progress?.(pair + 1 - from, to - from);
  }
  return sums;
}

/** @param slices Results of `permutationSlice` that cover `pairs` pairs. */
export function permutationShapley(slices: readonly Float64Array[], pairs: number): ShapleyValues {
  const players = slices[0]?.length ?? 0;
  return { sums: Array.from({ length: players }, (_, i) => slices.reduce((sum, slice) => sum + BigInt(slice[i]!), 0n)), scale: BigInt(2 * pairs) };
}
