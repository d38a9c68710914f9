/** An invitation as a link. It holds a key: whoever has the link can join, so it stands behind the `#`, which browsers send to no server. */
import type { Hex } from "viem";
import { bytesToHex, concatHex, getAddress, hexToBytes, numberToHex, size, sliceHex } from "viem/utils";
import { protocolError } from "../errors.ts";
import type { Invitation } from "./statements.ts";

export interface InvitationLink {
  readonly invitation: Invitation;
  readonly officer: Hex;
  readonly officerSignature: Hex;
  /** The private key to `invitation.link`. */
  readonly linkKey: Hex;
}

const VERSION = 1;
const HEAD_BYTES = 116;
const ALPHABET = /^[A-Za-z0-9_-]{160,4000}$/;

/** `version 1 ‖ organisation 4 ‖ role 1 ‖ expiry 6 ‖ link 20 ‖ rpIdHash 32 ‖ officer 20 ‖ linkKey 32 ‖ officerSignature`, in base64url. */
export function encodeInvitation({ invitation, officer, officerSignature, linkKey }: InvitationLink): string {
  const packed = concatHex([
    numberToHex(VERSION, { size: 1 }),
    numberToHex(invitation.organisation, { size: 4 }),
    numberToHex(invitation.role, { size: 1 }),
    numberToHex(invitation.expiry, { size: 6 }),
    invitation.link,
    invitation.rpIdHash,
    officer,
    linkKey,
    officerSignature,
  ]);
  return btoa(String.fromCharCode(...hexToBytes(packed))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @throws invitation-malformed */
export function decodeInvitation(text: string): InvitationLink {
  if (!ALPHABET.test(text)) throw malformed();
  const packed = bytesToHex(bytesOfBase64(text));
  if (size(packed) <= HEAD_BYTES || Number(sliceHex(packed, 0, 1)) !== VERSION) throw malformed();
  return {
    invitation: {
      organisation: Number(sliceHex(packed, 1, 5)),
      role: Number(sliceHex(packed, 5, 6)),
      expiry: BigInt(sliceHex(packed, 6, 12)),
      link: getAddress(sliceHex(packed, 12, 32)),
      rpIdHash: sliceHex(packed, 32, 64),
    },
    officer: getAddress(sliceHex(packed, 64, 84)),
    linkKey: sliceHex(packed, 84, 116),
    officerSignature: sliceHex(packed, HEAD_BYTES),
  };
}

function bytesOfBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  } catch {
    throw malformed();
  }
}

const malformed = (): Error => protocolError("invitation-malformed", "This is no invitation, or a part of it is missing.");
