/** Who has earned what, and what of it can be claimed now. Pure arithmetic on bigints. */
import type { Address } from "viem";
import { pointsDue } from "../../../protocol/rewards/points.ts";
import type { PointsState } from "../chain/book.ts";
import { dueOf } from "./points.ts";

/** One seat's line in the rewards table, in SHU or in points. */
export interface Leaf {
  readonly seat: number;
  readonly payee: Address;
  /** Everything the seat ever earned, in 10^−18. */
  readonly cumulative: bigint;
}

/** @param cumulative What its leaf says, and a claim must prove; the rest is what it is worth. */
export interface SeatBalance {
  readonly seat: number;
  readonly cumulative: bigint;
  readonly earned: bigint;
  readonly claimed: bigint;
  readonly claimable: bigint;
}

/**
 * @param earned By final settlements.
 * @param claimed Paid out so far.
 * @param claimable `earned − claimed`: the vault pays it now.
 * @param pending Added by the settlement under way, if nobody overturns it.
 * @param accrued `earned + pending`.
 */
export interface Balances {
  readonly seats: readonly SeatBalance[];
  readonly earned: bigint;
  readonly claimed: bigint;
  readonly claimable: bigint;
  readonly pending: bigint;
  readonly accrued: bigint;
}

export function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

/**
 * Amounts are SHU; points while no token is attached to them, and then nothing is claimable.
 * @param claimed Of every seat of this payee, as the vault counts it.
 * @param pendingLeaves Table of the settlement under way; undefined when there is none or it could not be checked.
 * @returns undefined when what a seat was paid is not known: unknown is not zero.
 */
export function balancesOf(
  payee: string,
  leaves: readonly Leaf[],
  claimed: ReadonlyMap<number, bigint>,
  pendingLeaves: readonly Leaf[] | undefined,
  points?: PointsState,
): Balances | undefined {
  const worth = (more: bigint, less: bigint): bigint => (points === undefined || points.rate === 0n ? more - less : pointsDue(more, less, points.rate));
  const own = (leaf: Leaf): boolean => sameAddress(leaf.payee, payee);
  const finalOf = new Map(leaves.map((leaf) => [leaf.seat, leaf.cumulative]));
  const ownLeaves = leaves.filter(own);
  if (!ownLeaves.every(({ seat }) => claimed.has(seat))) return undefined;
  const seats = ownLeaves.map(({ seat, cumulative }): SeatBalance => {
    const paid = claimed.get(seat) ?? 0n;
    return { seat, cumulative, earned: worth(cumulative, 0n), claimed: worth(paid, 0n), claimable: dueOf(cumulative, paid, points) };
  });
  const pending = sum((pendingLeaves ?? []).filter(own).map(({ seat, cumulative }) => worth(cumulative, finalOf.get(seat) ?? 0n)));
  const earned = sum(seats.map((seat) => seat.earned));
  return {
    seats,
    earned,
    claimed: sum(seats.map((seat) => seat.claimed)),
    claimable: sum(seats.map((seat) => seat.claimable)),
    pending,
    accrued: earned + pending,
  };
}
