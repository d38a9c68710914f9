/**
 * Content identifiers, version 1, SHA-256, of raw blocks and dag-pb nodes: all that an artefact is made of. Written out, because a verify page should not
 * have to carry a library for 36 bytes. Source: https://github.com/multiformats/cid
 */
import type { Hex } from "../bytes.ts";
import { fromHex, toHex } from "../bytes.ts";
import { protocolError } from "../errors.ts";

export const RAW = 0x55;
export const DAG_PB = 0x70;
const SHA2_256 = 0x12;
const CID_BYTES = 36;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** 01 codec 12 20 digest. */
export function cidBytes(codec: number, digest: Uint8Array): Uint8Array {
  const cid = new Uint8Array(CID_BYTES);
  cid.set([1, codec, SHA2_256, 32]);
  cid.set(digest, 4);
  return cid;
}

/** "bafy…" in base32, as gateways and Kubo write it. */
export function formatCid(cid: Uint8Array): string {
  let [text, bits, held] = ["b", 0, 0];
  for (const byte of cid) {
    held = ((held << 8) | byte) & 0xffff;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

export interface ParsedCid {
  readonly codec: number;
  readonly digest: Hex;
}

/** @throws column-invalid for what is no version 1 SHA-256 identifier of a raw block or dag-pb node, in base32 */
export function parseCid(text: string): ParsedCid {
  const refuse = () => protocolError("column-invalid", `“${text.slice(0, 80)}” is no version 1 content identifier (bafy… or bafk…) with a SHA-256 hash.`);
  if (!/^b[a-z2-7]{58}$/.test(text)) throw refuse();
  const bytes = new Uint8Array(CID_BYTES);
  let [bits, held, at] = [0, 0, 0];
  for (const letter of text.slice(1)) {
    held = ((held << 5) | ALPHABET.indexOf(letter)) & 0xffff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 0xff;
  }
  const codec = bytes[1]!;
  const known = bytes[0] === 1 && (codec === RAW || codec === DAG_PB) && bytes[2] === SHA2_256 && bytes[3] === 32;
  // The spare bits at the end must be zero, or one content would have several names.
  if (!known || (held & ((1 << bits) - 1)) !== 0) throw refuse();
  return { codec, digest: toHex(bytes.subarray(4)) };
}

/** The identifier of an artefact: its root is a directory, so the 32 bytes on chain are enough. @throws column-invalid */
export function artefactCid(digest: Hex): string {
  return formatCid(cidBytes(DAG_PB, fromHex(digest, 32)));
}
