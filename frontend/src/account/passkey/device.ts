/** The browser's side of passkeys (Web Authentication). Only this file talks to the device. */
import type { Hex } from "viem";
import { bytesToHex, hexToBytes } from "viem/utils";
import { readPublicKey, requireVerified } from "../../../../protocol/accounts/assertion.ts";
import type { Passkey, Signed } from "./passkey.ts";

export class PasskeyUnavailable extends Error {
  override readonly name = "PasskeyUnavailable";
}

const ES256 = -7;

/** Passkeys need a name (no number) and https; `localhost` is a secure context too. */
export function passkeysAvailable(): boolean {
  return typeof PublicKeyCredential === "function" && isSecureContext && !/^[\d.]+$|^\[/.test(location.hostname);
}

export const rpId = (): string => location.hostname;

/**
 * Makes a passkey for this site.
 * @param handle Comes back when the passkey is used without being named: the hash of the invitation, or an account's address.
 * @throws NotAllowedError when the person declines
 */
export async function createPasskey(handle: Hex, name: string): Promise<Passkey> {
  const credential = await navigator.credentials.create({
    publicKey: {
      rp: { id: rpId(), name: "Chongwen" },
      user: { id: buffer(handle), name, displayName: name },
      // Nobody checks how it was made: what counts is what it signs.
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      attestation: "none",
      pubKeyCredParams: [{ type: "public-key", alg: ES256 }],
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    },
  });
  const { rawId, response } = requireCredential(credential);
  if (!(response instanceof AuthenticatorAttestationResponse)) throw new PasskeyUnavailable("The browser answered something else.");
  const spki = response.getPublicKey();
  if (spki === null) throw new PasskeyUnavailable("The browser does not give the passkey's public key.");
  requireVerified(new Uint8Array(response.getAuthenticatorData()));
  return { credential: bytesToHex(new Uint8Array(rawId)), point: readPublicKey(new Uint8Array(spki)) };
}

/** @param credential Undefined: the person chooses. @throws NotAllowedError when the person declines, or has none */
export async function signWithPasskey(challenge: Hex, credential?: Hex): Promise<Signed> {
  const answer = await navigator.credentials.get({
    publicKey: {
      rpId: rpId(),
      challenge: buffer(challenge),
      userVerification: "required",
      ...(credential !== undefined && { allowCredentials: [{ type: "public-key", id: buffer(credential) }] }),
    },
  });
  const { rawId, response } = requireCredential(answer);
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new PasskeyUnavailable("The browser answered something else.");
  const { authenticatorData, clientDataJSON, signature, userHandle } = response;
  return {
    authenticatorData: new Uint8Array(authenticatorData),
    clientDataJSON: new Uint8Array(clientDataJSON),
    signature: new Uint8Array(signature),
    credential: bytesToHex(new Uint8Array(rawId)),
    handle: userHandle === null ? undefined : bytesToHex(new Uint8Array(userHandle)),
  };
}

function requireCredential(credential: Credential | null): PublicKeyCredential {
  if (!(credential instanceof PublicKeyCredential)) throw new PasskeyUnavailable("The browser gave no passkey.");
  return credential;
}

const buffer = (hex: Hex): ArrayBuffer => new Uint8Array(hexToBytes(hex)).buffer;
