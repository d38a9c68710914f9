/**
 * What an authenticator answers, as the contract reads it. Sources: Web Authentication Level 3, https://www.w3.org/TR/webauthn-3/, 5.8.1 and 6.1;
 * DER signatures: RFC 3279, 2.2.3; keys: RFC 5480.
 */
import type { Hex } from "viem";
import { bytesToHex, encodeAbiParameters, numberToHex, sha256, stringToBytes } from "viem/utils";
import { protocolError } from "../errors.ts";

/** Order of P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
/** A P-256 key in SubjectPublicKeyInfo is this, then x and y. */
const SPKI_PREFIX = "0x3059301306072a8648ce3d020106082a8648ce3d03010703420004";

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;

export interface PasskeyPoint {
  readonly qx: Hex;
  readonly qy: Hex;
}

/** The fields of `AuthenticatorAssertionResponse`. */
export interface Assertion {
  readonly authenticatorData: Uint8Array;
  readonly clientDataJSON: Uint8Array;
  /** DER. */
  readonly signature: Uint8Array;
}

/** The fields of `WebAuthn.WebAuthnAuth` of OpenZeppelin's contracts, without the offset that Solidity puts before a structure of dynamic size. */
const AUTH = [
  { name: "r", type: "bytes32" },
  { name: "s", type: "bytes32" },
  { name: "challengeIndex", type: "uint256" },
  { name: "typeIndex", type: "uint256" },
  { name: "authenticatorData", type: "bytes" },
  { name: "clientDataJSON", type: "string" },
] as const;

/** SHA-256 of the relying party's name, which authenticators put in front of what they sign. */
export const rpIdHash = (rpId: string): Hex => sha256(stringToBytes(rpId));

/** @param spki What `AuthenticatorAttestationResponse.getPublicKey()` gives. @throws passkey-invalid for any other kind of key */
export function readPublicKey(spki: Uint8Array): PasskeyPoint {
  const hex = bytesToHex(spki);
  if (spki.length !== 91 || !hex.startsWith(SPKI_PREFIX)) throw protocolError("passkey-invalid", "The authenticator made a key of another kind than P-256.");
  return { qx: bytesToHex(spki.subarray(27, 59)), qy: bytesToHex(spki.subarray(59, 91)) };
}

/** @throws passkey-invalid when the authenticator did not see or did not verify the person: the contract would refuse it */
export function requireVerified(authenticatorData: Uint8Array): void {
  const flags = authenticatorData[32] ?? 0;
  if ((flags & USER_PRESENT) === 0 || (flags & USER_VERIFIED) === 0) {
    throw protocolError("passkey-invalid", "The device did not verify who used it (fingerprint, face or PIN).");
  }
}

/** Encodes an assertion as the account reads a signature, `s` in its low form. @throws passkey-invalid */
export function encodeAssertion({ authenticatorData, clientDataJSON, signature }: Assertion): Hex {
  requireVerified(authenticatorData);
  const { r, s } = readDer(signature);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(clientDataJSON);
  const [challengeIndex, typeIndex] = [text.indexOf('"challenge":"'), text.indexOf('"type":"webauthn.get"')];
  if (challengeIndex < 0 || typeIndex < 0) throw protocolError("passkey-invalid", "The browser's statement holds no challenge, or is not of a signature.");
  return encodeAbiParameters(AUTH, [
    numberToHex(r, { size: 32 }),
    numberToHex(s > ORDER / 2n ? ORDER - s : s, { size: 32 }),
    // Offsets in bytes; what stands before them is ASCII.
    BigInt(challengeIndex),
    BigInt(typeIndex),
    bytesToHex(authenticatorData),
    text,
  ]);
}

function readDer(der: Uint8Array): { r: bigint; s: bigint } {
  const r = readInteger(der, 2);
  const s = readInteger(der, r.end);
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || s.end !== der.length) throw malformed();
  for (const { value } of [r, s]) if (value < 1n || value >= ORDER) throw malformed();
  return { r: r.value, s: s.value };
}

function readInteger(der: Uint8Array, at: number): { value: bigint; end: number } {
  const length = der[at + 1];
  if (der[at] !== 0x02 || length === undefined || length === 0 || length > 33 || at + 2 + length > der.length) throw malformed();
  return { value: BigInt(bytesToHex(der.subarray(at + 2, at + 2 + length))), end: at + 2 + length };
}

const malformed = (): Error => protocolError("passkey-invalid", "The authenticator's signature is not a DER signature of P-256.");
