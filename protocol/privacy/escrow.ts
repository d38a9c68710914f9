/**
 * Privacy mode B: who can read. A register names the keys that every update of a round is wrapped for: the operators, who have to recompute before they
 * sign, and auditors who are none of them. It is a file of the round bundle (`escrow.json`), so the report that operators sign fixes it.
 */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { keccak256 } from "viem/utils";
import { type Json, decodeJson, encodeJson } from "../bundle/canonical-json.ts";
import { fromHex } from "../bytes.ts";
import { protocolError } from "../errors.ts";
import { address, bytes32, firstIssue } from "../schema.ts";

export const ESCROW_FORMAT = "chongwen-escrow";
export const ESCROW_LIMIT = 2 ** 16;
const MAX_RECIPIENTS = 64;

/** @param account Which key on the ledger is this reader's; an auditor's may be no operator's. @param publicKey X25519, 32 bytes. */
export interface Recipient {
  readonly role: "operator" | "auditor";
  readonly name: string;
  readonly account: Address;
  readonly publicKey: Hex;
}

export interface EscrowRegister {
  readonly format: typeof ESCROW_FORMAT;
  readonly version: 1;
  readonly recipients: readonly Recipient[];
}

const schema = z.strictObject({
  format: z.literal(ESCROW_FORMAT),
  version: z.literal(1),
  recipients: z
    .array(z.strictObject({ role: z.enum(["operator", "auditor"]), name: z.string().min(1).max(100), account: address, publicKey: bytes32 }))
    .max(MAX_RECIPIENTS)
    .refine((list) => list.every(({ publicKey }, i) => i === 0 || list[i - 1]!.publicKey < publicKey), "recipients must be sorted by key and unique"),
});

/** Names a public key. */
export const keyIdOf = (publicKey: Hex): Hex => keccak256(fromHex(publicKey, 32));

/** Key ids of all readers, in the order of the register. */
export const keyIdsOf = ({ recipients }: EscrowRegister): Hex[] => recipients.map(({ publicKey }) => keyIdOf(publicKey));

/** @throws escrow-invalid: nobody to recompute, nobody to audit, or an auditor who is an operator */
export function createRegister(recipients: readonly Recipient[]): EscrowRegister {
  const sorted = [...recipients].sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1));
  return parseRegister({ format: ESCROW_FORMAT, version: 1, recipients: sorted.map((recipient) => ({ ...recipient, account: recipient.account.toLowerCase() })) });
}

function parseRegister(value: unknown): EscrowRegister {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw protocolError("escrow-invalid", `The register of readers is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  const register = parsed.data as EscrowRegister;
  const of = (role: Recipient["role"]): Address[] => register.recipients.filter((recipient) => recipient.role === role).map(({ account }) => account);
  if (of("operator").length === 0) throw protocolError("escrow-invalid", "The register names no operator: nobody could aggregate.");
  requireIndependentAuditors(register, of("operator"));
  return register;
}

/**
 * At least one auditor, and none among these accounts. Called with the epoch's signers before an operator signs.
 * @throws escrow-invalid
 */
export function requireIndependentAuditors({ recipients }: EscrowRegister, operators: readonly Address[]): void {
  const auditors = recipients.filter(({ role }) => role === "auditor");
  if (auditors.length === 0) throw protocolError("escrow-invalid", "The register names no auditor: the operators would be the only ones to read what they aggregate.");
  const both = auditors.find(({ account }) => operators.includes(account));
  if (both !== undefined) throw protocolError("escrow-invalid", `${both.name} (${both.account}) is registered as an auditor and is an operator.`);
}

export function encodeRegister(register: EscrowRegister): Uint8Array {
  const recipients = register.recipients.map(({ account, ...rest }) => ({ ...rest, account: account.toLowerCase() }));
  return encodeJson({ ...register, recipients } as unknown as Json);
}

/** @throws json-invalid, escrow-invalid */
export function decodeRegister(bytes: Uint8Array): EscrowRegister {
  return parseRegister(decodeJson(bytes, "escrow.json", ESCROW_LIMIT));
}
