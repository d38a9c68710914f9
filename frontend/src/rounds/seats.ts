/** Seats as the ledger's events tell of them: whose they are, and what they weighed at any moment. Pure. */
import type { seatsAbi } from "../../../protocol/abi/index.ts";
import type { LedgerEvent } from "../chain/events.ts";

export const SEAT_EVENTS = ["SeatGranted", "SeatRenewed", "SeatRevoked", "EntryDropped"] as const;
export type SeatEvent = LedgerEvent<typeof seatsAbi, (typeof SEAT_EVENTS)[number]>;

interface Moment {
  readonly block: bigint;
  readonly logIndex: number;
}

export interface SeatTrace {
  readonly seat: number;
  readonly contributor: number;
  readonly dataset: number;
  readonly revoked: boolean;
  readonly weights: readonly (Moment & { readonly weight: number; readonly version: number })[];
}

/** Every seat that was ever granted in a federation, by its number. @param events In the chain's order. */
export function traceSeats(events: readonly SeatEvent[], federation: number): ReadonlyMap<number, SeatTrace> {
  const seats = new Map<number, SeatTrace>();
  for (const event of events) {
    if (event.args.federation !== federation) continue;
    const { seat } = event.args;
    const at = { block: event.blockNumber, logIndex: event.logIndex };
    const known = seats.get(seat);
    if (event.eventName === "SeatGranted") {
      const { contributor, dataset, weight, version } = event.args;
      seats.set(seat, { seat, contributor, dataset, revoked: false, weights: [{ ...at, weight, version }] });
    } else if (known !== undefined && event.eventName === "SeatRenewed") {
      seats.set(seat, { ...known, weights: [...known.weights, { ...at, weight: event.args.weight, version: event.args.version }] });
    } else if (known !== undefined && event.eventName === "SeatRevoked") seats.set(seat, { ...known, revoked: true });
  }
  return seats;
}

const isBefore = (a: Moment, b: Moment): boolean => (a.block === b.block ? a.logIndex < b.logIndex : a.block < b.block);

/** What the seat weighed then: fixed by its grant and renewals. 0 before it was granted. */
export function weightAt({ weights }: SeatTrace, moment: Moment): number {
  return weights.findLast((grant) => isBefore(grant, moment))?.weight ?? 0;
}

/** Reasons that the contract gave in one transaction for entries without weight, by seat. */
export function droppedIn(events: readonly SeatEvent[], federation: number, transaction: string): ReadonlyMap<number, number> {
  const drops = new Map<number, number>();
  for (const event of events) {
    if (event.eventName === "EntryDropped" && event.args.federation === federation && event.transactionHash === transaction) drops.set(event.args.seat, event.args.reason);
  }
  return drops;
}
