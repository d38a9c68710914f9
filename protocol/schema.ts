/** Zod building blocks for what comes from outside. Values up to 48 bits are numbers and larger ones bigints, as in viem; in JSON, bigints are decimal strings. */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { getAddress } from "viem/utils";

/** A Solidity unsigned integer of at most 48 bits. */
export const uint = (bits: number) => z.int().min(0).max(2 ** bits - 1);

/** A larger Solidity unsigned integer, written as a decimal string without leading zeros. */
export const bigUint = (bits: number) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,77})$/, "expected a decimal string")
    .transform((text) => BigInt(text))
    .refine((value) => value < 1n << BigInt(bits), `does not fit ${bits} bits`);

export const bytes32 = z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value), "expected 32 bytes as lower-case 0x-hex");

/** Lower-case in files; checksummed once read. */
export const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, "expected a lower-case address")
  .transform((text): Address => getAddress(text));

/** One sentence that names the first thing a schema refused. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? "invalid" : `${issue.path.length === 0 ? "value" : issue.path.join(".")}: ${issue.message}`;
}
