/**
 * A payload encrypted under a key of its own. The header says what it is, for which round and seat, and who can read it; all of it is authenticated with
 * the ciphertext (AES-256-GCM, NIST SP 800-38D). The key is not in it: it lies, wrapped for each reader, in a key slip of its own (key-slip.ts), which can be
 * destroyed where copies of the envelope cannot.
 *
 *     length of the header (4, big-endian) ‖ header (canonical JSON) ‖ ciphertext ‖ tag (16)
 *
 * GCM does not commit to its key: one ciphertext can be made to open to two texts under two keys. `keyCommitment` fixes the key, so all readers read the same.
 */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { keccak256 } from "viem/utils";
import { decodeJson, encodeJson, type Json } from "../bundle/canonical-json.ts";
import { concatBytes, fromHex, toHex } from "../bytes.ts";
import { protocolError } from "../errors.ts";
import { address, bytes32, firstIssue, uint } from "../schema.ts";
import type { FillRandom } from "./random-bits.ts";

export const ENVELOPE_FORMAT = "chongwen-envelope";
export const HEADER_LIMIT = 2 ** 14;
const TAG = 16;
const NONCE = 12;
export const OBJECT_KEY = 32;

/** What a payload belongs to: an envelope moved elsewhere does not open there. */
export interface EnvelopeContext {
  readonly chainId: number;
  readonly ledger: Address;
  readonly federation: number;
  readonly round: number;
  readonly seat: number;
  readonly updateRoot: Hex;
}

/** @param bytes Of the payload. @param keyCommitment Of the object key. @param recipients Key ids of who can read, as in the register. */
export interface EnvelopeHeader extends EnvelopeContext {
  readonly format: typeof ENVELOPE_FORMAT;
  readonly version: 1;
  readonly alg: "AES-256-GCM";
  readonly bytes: number;
  readonly nonce: Hex;
  readonly keyCommitment: Hex;
  readonly recipients: readonly Hex[];
}

/** @param id Names the envelope: hash of its header, in which its nonce and its key's commitment stand. */
export interface Envelope {
  readonly id: Hex;
  readonly header: EnvelopeHeader;
  readonly headerBytes: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const schema = z.strictObject({
  format: z.literal(ENVELOPE_FORMAT),
  version: z.literal(1),
  alg: z.literal("AES-256-GCM"),
  chainId: z.int().min(1),
  ledger: address,
  federation: uint(32),
  round: uint(32),
  seat: uint(32),
  updateRoot: bytes32,
  bytes: z.int().min(0).max(2 ** 33),
  nonce: z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{24}$/.test(value), "expected 12 bytes as lower-case 0x-hex"),
  keyCommitment: bytes32,
  recipients: z.array(bytes32).min(1).max(64),
});

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const commitmentTo = (objectKey: Uint8Array): Hex => keccak256(concatBytes([ascii("chongwen-envelope-key"), objectKey]));
/** WebCrypto takes no views on shared memory. */
export const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

function importKey(objectKey: Uint8Array, use: "encrypt" | "decrypt") {
  return crypto.subtle.importKey("raw", owned(objectKey), "AES-GCM", false, [use]);
}

/** Bytes that an envelope adds to its payload, at most. */
export const ENVELOPE_OVERHEAD = 4 + HEADER_LIMIT + TAG;

/** @param objectKey Goes into the key slip; forget it then. */
export interface SealedEnvelope {
  readonly bytes: Uint8Array;
  readonly id: Hex;
  readonly objectKey: Uint8Array;
}

/** Encrypts under a fresh key. @param recipients Key ids of the register. @param random Cryptographically secure, save in tests. */
export async function sealEnvelope(payload: Uint8Array, context: EnvelopeContext, recipients: readonly Hex[], random: FillRandom): Promise<SealedEnvelope> {
  const objectKey = new Uint8Array(OBJECT_KEY);
  const nonce = new Uint8Array(NONCE);
  random(objectKey);
  random(nonce);
  const header = {
    format: ENVELOPE_FORMAT, version: 1, alg: "AES-256-GCM", ...context, ledger: context.ledger.toLowerCase(),
    bytes: payload.length, nonce: toHex(nonce), keyCommitment: commitmentTo(objectKey), recipients,
  };
  const headerBytes = encodeJson(header as unknown as Json);
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: owned(headerBytes) };
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt(algorithm, await importKey(objectKey, "encrypt"), owned(payload)));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, headerBytes.length);
  return { bytes: concatBytes([length, headerBytes, ciphertext]), id: keccak256(headerBytes), objectKey };
}

const invalid = (what: string, cause?: unknown) => protocolError("envelope-invalid", what, cause);

/** Reads an envelope without opening it. @throws envelope-invalid */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length < 4) throw invalid(`An envelope of ${bytes.length} bytes has no header.`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length > HEADER_LIMIT || bytes.length < 4 + length) throw invalid(`The envelope's header would have ${length} bytes; at most ${HEADER_LIMIT} are allowed, and ${bytes.length - 4} are there.`);
  const headerBytes = bytes.subarray(4, 4 + length);
  let json: Json;
  try {
    json = decodeJson(headerBytes, "The envelope's header", HEADER_LIMIT);
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : "The envelope's header is malformed.", cause);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw invalid(`The envelope's header is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  const header = parsed.data as EnvelopeHeader;
  const ciphertext = bytes.subarray(4 + length);
  if (ciphertext.length !== header.bytes + TAG) throw invalid(`The envelope has ${ciphertext.length} bytes of ciphertext; ${header.bytes} and a tag of ${TAG} were announced.`);
  return { id: keccak256(headerBytes), header, headerBytes, ciphertext };
}

/** First field in which a header is about something else, or null. */
export function foreignField(header: EnvelopeHeader, context: EnvelopeContext): string | null {
  for (const name of ["chainId", "ledger", "federation", "round", "seat", "updateRoot"] as const) {
    const [expected, actual] = [String(context[name]).toLowerCase(), String(header[name]).toLowerCase()];
    if (expected !== actual) return `${name} ${actual} instead of ${expected}`;
  }
  return null;
}

/** @throws envelope-invalid: another key than the one committed to, or anything was changed */
export async function openEnvelope({ header, headerBytes, ciphertext }: Envelope, objectKey: Uint8Array): Promise<Uint8Array> {
  if (commitmentTo(objectKey) !== header.keyCommitment) throw invalid("The key that was unwrapped is not the one that the envelope commits to.");
  try {
    const algorithm = { name: "AES-GCM", iv: owned(fromHex(header.nonce, NONCE)), additionalData: owned(headerBytes) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, await importKey(objectKey, "decrypt"), owned(ciphertext)));
  } catch (cause) {
    throw invalid("The envelope does not open with its key: it was changed.", cause);
  }
}
