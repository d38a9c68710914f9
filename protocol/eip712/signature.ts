/**
 * Compact signatures: 64 bytes `r ‖ yParityAndS`, where the top bit of the second word is the parity and the rest is s.
 * Source: EIP-2098, https://eips.ethereum.org/EIPS/eip-2098; low s: EIP-2.
 */
import type { Address, Hex } from "viem";
import { numberToHex, recoverAddress } from "viem/utils";
import { protocolError } from "../errors.ts";

/** Order of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const PARITY_BIT = 1n << 255n;

interface Parts {
  readonly r: bigint;
  readonly s: bigint;
  readonly yParity: 0 | 1;
}

function requireCanonical(parts: Parts): Parts {
  if (parts.r < 1n || parts.r >= ORDER) throw protocolError("signature-invalid", "The signature's r is not in 1..n − 1.");
  if (parts.s < 1n || parts.s > ORDER / 2n) throw protocolError("signature-invalid", "The signature's s is not in 1..n/2: it is the malleable form.");
  return parts;
}

function requireBytes(signature: Hex, length: number): void {
  if (!/^0x[0-9a-fA-F]*$/.test(signature) || signature.length !== 2 + 2 * length) {
    throw protocolError("signature-invalid", `Expected a signature of ${length} bytes as 0x-hex, got ${signature.length} characters.`);
  }
}

function wordAt(signature: Hex, index: number): bigint {
  return BigInt(`0x${signature.slice(2 + 64 * index, 66 + 64 * index)}`);
}

function parseCompact(compact: Hex): Parts {
  requireBytes(compact, 64);
  const packed = wordAt(compact, 1);
  return requireCanonical({ r: wordAt(compact, 0), s: packed & (PARITY_BIT - 1n), yParity: packed < PARITY_BIT ? 0 : 1 });
}

function word(value: bigint): string {
  return numberToHex(value, { size: 32 }).slice(2);
}

/** 65-byte `r ‖ s ‖ v` to 64 bytes. @throws signature-invalid for other lengths, an unknown v, and high s */
export function toCompactSignature(signature: Hex): Hex {
  requireBytes(signature, 65);
  const v = Number.parseInt(signature.slice(-2), 16);
  if (v !== 27 && v !== 28) throw protocolError("signature-invalid", `The signature's v is ${v}, not 27 or 28.`);
  const { r, s } = requireCanonical({ r: wordAt(signature, 0), s: wordAt(signature, 1), yParity: 0 });
  return `0x${word(r)}${word(v === 28 ? s | PARITY_BIT : s)}`;
}

/** 64 bytes to 65-byte `r ‖ s ‖ v`. @throws signature-invalid */
export function fromCompactSignature(compact: Hex): Hex {
  const { r, s, yParity } = parseCompact(compact);
  return `0x${word(r)}${word(s)}${yParity === 0 ? "1b" : "1c"}`;
}

/** Address that signed `digest`. @throws signature-invalid for malformed, high-s and unrecoverable signatures */
export async function recoverSigner(digest: Hex, compact: Hex): Promise<Address> {
  const signature = fromCompactSignature(compact);
  try {
    return await recoverAddress({ hash: digest, signature });
  } catch (cause) {
    throw protocolError("signature-invalid", "No key can have made this signature.", cause);
  }
}
