/** Voting power as a sum: who held how much, and to whom they had delegated it, when a proposal took its snapshot. */
import type { Address } from "viem";
import { isAddressEqual } from "viem/utils";

export type PowerEvent =
  | { readonly kind: "transfer"; readonly from: Address; readonly to: Address; readonly amount: bigint; readonly block: bigint; readonly logIndex: number }
  | { readonly kind: "delegate"; readonly delegator: Address; readonly to: Address; readonly block: bigint; readonly logIndex: number };

export interface Holder {
  readonly balance: bigint;
  /** To whom it lends its votes; undefined: to nobody, so that they count for nothing. */
  readonly delegate: Address | undefined;
}

/** @param amount SHU, each worth one vote. */
export interface PowerSource {
  readonly from: Address;
  readonly own: boolean;
  readonly amount: bigint;
}

const ZERO: Address = "0x0000000000000000000000000000000000000000";

/** Balances and delegations after the last event up to and with `block`. */
export function holdersAt(events: readonly PowerEvent[], block: bigint): ReadonlyMap<Address, Holder> {
  const holders = new Map<Address, { balance: bigint; delegate: Address | undefined }>();
  const holder = (address: Address) => {
    const known = holders.get(address) ?? { balance: 0n, delegate: undefined };
    holders.set(address, known);
    return known;
  };
  const ordered = events.filter((event) => event.block <= block).sort((a, b) => Number(a.block - b.block) || a.logIndex - b.logIndex);
  for (const event of ordered) {
    if (event.kind === "delegate") {
      holder(event.delegator).delegate = event.to === ZERO ? undefined : event.to;
    } else {
      if (event.from !== ZERO) holder(event.from).balance -= event.amount;
      if (event.to !== ZERO) holder(event.to).balance += event.amount;
    }
  }
  return holders;
}

/** Where an account's votes come from: its own first, then by size. Sources of nothing are left out. */
export function sourcesOf(holders: ReadonlyMap<Address, Holder>, account: Address): readonly PowerSource[] {
  return [...holders]
    .filter(([, { balance, delegate }]) => delegate !== undefined && isAddressEqual(delegate, account) && balance > 0n)
    .map(([from, { balance }]) => ({ from, own: isAddressEqual(from, account), amount: balance }))
    .sort((a, b) => Number(b.own) - Number(a.own) || (b.amount > a.amount ? 1 : b.amount < a.amount ? -1 : 0));
}

export const sumOf = (sources: readonly PowerSource[]): bigint => sources.reduce((sum, { amount }) => sum + amount, 0n);

/** Everybody to whom somebody has delegated something, strongest first. */
export function delegatesOf(holders: ReadonlyMap<Address, Holder>): readonly { readonly delegate: Address; readonly votes: bigint; readonly delegators: number }[] {
  const delegates = new Set([...holders.values()].flatMap(({ delegate }) => (delegate === undefined ? [] : [delegate])));
  return [...delegates]
    .map((delegate) => {
      const sources = sourcesOf(holders, delegate);
      return { delegate, votes: sumOf(sources), delegators: sources.filter(({ own }) => !own).length };
    })
    .filter(({ votes }) => votes > 0n)
    .sort((a, b) => (b.votes > a.votes ? 1 : b.votes < a.votes ? -1 : 0));
}

/** Number of the last block whose time is not after `timestamp`, by halving. @param timeOf Time of a block */
export async function blockAtTime(timestamp: bigint, range: { readonly first: bigint; readonly last: bigint }, timeOf: (block: bigint) => Promise<bigint>): Promise<bigint> {
  let [low, high] = [range.first, range.last];
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if ((await timeOf(middle)) <= timestamp) low = middle;
    else high = middle - 1n;
  }
  return low;
}
