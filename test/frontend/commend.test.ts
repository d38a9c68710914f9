// Whom an organisation may commend, as the contract decides, and what the page makes of it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Address } from "viem";
import { candidatesFor, cardHolders, cardsOf, toggled, voicesIn } from "../../frontend/src/pages/rounds/commend/eligible.ts";
import type { CardEvent, VoiceEvent } from "../../frontend/src/pages/rounds/commend/eligible.ts";
import { traceSeats } from "../../frontend/src/rounds/seats.ts";
import type { SeatEvent } from "../../frontend/src/rounds/seats.ts";

const person = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
let at = 0;
function log<Event>(eventName: string, args: object): Event {
  at += 1;
  return { eventName, args, blockNumber: BigInt(at), logIndex: 0, transactionHash: `0x${at}` } as unknown as Event;
}
const admitted = (organisation: number, account: Address, cluster = 0): CardEvent => log("OrganisationAdmitted", { organisation, account, cluster });
const granted = (seat: number, contributor: number, dataset = 1): SeatEvent => log("SeatGranted", { federation: 1, seat, contributor, dataset, weight: 1, version: 1 });

/** Contributor n is of organisation n; organisations 2 and 3 are of one cluster, 1 and 4 stand alone. */
const holders = cardHolders([admitted(1, person(1)), admitted(2, person(2), 7), admitted(3, person(3), 7), admitted(4, person(4))]);
const seats = traceSeats([granted(0, 1), granted(1, 2), granted(2, 3), granted(3, 4, 0), granted(4, 4), log("SeatRevoked", { federation: 1, seat: 4, returned: 0 })], 1);
const same = (contributor: number): number => contributor;

function voter(organisation: number) {
  const found = holders.get(organisation);
  assert(found !== undefined);
  return found;
}
const offered = (organisation: number): readonly number[] => candidatesFor(voter(organisation), seats, same, holders).map(({ seat }) => seat);

describe("whom an organisation may commend", () => {
  it("is offered the seats of others, support seats among them, and no revoked one", () => {
    assert.deepEqual(offered(1), [1, 2, 3]);
    assert.deepEqual(candidatesFor(voter(1), seats, same, holders).at(-1), { seat: 3, organisation: 4, dataset: 0 });
  });
  it("is offered none of its own", () => assert.deepEqual(offered(4), [0, 1, 2]));
  it("is offered none of its cluster; cluster 0 is none", () => {
    assert.deepEqual(offered(2), [0, 3]);
    assert.deepEqual(offered(3), [0, 3]);
    assert.ok(offered(1).includes(3));
  });
  it("is not offered a seat whose contributor is not known yet", () => {
    assert.deepEqual(candidatesFor(voter(1), seats, (contributor) => (contributor === 2 ? undefined : contributor), holders).map(({ seat }) => seat), [2, 3]);
  });
});

describe("who speaks", () => {
  it("is the account that holds the card, whatever the letters' case", () => {
    assert.deepEqual(cardsOf(holders, person(2).toUpperCase().replace("0X", "0x") as Address).map(({ organisation }) => organisation), [2]);
    assert.deepEqual(cardsOf(holders, person(9)), []);
    assert.deepEqual(cardsOf(holders, undefined), []);
  });
  it("is nobody once the card is taken away, until it is given back", () => {
    const events = [admitted(1, person(1)), log<CardEvent>("LibraryCardRevoked", { organisation: 1 })];
    assert.deepEqual(cardsOf(cardHolders(events), person(1)), []);
    assert.equal(cardsOf(cardHolders([...events, log<CardEvent>("LibraryCardRestored", { organisation: 1 })]), person(1)).length, 1);
  });
  it("may be the holder of several cards", () => assert.equal(cardsOf(cardHolders([admitted(1, person(1)), admitted(2, person(1))]), person(1)).length, 2));
});

describe("voices", () => {
  const voice = (federation: number, index: number, organisation: number, named: number[]): VoiceEvent => log("Commended", { federation, index, organisation, seats: named });
  it("are those of this federation and settlement, in order", () => {
    const events = [voice(1, 1, 4, [0]), voice(1, 2, 1, [3]), voice(2, 2, 1, [0]), voice(1, 2, 2, [0, 3])];
    assert.deepEqual(voicesIn(events, 1, 2), [{ organisation: 1, seats: [3] }, { organisation: 2, seats: [0, 3] }]);
    assert.deepEqual(voicesIn(events, 3, 2), []);
  });
  it("name at most three seats, ascending as the contract wants them", () => {
    assert.deepEqual([5, 2, 9, 7].reduce<readonly number[]>(toggled, []), [2, 5, 9]);
    assert.deepEqual(toggled([2, 5, 9], 5), [2, 9]);
  });
});
