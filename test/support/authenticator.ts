// A software authenticator: what a phone does with a passkey, without the phone.
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";

import { bytesToHex, encodeAbiParameters, hexToBytes, numberToHex, parseAbiParameters, type Hex } from "viem";

import { encodeAssertion, readPublicKey, rpIdHash, type Assertion, type PasskeyPoint } from "../../protocol/accounts/index.ts";

const sha256 = (data: Uint8Array): Buffer => createHash("sha256").update(data).digest();

/** What a dishonest device, browser or page would do otherwise. */
export interface Lies {
  readonly flags?: number;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: Hex;
}

export interface Authenticator {
  readonly point: PasskeyPoint;
  readonly rpIdHash: Hex;
  /** DER, as browsers give it. */
  readonly spki: Uint8Array;
  assert(challenge: Hex, lies?: Lies): Assertion;
  /** As the contract reads it. */
  sign(challenge: Hex): Hex;
  /** The same from a dishonest device, which the library would refuse to encode. */
  lie(challenge: Hex, lies: Lies): Hex;
}

export function createAuthenticator(rpId = "localhost"): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  const assert = (challenge: Hex, lies: Lies = {}): Assertion => assertWith(privateKey, rpId, challenge, lies);
  return { point: readPublicKey(spki), rpIdHash: rpIdHash(rpId), spki, assert, sign: (challenge) => encodeAssertion(assert(challenge)), lie: (challenge, lies) => encodeAnyway(assert(challenge, lies)) };
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Without any of the library's checks; independent of it. */
function encodeAnyway({ authenticatorData, clientDataJSON, signature: der }: Assertion): Hex {
  const rLength = der[3] ?? 0;
  const integer = (at: number, length: number): bigint => BigInt(bytesToHex(der.subarray(at, at + length)));
  const [r, s] = [integer(4, rLength), integer(6 + rLength, der[5 + rLength] ?? 0)];
  const text = new TextDecoder().decode(clientDataJSON);
  return encodeAbiParameters(parseAbiParameters("bytes32, bytes32, uint256, uint256, bytes, string"), [
    numberToHex(r, { size: 32 }),
    numberToHex(s > ORDER / 2n ? ORDER - s : s, { size: 32 }),
    BigInt(text.indexOf('"challenge":')),
    BigInt(text.indexOf('"type":')),
    bytesToHex(authenticatorData),
    text,
  ]);
}

function assertWith(key: KeyObject, rpId: string, challenge: Hex, lies: Lies): Assertion {
  const authenticatorData = new Uint8Array([...sha256(Buffer.from(lies.rpId ?? rpId)), lies.flags ?? 0x05, 0, 0, 0, 0]);
  const clientDataJSON = new TextEncoder().encode(
    JSON.stringify({
      type: lies.type ?? "webauthn.get",
      challenge: Buffer.from(hexToBytes(lies.challenge ?? challenge)).toString("base64url"),
      origin: `http://${rpId}:8080`,
      crossOrigin: false,
    }),
  );
  const signature = new Uint8Array(sign("sha256", Buffer.concat([authenticatorData, sha256(clientDataJSON)]), key));
  return { authenticatorData, clientDataJSON, signature };
}

export const randomHash = (): Hex => bytesToHex(crypto.getRandomValues(new Uint8Array(32)));
