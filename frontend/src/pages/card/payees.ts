/** Whose cards can be looked at: the payees of now, by the ledger's own register. Pure. */
import { zeroAddress } from "viem";
import type { Address } from "viem";
import type { FederationHistory, SeatRecord } from "../../chain/book.ts";
import type { ContributorRecord } from "../../chain/contributors.ts";
import { sameAddress } from "../../claims/balances.ts";

export interface PayeeSeats {
  readonly payee: Address;
  readonly seats: readonly number[];
}

/** Most payees that are offered as buttons; others are looked up by address. */
const OFFERED = 24;

export function payeesOf(federations: readonly FederationHistory[], contributors: ReadonlyMap<number, ContributorRecord>): readonly PayeeSeats[] {
  const seats = new Map<Address, number[]>();
  for (const { seat, contributor } of federations.flatMap((federation) => federation.seats)) {
    const payee = contributors.get(contributor)?.payee ?? zeroAddress;
    if (payee === zeroAddress) continue;
    const own = seats.get(payee);
    if (own !== undefined) own.push(seat);
    else if (seats.size < OFFERED) seats.set(payee, [seat]);
  }
  return [...seats].map(([payee, own]) => ({ payee, seats: [...new Set(own)] }));
}

/** Contributors that this account speaks for or is paid by. */
export function contributorsOf(account: string, contributors: ReadonlyMap<number, ContributorRecord>): readonly ContributorRecord[] {
  return [...contributors.values()].filter(({ key, payee, pendingPayee }) => [key, payee, pendingPayee?.payee].some((address) => address !== undefined && sameAddress(address, account)));
}

export function seatOf({ seats }: FederationHistory, seat: number): SeatRecord | undefined {
  return seats.find((record) => record.seat === seat);
}
