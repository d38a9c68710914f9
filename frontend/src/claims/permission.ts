/**
 * A payee's permission for one claim: it signs once, wherever its key is, and any account sends the claim and pays for it. Text that travels by mail or on a
 * stick; nothing in it is believed before it was compared with the ledger. Pure.
 */
import type { Address, Hex } from "viem";
import { getAddress, isAddress, isHex } from "viem/utils";
import { z } from "zod";
import type { Claim } from "../../../protocol/eip712/structs.ts";
import { createDomain, typedDataOf } from "../../../protocol/eip712/hash.ts";
import { sameAddress } from "./balances.ts";
import type { RewardsTable } from "./receipt.ts";

export const PERMISSION_FORMAT = "chongwen-claim-permission";
const LONGEST = 20_000;

export interface PermissionTerms extends Claim {
  readonly chainId: number;
  readonly vault: Address;
  readonly payee: Address;
}

export interface Permission extends PermissionTerms {
  readonly signature: Hex;
}

/** What the payee signs, as EIP-712 typed data: in this dapp, or anywhere else that signs typed data. */
export function permissionTypedData({ chainId, vault, federation, index, recipient, cumulative, deadline }: PermissionTerms) {
  return typedDataOf(createDomain(chainId, vault), "Claim", { federation, index, recipient, cumulative, deadline });
}

const address = z
  .string()
  .refine((value) => isAddress(value, { strict: false }))
  .transform((value) => getAddress(value));
const decimal = z
  .string()
  .regex(/^\d{1,39}$/)
  .transform(BigInt);

const schema = z.strictObject({
  format: z.literal(PERMISSION_FORMAT),
  version: z.literal(1),
  chainId: z.int().positive(),
  vault: address,
  federation: z.int().min(0).max(2 ** 32 - 1),
  index: z.int().min(0).max(2 ** 32 - 1),
  payee: address,
  recipient: address,
  cumulative: decimal,
  deadline: decimal,
  signature: z.custom<Hex>((value) => isHex(value) && value.length % 2 === 0 && value.length <= LONGEST, "expected a signature"),
});

export function writePermission({ chainId, vault, federation, index, payee, recipient, cumulative, deadline, signature }: Permission): string {
  const fields = { chainId, vault, federation, index, payee, recipient, cumulative: String(cumulative), deadline: String(deadline), signature };
  return `${JSON.stringify({ format: PERMISSION_FORMAT, version: 1, ...fields }, null, 2)}\n`;
}

export function readPermission(text: string): Permission | undefined {
  if (text.length > LONGEST) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (!parsed.success) return undefined;
    const { format: _, version: __, ...permission } = parsed.data;
    return permission;
  } catch {
    return undefined;
  }
}

/** Why a permission would pay nothing, before anybody pays for a transaction. Whether it is signed rightly is asked of the chain: contracts sign too. */
export type PermissionProblem = "unreadable" | "other-ledger" | "expired" | "not-in-table" | "other-payee" | "outdated" | "already-claimed" | "bad-signature";

export interface PermissionContext {
  readonly chainId: number;
  /** Vault of the permission's federation on this ledger. */
  readonly vault: Address | undefined;
  readonly table: RewardsTable;
  /** What the seat was paid so far. */
  readonly claimed: bigint;
  /** Chain time. */
  readonly now: number;
}

export function permissionProblem(permission: Permission, { chainId, vault, table, claimed, now }: PermissionContext): PermissionProblem | undefined {
  if (permission.chainId !== chainId || vault === undefined || !sameAddress(permission.vault, vault)) return "other-ledger";
  if (permission.deadline < BigInt(now)) return "expired";
  const leaf = table.leaves.find(({ seat }) => seat === permission.index);
  if (leaf === undefined) return "not-in-table";
  if (!sameAddress(leaf.payee, permission.payee)) return "other-payee";
  // A newer settlement has changed the leaf: the amount that was signed has no proof any more.
  if (leaf.cumulative !== permission.cumulative) return "outdated";
  return claimed >= leaf.cumulative ? "already-claimed" : undefined;
}
