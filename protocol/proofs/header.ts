/**
 * A block's header, and the hash that it has: everything else an endpoint says of a state is proven against the root in it. The hash can be compared with what
 * anybody says of the block. Fields that later forks added follow in their order, and are in the hash when they are in the answer.
 * Source: https://ethereum.org/en/developers/docs/blocks/, EIP-1559, EIP-4895, EIP-4844, EIP-4788, EIP-7685.
 */
import { z } from "zod";
import type { Hex } from "viem";
import { keccak256, toRlp } from "viem/utils";
import { protocolError } from "../errors.ts";
import { firstIssue } from "../schema.ts";

const bytes = (length: number) => z.string().regex(new RegExp(`^0x[0-9a-fA-F]{${2 * length}}$`), `expected ${length} bytes`).transform((text) => text.toLowerCase() as Hex);
/** At most 32 bytes, of which the encoding leaves out the zeros in front. */
const quantity = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, "expected a quantity").transform((text) => BigInt(text));
/** Longer on chains whose proposers say more than 32 bytes. */
const extra = z.string().regex(/^0x([0-9a-fA-F]{2}){0,1024}$/, "expected at most 1,024 bytes").transform((text) => text.toLowerCase() as Hex);

/** In the order of the encoding. Fields that are not of the header, such as transactions, are no part of the hash and are dropped. */
const FIELDS = {
  parentHash: bytes(32), sha3Uncles: bytes(32), miner: bytes(20), stateRoot: bytes(32), transactionsRoot: bytes(32), receiptsRoot: bytes(32),
  logsBloom: bytes(256), difficulty: quantity, number: quantity, gasLimit: quantity, gasUsed: quantity, timestamp: quantity, extraData: extra,
  mixHash: bytes(32), nonce: bytes(8),
} as const;
const LATER = {
  baseFeePerGas: quantity, withdrawalsRoot: bytes(32), blobGasUsed: quantity, excessBlobGas: quantity, parentBeaconBlockRoot: bytes(32), requestsHash: bytes(32),
} as const;

const headerSchema = z.object({
  ...FIELDS,
  ...(Object.fromEntries(Object.entries(LATER).map(([name, field]) => [name, z.optional(field)])) as { readonly [Name in keyof typeof LATER]: z.ZodOptional<(typeof LATER)[Name]> }),
  hash: bytes(32),
});

/** What is taken from a header that has the hash it claims. @param fields As they are encoded: what a file keeps. */
export interface Header {
  readonly hash: Hex;
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly stateRoot: Hex;
  readonly fields: Readonly<Record<string, Hex>>;
}

const hexOf = (value: bigint | Hex): Hex => (typeof value === "bigint" ? `0x${value.toString(16)}` : value);
/** RLP writes numbers without zeros in front: nothing at all for 0. */
const encoded = (value: bigint | Hex): Hex => {
  if (typeof value !== "bigint") return value;
  if (value === 0n) return "0x";
  const digits = value.toString(16);
  return `0x${digits.length % 2 === 0 ? "" : "0"}${digits}`;
};

/** What a header's hash is taken of, from the fields that `readHeader` gave. */
export const encodeFields = (fields: Readonly<Record<string, Hex>>): Hex[] =>
  Object.entries({ ...FIELDS, ...LATER }).flatMap(([name, field]) => (fields[name] === undefined ? [] : [encoded(field.parse(fields[name]))]));

/**
 * Reads a block as `eth_getBlockByNumber` answers it.
 * @throws header-invalid when a field is malformed, or the fields do not have the hash that it claims
 */
export function readHeader(block: unknown): Header {
  const parsed = headerSchema.safeParse(block);
  if (!parsed.success) throw protocolError("header-invalid", `A block's header is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  const { hash, ...header } = parsed.data;
  const names = [...Object.keys(FIELDS), ...Object.keys(LATER)] as (keyof typeof header)[];
  const present = names.filter((name) => header[name] !== undefined);
  const missing = names.slice(0, present.length).find((name) => header[name] === undefined);
  if (missing !== undefined) throw protocolError("header-invalid", `A block's header has ${present.at(-1)} and no ${missing}, which is older.`);
  const values = present.map((name) => header[name] as bigint | Hex);
  const computed = keccak256(toRlp(values.map(encoded)));
  if (computed !== hash) throw protocolError("header-invalid", `The header of block ${header.number} has the hash ${computed}, not ${hash}.`);
  const fields = Object.fromEntries(present.map((name, i) => [name, hexOf(values[i] as bigint | Hex)]));
  return { hash, number: header.number, timestamp: header.timestamp, stateRoot: header.stateRoot, fields: { ...fields, hash } };
}
