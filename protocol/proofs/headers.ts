/** Headers as their hash is taken, one behind the other in a file; what links them to each other; and what a header's bloom says of a block without its receipts. */
import type { Hex } from "viem";
import { fromRlp, hexToBytes, keccak256, toRlp } from "viem/utils";
import { protocolError } from "../errors.ts";
import { encodeFields } from "./header.ts";

/** What of a header matters for its receipts. */
export interface LinkedHeader {
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly number: bigint;
  readonly timestamp: number;
  readonly receiptsRoot: Hex;
  readonly bloom: Hex;
}

const MOST_HEADER_BYTES = 4096;
/** Places in the encoding: parent, receipts' root, bloom, number, time; and how many every header has. */
const AT = { parentHash: 0, receiptsRoot: 5, bloom: 6, number: 8, timestamp: 11, fewest: 15 } as const;

/** The fields of `readHeader`, as they are hashed. */
export const encodeHeader = (fields: Readonly<Record<string, Hex>>): Uint8Array => toRlp(encodeFields(fields), "bytes");

/** @throws header-invalid */
export function decodeHeaders(bytes: Uint8Array, most: number): LinkedHeader[] {
  const headers: LinkedHeader[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + lengthAt(bytes, at);
    if (end > bytes.length || headers.length === most) throw invalid(end > bytes.length ? "A file of headers ends in the middle of one." : `A file holds more than ${most} headers.`);
    const header = decodeHeader(bytes.subarray(at, end));
    const last = headers.at(-1);
    if (last !== undefined && header.number <= last.number) throw invalid(`Header ${header.number} stands behind header ${last.number}.`);
    headers.push(header);
    at = end;
  }
  return headers;
}

const invalid = (message: string, cause?: unknown) => protocolError("header-invalid", message, cause);

/** Of a list of 256 to 65,535 bytes: no header is shorter, and none may be longer. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const length = 3 + (bytes[at + 1] ?? 0) * 256 + (bytes[at + 2] ?? 0);
  if (bytes[at] !== 0xf9 || length > MOST_HEADER_BYTES) throw invalid(`A file of headers holds something else at byte ${at}.`);
  return length;
}

function decodeHeader(bytes: Uint8Array): LinkedHeader {
  let fields: unknown;
  try {
    fields = fromRlp(bytes, "hex");
  } catch (cause) {
    throw invalid("A header is malformed.", cause);
  }
  if (!Array.isArray(fields) || fields.length < AT.fewest || !fields.every((field) => typeof field === "string")) throw invalid("A header is malformed.");
  const words = fields as Hex[];
  const field = (at: number, length: number): Hex => {
    const word = words[at];
    if (word?.length !== 2 + 2 * length) throw invalid("A header has a field of another length.");
    return word;
  };
  const number = (at: number): bigint => {
    const word = words[at] ?? "0x";
    if (word.length > 2 + 2 * 8) throw invalid("A header has a number that is too long.");
    return word === "0x" ? 0n : BigInt(word);
  };
  return {
    hash: keccak256(bytes), parentHash: field(AT.parentHash, 32), receiptsRoot: field(AT.receiptsRoot, 32), bloom: field(AT.bloom, 256),
    number: number(AT.number), timestamp: Number(number(AT.timestamp)),
  };
}

/** The headers that a hash leads to, from parent to parent. @param known Hashes that the reader takes for blocks of the chain. */
export function linkedHeaders(headers: readonly LinkedHeader[], known: readonly Hex[]): ReadonlySet<Hex> {
  const linked = new Set<Hex>(known);
  for (const header of headers.toReversed()) if (linked.has(header.hash)) linked.add(header.parentHash);
  return new Set(headers.filter(({ hash }) => linked.has(hash)).map(({ hash }) => hash));
}

/** Three bits of a bloom for each value of a log: its address, its topics. */
export const bloomBits = (values: readonly Hex[]): number[] =>
  values.flatMap((value) => {
    const hash = hexToBytes(keccak256(value));
    return [0, 2, 4].map((at) => (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047);
  });

/** Whether a block can hold a log with all of these: a bloom never denies what is there. */
export const mayHold = (bloom: Uint8Array, bits: readonly number[]): boolean => bits.every((bit) => (((bloom[255 - (bit >> 3)] ?? 0) >> (bit & 7)) & 1) === 1);
