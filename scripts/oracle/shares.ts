import { Refused } from "../service/refusal.ts";
import type { Owner } from "./inbox.ts";

export interface Shares {
  /** What lies here and is announced, of everybody. */
  used(): number;
  add(owner: Owner, bytes: number): void;
  /** @throws intake-full */
  reserve(owner: Owner, bytes: number): void;
}

/** Counts bytes against a quota, of which one account may take a share only: so one that sends without end leaves room for the others. @param share Of the quota. */
export function createShares(quota: number, share: number): Shares {
  const byOwner = new Map<Owner, number>();
  let used = 0;
  function add(owner: Owner, bytes: number): void {
    used += bytes;
    const own = (byOwner.get(owner) ?? 0) + bytes;
    if (own > 0) byOwner.set(owner, own);
    else byOwner.delete(owner);
  }
  return {
    used: () => used,
    add,
    reserve(owner, bytes) {
      const most = owner === null ? quota : quota * share;
      const room = Math.min(quota - used, most - (byOwner.get(owner) ?? 0));
      if (bytes > room) throw new Refused("intake-full", `There is room for ${Math.max(0, Math.floor(room))} more bytes${owner === null ? "" : ` of ${owner}`}.`);
      add(owner, bytes);
    },
  };
}
