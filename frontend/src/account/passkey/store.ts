/** Which passkey belongs to which account, kept in this browser: no secret, and nothing that could not be found again. Pure but for the shelf. */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { getAddress } from "viem/utils";
import type { Shelf } from "../../tx/store.ts";
import type { Passkey } from "./passkey.ts";

/** @param account Whose passkey it is: of now, or after a recovery that is under way. */
export interface KeptPasskey extends Passkey {
  readonly account: Address;
}

const hex = z.string().regex(/^0x([0-9a-f]{2})+$/).transform((text) => text as Hex);
const keptSchema = z.strictObject({
  factory: z.string(),
  chainId: z.number(),
  account: z.string().regex(/^0x[0-9a-fA-F]{40}$/).transform((text) => getAddress(text)),
  credential: hex,
  point: z.strictObject({ qx: hex, qy: hex }),
});

export interface Place {
  readonly chainId: number;
  /** `PasskeyAccounts`: another ledger's passkeys are none of this one's. */
  readonly factory: Address;
}

/** `active`: acts here. `recovery`: made on this device to replace a lost one. */
export type Slot = "active" | "recovery";
const keyOf = (slot: Slot): string => (slot === "active" ? "chongwen.passkey" : "chongwen.passkey.recovery");

export function loadPasskey(shelf: Shelf, slot: Slot, { chainId, factory }: Place): KeptPasskey | undefined {
  try {
    const kept = keptSchema.safeParse(JSON.parse(shelf.getItem(keyOf(slot)) ?? "null"));
    if (!kept.success || kept.data.chainId !== chainId || kept.data.factory.toLowerCase() !== factory.toLowerCase()) return undefined;
    const { account, credential, point } = kept.data;
    return { account, credential, point };
  } catch {
    return undefined;
  }
}

export function keepPasskey(shelf: Shelf, slot: Slot, { chainId, factory }: Place, { account, credential, point }: KeptPasskey): void {
  shelf.setItem(keyOf(slot), JSON.stringify({ chainId, factory, account, credential, point }));
}

export function dropPasskey(shelf: Shelf, slot: Slot): void {
  shelf.removeItem(keyOf(slot));
}
