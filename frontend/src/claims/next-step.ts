/** What the account card offers: a claim that will pay, or the reason why there is none. A transaction that pays nothing is never offered. */
import type { Address } from "viem";
import { sameAddress } from "./balances.ts";
import type { Balances, SeatBalance } from "./balances.ts";
import type { PointsState } from "../chain/book.ts";
import { hasToken } from "./points.ts";

export type NoClaimReason =
  /** Nothing is paid to this address by any settlement. */
  | "nothing-earned"
  /** The first settlement that pays it is still open to challenge. */
  | "still-pending"
  /** What was earned are points, to which no token is attached yet. */
  | "no-token"
  /** Everything was claimed. */
  | "all-claimed";

export type NextStep =
  | { readonly kind: "none"; readonly reason: NoClaimReason }
  /** Only the payee itself can claim here. */
  | { readonly kind: "other-account" }
  | { readonly kind: "claim"; readonly seats: readonly SeatBalance[] };

/** @param points Of the federation, if it earns points. @param connected Whose wallet or passkey is connected; the button itself asks those who are not, or are on another chain. */
export function nextStep(payee: string, balances: Balances, connected: Address | undefined, points?: PointsState): NextStep {
  if (!hasToken(points) && balances.accrued > 0n) return { kind: "none", reason: "no-token" };
  if (balances.claimable === 0n) {
    if (balances.earned > 0n) return { kind: "none", reason: "all-claimed" };
    return { kind: "none", reason: balances.pending > 0n ? "still-pending" : "nothing-earned" };
  }
  if (connected !== undefined && !sameAddress(connected, payee)) return { kind: "other-account" };
  return { kind: "claim", seats: balances.seats.filter((seat) => seat.claimable > 0n) };
}
