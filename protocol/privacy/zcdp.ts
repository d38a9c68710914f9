/**
 * The privacy budget in the words that most readers know. The ledger counts nano-ρ of zero-concentrated differential privacy, which simply add up.
 * Source: M. Bun and T. Steinke, "Concentrated Differential Privacy: Simplifications, Extensions, and Lower Bounds", TCC 2016-B, proposition 1.3:
 * ρ-zCDP implies (ρ + 2·√(ρ·ln(1/δ)), δ)-differential privacy for every δ > 0. An upper bound; tighter ones exist.
 */
import { protocolError } from "../errors.ts";

export const NANO = 1_000_000_000;

/** What `Seats` holds as the remaining budget of a seat on exempt data: `type(uint48).max`. */
export const SEAT_EXEMPT = 2n ** 48n - 1n;

/** What the page converts at unless the reader asks otherwise: a chance below one in a million. */
export const USUAL_DELTA = 1e-6;

/** @param nanoRho What the ledger counts. @param delta Between 0 and 1. @throws out-of-range */
export function epsilonOf(nanoRho: bigint, delta: number = USUAL_DELTA): number {
  if (nanoRho < 0n) throw protocolError("out-of-range", `A privacy loss of ${nanoRho} nano-ρ is below zero.`);
  if (!(delta > 0 && delta < 1)) throw protocolError("out-of-range", `δ is ${delta}, not between 0 and 1.`);
  const rho = Number(nanoRho) / NANO;
  return rho + 2 * Math.sqrt(rho * Math.log(1 / delta));
}

/** Budget of a dataset. @param cap Most that may ever be spent. @param granted What seats hold or spent. @param unspent What seats still hold. */
export interface Budget {
  readonly cap: bigint;
  readonly granted: bigint;
  readonly unspent: bigint;
}

/** @param spent Charged for ever. @param left Cap less spent. @param free Not even promised to a seat. */
export interface BudgetSplit {
  readonly spent: bigint;
  readonly left: bigint;
  readonly free: bigint;
}

/** @throws out-of-range when the numbers cannot belong together */
export function splitBudget({ cap, granted, unspent }: Budget): BudgetSplit {
  if (unspent < 0n || granted < unspent || cap < granted) throw protocolError("out-of-range", `A budget of ${cap} with ${granted} granted, ${unspent} of it unspent, does not add up.`);
  const spent = granted - unspent;
  return { spent, left: cap - spent, free: cap - granted };
}
