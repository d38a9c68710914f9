/** What a page and a relay say to each other. Both sides read it with these. */
import { z } from "zod";
import { address, bigUint, bytes32, uint } from "../schema.ts";

const bytes = (most: number) => z.custom<`0x${string}`>((value) => typeof value === "string" && value.length <= 2 + 2 * most && /^0x([0-9a-f]{2})*$/.test(value), `expected at most ${most} bytes as lower-case 0x-hex`);

const invitationSchema = z.strictObject({ organisation: uint(32), role: uint(8), link: address, rpIdHash: bytes32, expiry: bigUint(256) });
const callSchema = z.strictObject({ to: address, value: bigUint(256), data: bytes(24_576) });

/** An account to be created, a batch that its passkey signed, or a recovery whose delay is over: its new passkey cannot ask for that itself yet. */
export const relayRequestSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("create"),
    invitation: invitationSchema,
    officer: address,
    officerSignature: bytes(8192),
    qx: bytes32,
    qy: bytes32,
    acceptance: bytes(65),
  }),
  z.strictObject({
    kind: z.literal("execute"),
    account: address,
    calls: z.array(callSchema).min(1).max(16),
    nonce: bigUint(256),
    deadline: bigUint(256),
    signature: bytes(8192),
  }),
  z.strictObject({ kind: z.literal("complete"), account: address }),
]);
export type RelayRequest = z.output<typeof relayRequestSchema>;

/** `account`: whose action it is, or the account that is being created. */
export const relayedSchema = z.strictObject({ hash: bytes32, account: address });
export type Relayed = z.output<typeof relayedSchema>;

/** In the chain's smallest unit. `left` is never more than `budget − spent`; what is under way counts as spent until its block says what it cost. */
const purseSchema = z.strictObject({ budget: bigUint(128), spent: bigUint(128), left: bigUint(128) });

/** `organisation` and `account`: of the account that was asked for; null otherwise. */
export const budgetSchema = z.strictObject({
  relay: address,
  chainId: uint(48),
  balance: bigUint(256),
  day: purseSchema,
  organisation: purseSchema.nullable(),
  account: purseSchema.nullable(),
  mostGas: bigUint(64),
  mostGasPrice: bigUint(128),
  covers: z.array(z.string().max(100)).max(200),
});
export type RelayBudget = z.output<typeof budgetSchema>;
