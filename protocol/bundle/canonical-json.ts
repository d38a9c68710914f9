/**
 * Canonical JSON: object keys sorted, no white space, integers only, UTF-8. One value has exactly one encoding, so its hash means the value.
 * Source: RFC 8785 (JSON Canonicalization Scheme), restricted to integers within ±(2^53 − 1) and printable ASCII keys.
 */
import { protocolError } from "../errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const MAX_NESTING = 64;

function write(value: Json, nesting: number): string {
  if (nesting > MAX_NESTING) throw protocolError("json-invalid", `JSON nested deeper than ${MAX_NESTING} levels.`);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw protocolError("json-invalid", `${value} is not an integer within ±(2^53 − 1).`);
    return String(value);
  }
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw protocolError("json-invalid", "A string holds half of a surrogate pair.");
    return JSON.stringify(value);
  }
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => write(item, nesting + 1)).join(",")}]`;
  if (typeof value !== "object") throw protocolError("json-invalid", `A ${typeof value} has no place in JSON.`);
  const pairs = Object.entries(value as { readonly [key: string]: Json }).map(([key, item]) => {
    if (!/^[\x20-\x7e]*$/.test(key)) throw protocolError("json-invalid", `The key ${JSON.stringify(key)} is not printable ASCII.`);
    return { key, text: `${JSON.stringify(key)}:${write(item, nesting + 1)}` };
  });
  return `{${pairs.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ text }) => text).join(",")}}`;
}

/** @throws json-invalid for what has no canonical form: fractions, huge integers, other types, lone surrogates */
export function canonicalJson(value: Json): string {
  return write(value, 0);
}

/** The file of a value. @throws json-invalid */
export function encodeJson(value: Json): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value));
}

function isCanonical(value: Json, text: string): boolean {
  try {
    return canonicalJson(value) === text;
  } catch {
    return false;
  }
}

/**
 * Reads canonical JSON and nothing else: duplicate keys, white space or another order of keys are refused, because re-encoding must give the same bytes.
 * @param what Name of the file, for the message. @param maxBytes Larger input is refused unread.
 * @throws json-invalid
 */
export function decodeJson(bytes: Uint8Array, what: string, maxBytes: number): Json {
  if (bytes.length > maxBytes) throw protocolError("json-invalid", `${what} has ${bytes.length} bytes, more than ${maxBytes}.`);
  let text: string;
  let value: Json;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw protocolError("json-invalid", `${what} is not JSON in UTF-8.`, cause);
  }
  if (!isCanonical(value, text)) throw protocolError("json-invalid", `${what} is JSON, but not in canonical form.`);
  return value;
}
