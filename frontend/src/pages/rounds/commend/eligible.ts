/** Who may commend whom, and who did: from the ledger's events, as the contract would decide. Pure. */
import { getAddress, isAddressEqual } from "viem";
import type { Address } from "viem";
import type { commendationsAbi, contributorsAbi } from "../../../../../protocol/abi/index.ts";
import type { LedgerEvent } from "../../../chain/events.ts";
import type { SeatTrace } from "../../../rounds/seats.ts";

/** `Commendations.MAX_SEATS`. */
export const MOST_SEATS = 3;

export const CARD_EVENTS = ["OrganisationAdmitted", "LibraryCardRevoked", "LibraryCardRestored"] as const;
export type CardEvent = LedgerEvent<typeof contributorsAbi, (typeof CARD_EVENTS)[number]>;
export type VoiceEvent = LedgerEvent<typeof commendationsAbi, "Commended">;

export interface CardHolder {
  readonly organisation: number;
  readonly account: Address;
  /** 0: stands alone. */
  readonly cluster: number;
  readonly hasCard: boolean;
}

/** Every organisation, by its number. @param events In the chain's order. */
export function cardHolders(events: readonly CardEvent[]): ReadonlyMap<number, CardHolder> {
  const holders = new Map<number, CardHolder>();
  for (const event of events) {
    const { organisation } = event.args;
    const known = holders.get(organisation);
    if (event.eventName === "OrganisationAdmitted") holders.set(organisation, { organisation, account: getAddress(event.args.account), cluster: event.args.cluster, hasCard: true });
    else if (known !== undefined) holders.set(organisation, { ...known, hasCard: event.eventName === "LibraryCardRestored" });
  }
  return holders;
}

/** Organisations whose card this account holds; usually one. */
export function cardsOf(holders: ReadonlyMap<number, CardHolder>, account: Address | undefined): readonly CardHolder[] {
  return account === undefined ? [] : [...holders.values()].filter((holder) => holder.hasCard && isAddressEqual(holder.account, account));
}

export interface Candidate {
  readonly seat: number;
  readonly organisation: number;
  readonly dataset: number;
}

/** Seats that this organisation may name: not revoked, and neither its own nor of its cluster. */
export function candidatesFor(
  voter: CardHolder,
  seats: ReadonlyMap<number, SeatTrace>,
  organisationOf: (contributor: number) => number | undefined,
  holders: ReadonlyMap<number, CardHolder>,
): readonly Candidate[] {
  return [...seats.values()].flatMap(({ seat, contributor, dataset, revoked }) => {
    const organisation = organisationOf(contributor);
    if (revoked || organisation === undefined || organisation === voter.organisation) return [];
    if (voter.cluster !== 0 && holders.get(organisation)?.cluster === voter.cluster) return [];
    return [{ seat, organisation, dataset }];
  });
}

export interface Voice {
  readonly organisation: number;
  readonly seats: readonly number[];
}

/** Voices for one settlement, in the order in which they were given. */
export function voicesIn(events: readonly VoiceEvent[], federation: number, index: number): readonly Voice[] {
  return events.filter(({ args }) => args.federation === federation && args.index === index).map(({ args: { organisation, seats } }) => ({ organisation, seats }));
}

/** The choice with this seat added or taken out, ascending as the contract wants it; a fourth is not taken. */
export function toggled(chosen: readonly number[], seat: number): readonly number[] {
  if (chosen.includes(seat)) return chosen.filter((other) => other !== seat);
  return chosen.length === MOST_SEATS ? chosen : [...chosen, seat].sort((a, b) => a - b);
}
