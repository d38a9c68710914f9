/** What an account may do at an oracle: said by the operator, or by the chain. */
import { getAddress, isAddressEqual, type Address } from "viem";
import type { Kernel } from "../../chain/kernel.ts";
import { Refused } from "../../service/refusal.ts";

/** @param federations In which a contributor has a seat, of those that are served. */
export type Role = { readonly kind: "aggregator" } | { readonly kind: "contributor"; readonly federations: readonly number[] };

/** @returns Null for anyone else. @throws ledger-silent */
export type Roles = (account: Address) => Promise<Role | null>;

export interface RolesParameters {
  readonly kernel: Pick<Kernel, "contributors" | "seats">;
  /** That are served. */
  readonly federations: readonly number[];
  /** Accounts that may hand over bundles. */
  readonly aggregators: readonly Address[];
  /** Seconds. */
  readonly now: () => number;
}

/** Seconds for which the chain is not asked again: so long a key that was replaced can still read. */
const HOLDS = 60;
const MOST = 1_000;
const REVOKED = 8;

export function createRoles({ kernel: { contributors, seats }, federations, aggregators, now }: RolesParameters): Roles {
  const listed = new Set(aggregators.map((address) => getAddress(address)));
  const known = new Map<Address, { readonly role: Role | null; readonly readAt: number }>();
  /** Contributor of each seat, by federation. A seat never changes hands, so only new ones are read. */
  const owners = new Map<number, number[]>();

  async function seatsOf(federation: number, contributor: number): Promise<number[]> {
    const read = owners.get(federation) ?? [];
    owners.set(federation, read);
    const count = await seats.read.seatCount([federation]);
    for (let from = read.length; from < count; from = read.length) {
      const more = await Promise.all(Array.from({ length: Math.min(64, count - from) }, (_, i) => seats.read.seatOf([federation, from + i])));
      // Somebody else may have read the same meanwhile.
      if (read.length === from) read.push(...more.map((seat) => seat.contributor));
    }
    return read.flatMap((owner, seat) => (owner === contributor ? [seat] : []));
  }

  async function sits(federation: number, contributor: number): Promise<boolean> {
    for (const seat of await seatsOf(federation, contributor)) if (((await seats.read.laneOf([federation, seat])).status & REVOKED) === 0) return true;
    return false;
  }

  async function read(account: Address): Promise<Role | null> {
    const [contributor] = await contributors.read.keyRecordOf([account]);
    if (contributor === 0) return null;
    const { key, suspended } = await contributors.read.contributorOf([contributor]);
    if (suspended || !isAddressEqual(key, account)) return null;
    const seated = await Promise.all(federations.map(async (federation) => ((await sits(federation, contributor)) ? [federation] : [])));
    return seated.flat().length === 0 ? null : { kind: "contributor", federations: seated.flat() };
  }

  return async (account) => {
    if (listed.has(getAddress(account))) return { kind: "aggregator" };
    const found = known.get(account);
    if (found !== undefined && now() - found.readAt < HOLDS) return found.role;
    let role: Role | null;
    try {
      role = await read(account);
    } catch (cause) {
      throw new Refused("ledger-silent", "The chain does not answer.", cause);
    }
    known.delete(account);
    known.set(account, { role, readAt: now() });
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
    return role;
  };
}
