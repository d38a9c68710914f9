/** A claim that was sent and is not yet in a block, kept across reloads: pending is not failed. */
import type { Address, Hex } from "viem";
import { isHash } from "viem";

export interface PendingClaim {
  readonly hash: Hex;
  readonly chainId: number;
  readonly vault: Address;
  readonly account: Address;
}

/** The part of `localStorage` that is used. */
export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const KEY = "chongwen.pending-claim";

export function savePendingClaim(shelf: Shelf, claim: PendingClaim): void {
  shelf.setItem(KEY, JSON.stringify(claim));
}

export function clearPendingClaim(shelf: Shelf): void {
  shelf.removeItem(KEY);
}

/** What was stored, if it is whole and belongs to this vault and account. */
export function loadPendingClaim(shelf: Shelf, chainId: number, vault: Address, account: Address): PendingClaim | undefined {
  try {
    const value: unknown = JSON.parse(shelf.getItem(KEY) ?? "null");
    if (typeof value !== "object" || value === null) return undefined;
    const claim = value as Partial<Record<keyof PendingClaim, unknown>>;
    if (typeof claim.hash !== "string" || !isHash(claim.hash)) return undefined;
    if (claim.chainId !== chainId || claim.vault !== vault || claim.account !== account) return undefined;
    return { hash: claim.hash, chainId, vault, account };
  } catch {
    return undefined;
  }
}
