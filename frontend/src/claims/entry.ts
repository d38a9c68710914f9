/** One receipt as data: what a seat did in each round that a settlement covers, and how its amount follows. Pure. */
import type { CoveredRound } from "../chain/book.ts";
import type { RoundWeights } from "./round-weights.ts";
import type { Breakdown } from "./receipt.ts";

/** What became of a seat's update in a round. */
export type Part =
  | { readonly kind: "counted"; readonly weight: number }
  /** The contract gave it no weight; `reason` is `ISeats.DropReason`. */
  | { readonly kind: "dropped"; readonly reason: number | undefined }
  /** Its payload never came. */
  | { readonly kind: "excluded"; readonly weight: number }
  /** The seat did not take part. */
  | { readonly kind: "absent" }
  /** The round counts for nothing. */
  | { readonly kind: "void" }
  /** The round's files could not be had or checked. */
  | { readonly kind: "unchecked" };

export interface SeatRound {
  readonly round: CoveredRound;
  readonly part: Part;
}

export function partOf(covered: CoveredRound, seat: number, weights: RoundWeights | undefined): Part {
  if (covered.report === undefined) return { kind: "void" };
  if (weights === undefined) return { kind: "unchecked" };
  const at = weights.seats.indexOf(seat);
  const [sealed, counted] = [weights.sealed[at], weights.weights[at]];
  if (sealed === undefined || counted === undefined) return { kind: "absent" };
  if (sealed === 0) return { kind: "dropped", reason: covered.seal?.dropped.get(seat) };
  return counted === 0 ? { kind: "excluded", weight: sealed } : { kind: "counted", weight: counted };
}

/** `pool × score ÷ Σ scores` of one seat, with what rounding down took. */
export interface SeatSum {
  readonly score: bigint;
  readonly scoreSum: bigint;
  /** Part of `scoreSum` that is no seat's. */
  readonly nobody: bigint;
  readonly amount: bigint;
  /** Numerator of the part of 10⁻¹⁸ SHU that was rounded away; the denominator is `scoreSum`. */
  readonly remainder: bigint;
  /** It scored, and is paid nothing: its payee was the zero address. */
  readonly declined: boolean;
}

export function sumOf({ scores, amounts, scoreSum, nobody }: Breakdown, pool: bigint, seat: number): SeatSum {
  const [score, amount] = [scores[seat] ?? 0n, amounts[seat] ?? 0n];
  const declined = amount === 0n && score > 0n && pool * score >= scoreSum;
  return { score, scoreSum, nobody, amount, remainder: scoreSum === 0n ? 0n : (pool * score) % scoreSum, declined };
}

/** What the pool is made of, when it adds up: so many final rounds at the pool per round, and what the settlement before did not distribute. */
export function poolParts(pool: bigint, finalRounds: number, poolPerRound: bigint, carry: bigint): { readonly rounds: bigint; readonly carry: bigint } | undefined {
  const rounds = BigInt(finalRounds) * poolPerRound;
  return rounds + carry === pool ? { rounds, carry } : undefined;
}
