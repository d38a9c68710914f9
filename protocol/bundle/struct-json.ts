/** The kernel's structures in a manifest: the same field names; integers above 48 bits as decimal strings, hex in lower case. */
import { z } from "zod";
import type { StructName, Structs } from "../eip712/structs.ts";
import { TYPES } from "../eip712/types.ts";
import { address, bigUint, bytes32, uint } from "../schema.ts";
import type { Json } from "./canonical-json.ts";

function fieldSchema(type: string): z.ZodType {
  if (type === "bool") return z.boolean();
  if (type === "bytes32") return bytes32;
  if (type === "address") return address;
  const bits = Number(type.slice("uint".length));
  return bits <= 48 ? uint(bits) : bigUint(bits);
}

/** Schema of an object with these Solidity fields and no others. */
export function fieldsSchema<Value>(fields: readonly { readonly type: string; readonly name: string }[]): z.ZodType<Value> {
  return z.strictObject(Object.fromEntries(fields.map(({ name, type }) => [name, fieldSchema(type)]))) as unknown as z.ZodType<Value>;
}

/** Schema of a structure, made from its EIP-712 type so that the two cannot drift apart. @param without A field that the file cannot know. */
export function structSchema<Name extends StructName, Without extends keyof Structs[Name] = never>(
  name: Name,
  without?: Without,
): z.ZodType<Omit<Structs[Name], Without>> {
  return fieldsSchema(TYPES[name].filter((field) => field.name !== without));
}

function jsonOf(value: unknown): Json {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return /^0x[0-9a-fA-F]*$/.test(value) ? value.toLowerCase() : value;
  if (Array.isArray(value)) return value.map(jsonOf);
  return typeof value === "object" && value !== null ? toJson(value) : (value as Json);
}

/** JSON of an object of numbers, bigints, hex, booleans, arrays and objects. Free text does not belong here: what looks like hex is lowered. */
export function toJson(value: object): { readonly [key: string]: Json } {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item)]));
}
