import type { Address } from "viem";
import type { Leaf } from "./balances.ts";

export interface PayeeSeats {
  readonly payee: Address;
  readonly seats: readonly number[];
}

/** Most payees that are offered as buttons; others are looked up by address. */
const OFFERED = 24;

export function seatsByPayee(leaves: readonly Leaf[]): readonly PayeeSeats[] {
  const seats = new Map<Address, number[]>();
  for (const leaf of leaves) {
    const own = seats.get(leaf.payee);
    if (own !== undefined) own.push(leaf.seat);
    else if (seats.size < OFFERED) seats.set(leaf.payee, [leaf.seat]);
  }
  return [...seats].map(([payee, own]) => ({ payee, seats: own }));
}
