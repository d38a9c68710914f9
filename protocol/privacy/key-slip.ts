/**
 * The key of one envelope, wrapped for each of its readers with HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM, base mode). A slip lies beside the store and
 * in no bundle: when every copy of it is destroyed, copies of the envelope are noise, wherever they went.
 *
 * The encapsulation is derived from the object key (Encrypt-with-Hash: Bellare, Boldyreva, O'Neill, "Deterministic and Efficiently Searchable Encryption",
 * CRYPTO 2007; sound because the key has 256 random bits). So whoever opens one wrapping can make all others again and see whether they are right: an
 * operator need not take a site's word that the auditors can read what it reads.
 */
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { z } from "zod";
import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { type Json, decodeJson, encodeJson } from "../bundle/canonical-json.ts";
import { concatBytes, fromHex, toHex } from "../bytes.ts";
import { protocolError } from "../errors.ts";
import { bytes32, firstIssue } from "../schema.ts";
import { OBJECT_KEY, owned } from "./envelope.ts";
import { keyIdOf } from "./escrow.ts";

export const SLIP_FORMAT = "chongwen-key-slip";
export const SLIP_LIMIT = 2 ** 16;
const WRAPPED = OBJECT_KEY + 16;

export interface WrappedKey {
  readonly keyId: Hex;
  readonly encapsulated: Hex;
  readonly wrapped: Hex;
}

/** @param envelope Its id. @param keys In the order of the envelope's recipients. */
export interface KeySlip {
  readonly format: typeof SLIP_FORMAT;
  readonly version: 1;
  readonly envelope: Hex;
  readonly keys: readonly WrappedKey[];
}

const schema = z.strictObject({
  format: z.literal(SLIP_FORMAT),
  version: z.literal(1),
  envelope: bytes32,
  keys: z
    .array(z.strictObject({ keyId: bytes32, encapsulated: bytes32, wrapped: z.custom<Hex>((v) => typeof v === "string" && new RegExp(`^0x[0-9a-f]{${2 * WRAPPED}}$`).test(v), "expected a wrapped key") }))
    .max(64),
});

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const INFO = ascii("chongwen-key-slip/1");

/** A reader's key. The private half never leaves WebCrypto. */
export interface EscrowKey {
  readonly publicKey: Hex;
  readonly keyId: Hex;
  readonly pair: Awaited<ReturnType<typeof suite.kem.deriveKeyPair>>;
}

/** From 32 secret bytes, as a keystore keeps them. Bytes that also sign elsewhere give no relation between the two keys. */
export async function deriveEscrowKey(secret: Uint8Array): Promise<EscrowKey> {
  const ikm = fromHex(keccak256(concatBytes([ascii("chongwen-escrow-key/1"), secret])), 32);
  const pair = await suite.kem.deriveKeyPair(owned(ikm).buffer);
  const publicKey = toHex(new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)));
  return { publicKey, keyId: keyIdOf(publicKey), pair };
}

async function wrap(objectKey: Uint8Array, envelope: Hex, publicKey: Hex): Promise<WrappedKey> {
  const seed = fromHex(keccak256(concatBytes([ascii("chongwen-key-slip/encapsulation"), objectKey, fromHex(envelope, 32), fromHex(publicKey, 32)])), 32);
  const recipientPublicKey = await suite.kem.deserializePublicKey(owned(fromHex(publicKey, 32)).buffer);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: owned(INFO).buffer, ekm: owned(seed).buffer });
  const wrapped = await sender.seal(owned(objectKey).buffer, owned(fromHex(envelope, 32)).buffer);
  return { keyId: keyIdOf(publicKey), encapsulated: toHex(new Uint8Array(sender.enc)), wrapped: toHex(new Uint8Array(wrapped)) };
}

/** @param publicKeys Of all readers, in the order of the register. */
export async function sealSlip(objectKey: Uint8Array, envelope: Hex, publicKeys: readonly Hex[]): Promise<KeySlip> {
  return { format: SLIP_FORMAT, version: 1, envelope, keys: await Promise.all(publicKeys.map((publicKey) => wrap(objectKey, envelope, publicKey))) };
}

const invalid = (what: string, cause?: unknown) => protocolError("key-slip-invalid", what, cause);

export const encodeSlip = (slip: KeySlip): Uint8Array => encodeJson(slip as unknown as Json);

/** @throws json-invalid, key-slip-invalid */
export function decodeSlip(bytes: Uint8Array, envelope: Hex): KeySlip {
  const parsed = schema.safeParse(decodeJson(bytes, "The key slip", SLIP_LIMIT));
  if (!parsed.success) throw invalid(`The key slip is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  if (parsed.data.envelope !== envelope) throw invalid(`The key slip belongs to envelope ${parsed.data.envelope}, not to ${envelope}.`);
  return parsed.data as KeySlip;
}

/** @throws envelope-key-missing: nothing was wrapped for this key; key-slip-invalid */
export async function openSlip({ envelope, keys }: KeySlip, { keyId, pair }: EscrowKey): Promise<Uint8Array> {
  const own = keys.find((key) => key.keyId === keyId);
  if (own === undefined) throw protocolError("envelope-key-missing", `Nothing was wrapped for key ${keyId}: it is not in this round's register.`);
  try {
    const recipient = await suite.createRecipientContext({ recipientKey: pair, enc: owned(fromHex(own.encapsulated, 32)).buffer, info: owned(INFO).buffer });
    const objectKey = new Uint8Array(await recipient.open(owned(fromHex(own.wrapped, WRAPPED)).buffer, owned(fromHex(envelope, 32)).buffer));
    if (objectKey.length === OBJECT_KEY) return objectKey;
  } catch (cause) {
    throw invalid("What was wrapped for this key does not open with it: it was changed, or wrapped wrongly.", cause);
  }
  throw invalid("What was wrapped for this key is no object key.");
}

/** Who cannot read though the slip names them, or null: every wrapping is made again and compared. */
export async function slipProblem(slip: KeySlip, objectKey: Uint8Array, publicKeys: readonly Hex[]): Promise<string | null> {
  const expected = await sealSlip(objectKey, slip.envelope, publicKeys);
  if (slip.keys.length !== expected.keys.length) return `${slip.keys.length} keys for ${expected.keys.length} readers`;
  const at = expected.keys.findIndex((key, i) => (["keyId", "encapsulated", "wrapped"] as const).some((name) => key[name] !== slip.keys[i]?.[name]));
  return at < 0 ? null : `what was wrapped for key ${expected.keys[at]!.keyId} is not the object key`;
}
