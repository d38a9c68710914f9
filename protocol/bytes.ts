import type { Hex } from "viem";
import { bytesToHex, hexToBytes } from "viem/utils";
import { protocolError } from "./errors.ts";

export type { Hex };

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Typed arrays are used as their little-endian encoding without copying; a big-endian host would silently sign other bytes. */
export function requireLittleEndian(): void {
  if (!LITTLE_ENDIAN) throw protocolError("host-unsupported", "This machine stores numbers big-endian.");
}

/** The little-endian encoding of a tensor: a view, not a copy. */
export function bytesOf(values: Int16Array | Int32Array | Uint32Array): Uint8Array {
  requireLittleEndian();
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Little-endian int16 lanes of a file; a view when aligned, else a copy. Length must be even (checked by the caller against its specification). */
export function int16Of(bytes: Uint8Array): Int16Array {
  requireLittleEndian();
  const source = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Int16Array(source.buffer, source.byteOffset, source.length >>> 1);
}

/** Little-endian int32 lanes of a file; a view when aligned, else a copy. */
export function int32Of(bytes: Uint8Array): Int32Array {
  requireLittleEndian();
  const source = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(source.buffer, source.byteOffset, source.length >>> 2);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export const toHex = (bytes: Uint8Array): Hex => bytesToHex(bytes);

/** @throws column-invalid when `hex` is not exactly `length` bytes. */
export function fromHex(hex: Hex, length: number): Uint8Array {
  if (hex.length !== 2 + 2 * length || !/^0x[0-9a-fA-F]*$/.test(hex)) {
    throw protocolError("column-invalid", `Expected ${length} bytes as 0x-hex, got ${hex.slice(0, 80)}.`);
  }
  return hexToBytes(hex);
}
