/** Receipts of a block's transactions, and the trie whose root its header holds: what the contracts said, proven as their storage is. */
import { createMerkleProof, createMPTFromProof, MerklePatriciaTrie } from "@ethereumjs/mpt";
import { z } from "zod";
import type { Address, Hex } from "viem";
import { bytesToHex, concat, fromRlp, getAddress, hexToBytes, keccak256, numberToHex, toRlp } from "viem/utils";
import { protocolError } from "../errors.ts";
import { firstIssue } from "../schema.ts";

/** A receipt holds all that its transaction said. */
export const MOST_RECEIPT_BYTES = 2 ** 20;
export const MOST_RECEIPTS = 65_536;

/** A log that a proven receipt holds. @param transaction,position Of the receipt in the block, of the log in the receipt. */
export interface ProvenLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly transaction: number;
  readonly position: number;
}

/** Nodes of a block's trie, of its root first. @param receipts Which of its receipts they prove. @param count How many it has in all; null: not proven. */
export interface ReceiptsProof {
  readonly nodes: readonly Hex[];
  readonly receipts: readonly number[];
  readonly count: number | null;
}

const hex = z.custom<Hex>((value) => typeof value === "string" && /^0x([0-9a-fA-F]{2})*$/.test(value), "expected bytes").transform((text) => text.toLowerCase() as Hex);
const quantity = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, "expected a quantity").transform((text) => BigInt(text));
const rpcReceipt = z.object({
  type: quantity.default(0n), status: quantity.optional(), root: hex.optional(), cumulativeGasUsed: quantity, logsBloom: hex, transactionIndex: quantity, blockHash: hex,
  logs: z.array(z.object({ address: hex, topics: z.array(hex), data: hex })),
});

const scalar = (value: bigint | number): Hex => (BigInt(value) === 0n ? "0x" : hexOf(BigInt(value)));
const hexOf = (value: bigint): Hex => {
  const digits = value.toString(16);
  return `0x${digits.length % 2 === 0 ? "" : "0"}${digits}`;
};
const keyOf = (index: number): Uint8Array => toRlp(scalar(index), "bytes");

export interface EncodedReceipt {
  readonly index: number;
  readonly blockHash: Hex;
  readonly bytes: Hex;
  readonly logs: readonly { readonly address: Hex; readonly topics: readonly Hex[] }[];
}

/** A receipt as `eth_getTransactionReceipt` answers it, in the bytes that the block's trie holds (EIP-2718: of another type than the first, its type in front). */
export function encodeReceipt(value: unknown): EncodedReceipt {
  const parsed = rpcReceipt.safeParse(value);
  if (!parsed.success) throw protocolError("proof-invalid", `A receipt is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  const { type, status, root, cumulativeGasUsed, logsBloom, logs, transactionIndex, blockHash } = parsed.data;
  const body = toRlp([root ?? scalar(status ?? 0n), scalar(cumulativeGasUsed), logsBloom, logs.map(({ address, topics, data }) => [address, topics, data])]);
  return { index: Number(transactionIndex), blockHash, logs, bytes: type === 0n ? body : concat([numberToHex(type, { size: 1 }), body]) };
}

async function trieOf(receipts: readonly Hex[]): Promise<MerklePatriciaTrie> {
  const trie = new MerklePatriciaTrie();
  for (const [index, bytes] of receipts.entries()) await trie.put(keyOf(index), hexToBytes(bytes));
  return trie;
}

/** The proof of some of a block's receipts, all of which are given in their order; with `whole`, of each of them and that there is no other. */
export async function buildReceiptsProof(receipts: readonly Hex[], wanted: readonly number[], whole: boolean): Promise<{ readonly root: Hex; readonly proof: ReceiptsProof }> {
  const trie = await trieOf(receipts);
  const proven = whole ? receipts.map((_, index) => index) : wanted;
  const nodes = new Set<Hex>();
  for (const index of whole ? [...proven, receipts.length] : proven) for (const node of await createMerkleProof(trie, keyOf(index))) nodes.add(bytesToHex(node));
  return { root: bytesToHex(trie.root()), proof: { nodes: [...nodes], receipts: proven, count: whole ? receipts.length : null } };
}

/** @returns The logs of the receipts, in their order. @throws proof-invalid */
export async function proveReceipts(root: Hex, { nodes, receipts, count }: ReceiptsProof, what: string): Promise<ProvenLog[]> {
  const refuse = (why: string, cause?: unknown) => protocolError("proof-invalid", `The proof of the receipts of ${what} ${why}.`, cause);
  if (nodes.some((node) => node.length > 2 + 2 * MOST_RECEIPT_BYTES)) throw refuse(`has a node of more than ${MOST_RECEIPT_BYTES} bytes`);
  const [first] = nodes;
  if (first === undefined) throw refuse("is empty");
  if (keccak256(first) !== root) throw refuse(`begins with another node than the header's root ${root}`);
  if (receipts.some((index, i) => i > 0 && index <= (receipts[i - 1] as number))) throw refuse("names receipts out of order");
  if (count !== null && (receipts.length !== count || receipts.some((index, i) => index !== i))) throw refuse(`does not name all of its ${count} receipts`);
  // Nodes are kept by their hash and walked from the root, which was compared above: what is not part of this trie is never reached.
  const trie = await createMPTFromProof(nodes.map((node) => hexToBytes(node)), { root: hexToBytes(root) });
  const open = async (index: number): Promise<Uint8Array | null> => {
    try {
      return await trie.get(keyOf(index), true);
    } catch (cause) {
      throw refuse(`does not lead from its root to receipt ${index}`, cause);
    }
  };
  const logs: ProvenLog[] = [];
  for (const index of receipts) {
    const found = await open(index);
    if (found === null) throw refuse(`shows that there is no receipt ${index}`);
    logs.push(...logsOf(found, index, refuse));
  }
  // Transactions are numbered without gaps: after the first number that is not there, there is none.
  if (count !== null && (await open(count)) !== null) throw refuse(`shows that there are more than ${count}`);
  return logs;
}

const BODY_FIELDS = 4;
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isHex = (value: unknown): value is Hex => typeof value === "string";

/** Chains add fields of their own behind the four. */
function logsOf(receipt: Uint8Array, transaction: number, refuse: (why: string, cause?: unknown) => Error): ProvenLog[] {
  const malformed = (cause?: unknown) => refuse(`proves something as receipt ${transaction} that is none`, cause);
  let fields: unknown;
  try {
    fields = fromRlp((receipt[0] ?? 0) < 0x80 ? receipt.subarray(1) : receipt, "hex");
  } catch (cause) {
    throw malformed(cause);
  }
  const logs = isList(fields) && fields.length >= BODY_FIELDS ? fields[3] : null;
  if (!isList(logs)) throw malformed();
  return logs.map((log, position) => {
    const [address, topics, data] = isList(log) && log.length === 3 ? log : [];
    if (!isHex(address) || address.length !== 42 || !isList(topics) || !topics.every((topic) => isHex(topic) && topic.length === 66) || !isHex(data)) throw malformed();
    return { address: getAddress(address), topics: topics as Hex[], data, transaction, position };
  });
}
