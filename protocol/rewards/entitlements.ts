/**
 * From scores to amounts: `eᵢ = floor(pool · sᵢ / S)`, S = Σ sᵢ over all seats, plus nobody's score. Nothing is paid to a seat whose payee is the zero
 * address (payment declined) or when S = 0; what is not paid, nobody's share and dust included, rolls over to the next settlement.
 */
import type { Address } from "viem";
import { protocolError } from "../errors.ts";
import { scoreSum, type Scores } from "./scores.ts";

export const ZERO_ADDRESS: Address = "0x0000000000000000000000000000000000000000";

/** @param amounts One a seat, uint96, in 10^−18 SHU. @param carry pool − distributed. */
export interface Entitlements {
  readonly amounts: bigint[];
  readonly distributed: bigint;
  readonly carry: bigint;
}

/**
 * @param pool 10^−18 SHU, 0..2^128 − 1.
 * @param scores All ≥ 0.
 * @param payees One a seat, at the deadline of the last final round that the settlement covers; the zero address declines.
 * @throws length-mismatch, out-of-range
 */
export function computeEntitlements(pool: bigint, scores: Scores, payees: readonly Address[]): Entitlements {
  const { seats, nobody } = scores;
  if (seats.length !== payees.length) throw protocolError("length-mismatch", `Scores of ${seats.length} seats but ${payees.length} payees.`);
  if (pool < 0n || pool >= 1n << 128n) throw protocolError("out-of-range", `The pool ${pool} does not fit 128 bits.`);
  if (nobody < 0n || seats.some((score) => score < 0n)) throw protocolError("out-of-range", "A score is negative.");
  const sum = scoreSum(scores);
  const amounts = seats.map((score, i) => (sum === 0n || BigInt(payees[i]!) === 0n ? 0n : (pool * score) / sum));
  const distributed = amounts.reduce((a, b) => a + b, 0n);
  return { amounts, distributed, carry: pool - distributed };
}
