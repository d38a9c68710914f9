/** What an account holds, proven against a state root: its code's hash, and any of its slots. Of the endpoint's answer nothing counts but the nodes. */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { bytesToHex, fromRlp, pad, toHex } from "viem/utils";
import { protocolError } from "../errors.ts";
import { firstIssue } from "../schema.ts";
import { MOST_NODES, openTrie } from "./trie.ts";

/** Slots of one answer. */
export const MOST_SLOTS = 256;

const hex = z.string().regex(/^0x([0-9a-fA-F]{2})*$/, "expected bytes").transform((text) => text.toLowerCase() as Hex);
const nodes = z.array(hex).max(MOST_NODES);
/** Written as 32 bytes or as a quantity, as clients please. */
const slotKey = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, "expected a slot").transform((text) => BigInt(text));

const proofSchema = z.object({ accountProof: nodes, storageProof: z.array(z.object({ key: slotKey, proof: nodes })) });

/** As `eth_getProof` answers, or a file keeps it. */
export type AccountProof = z.output<typeof proofSchema>;

/** @param most Slots; a file, which is bounded itself, may join several answers. @throws proof-invalid */
export function parseAccountProof(value: unknown, most = MOST_SLOTS): AccountProof {
  const { storageProof: slots } = typeof value === "object" && value !== null && "storageProof" in value ? value : { storageProof: null };
  if (Array.isArray(slots) && slots.length > most) throw protocolError("proof-invalid", `An account's proof is malformed: ${slots.length} slots, more than ${most}.`);
  const parsed = proofSchema.safeParse(value);
  if (!parsed.success) throw protocolError("proof-invalid", `An account's proof is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  return parsed.data;
}

/** @param slots By slot number; zero where nothing was ever written, which is proven too. */
export interface ProvenAccount {
  readonly codeHash: Hex;
  readonly slots: ReadonlyMap<bigint, bigint>;
}

const ACCOUNT_FIELDS = 4;

/**
 * @param slots All that is asked for: a proof that leaves one out is refused, and what it proves beside them is not looked at.
 * @throws proof-invalid, also when there is no such account
 */
export async function proveAccount(stateRoot: Hex, address: Address, { accountProof, storageProof }: AccountProof, slots: readonly bigint[]): Promise<ProvenAccount> {
  const found = await openTrie(stateRoot, address, accountProof, `account ${address}`);
  if (found === null) throw protocolError("proof-invalid", `The proof shows that there is no account ${address}.`);
  const fields = listOf(found, address);
  const [storageRoot, codeHash] = [fields[2] as Hex, fields[3] as Hex];
  const proven = new Map<bigint, bigint>();
  for (const slot of slots) {
    const entry = storageProof.find(({ key }) => key === slot);
    const what = `slot ${toHex(slot)} of ${address}`;
    if (entry === undefined) throw protocolError("proof-invalid", `The answer holds no proof of ${what}.`);
    const value = await openTrie(storageRoot, pad(toHex(slot), { size: 32 }), entry.proof, what);
    proven.set(slot, value === null ? 0n : wordOf(value, what));
  }
  return { codeHash, slots: proven };
}

function listOf(bytes: Uint8Array, address: Address): readonly Hex[] {
  const malformed = (cause?: unknown) => protocolError("proof-invalid", `What is proven of ${address} is no account.`, cause);
  let decoded: unknown;
  try {
    decoded = fromRlp(bytes, "hex");
  } catch (cause) {
    throw malformed(cause);
  }
  if (!Array.isArray(decoded) || decoded.length !== ACCOUNT_FIELDS) throw malformed();
  const fields = decoded as unknown[];
  if (!fields.every((field) => typeof field === "string") || fields[2]?.length !== 66 || fields[3]?.length !== 66) throw malformed();
  return fields as Hex[];
}

/** A slot's value is a number in RLP. */
function wordOf(bytes: Uint8Array, what: string): bigint {
  try {
    const word = fromRlp(bytes, "hex");
    if (typeof word === "string" && word.length > 2 && word.length <= 66) return BigInt(word);
  } catch {
    // Told below.
  }
  throw protocolError("proof-invalid", `What is proven of ${what} is ${bytesToHex(bytes.subarray(0, 40))}, no word.`);
}
