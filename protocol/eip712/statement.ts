/** EIP-712 structures that no contract reads: statements between people and services. Source: EIP-712, https://eips.ethereum.org/EIPS/eip-712. */
import type { Hex, TypedDataDefinition } from "viem";
import { concatHex, hashStruct, keccak256 } from "viem/utils";
import { protocolError } from "../errors.ts";
import { domainSeparator, type Domain } from "./hash.ts";

/** One kind of statement: its hash, what is signed, and what a wallet is asked to sign. */
export interface Statement<Value> {
  readonly name: string;
  /** `keccak256(0x1901 ‖ domainSeparator ‖ hashStruct)`: names the statement on this chain and ledger. @throws statement-invalid */
  digest(domain: Domain, value: Value): Hex;
  typedData(domain: Domain, value: Value): TypedDataDefinition;
}

/** @param fields Solidity type and name, in order: "uint32 task". Every field of `Value` exactly once; order and types are part of the format. */
export function defineStatement<Value extends object>(name: string, fields: readonly `${string} ${keyof Value & string}`[]): Statement<Value> {
  const types = {
    [name]: fields.map((text) => {
      const at = text.indexOf(" ");
      return { type: text.slice(0, at), name: text.slice(at + 1) };
    }),
  };
  return {
    name,
    digest(domain, value) {
      try {
        const struct = hashStruct<Record<string, unknown>, string>({ data: value as Record<string, unknown>, primaryType: name, types });
        return keccak256(concatHex(["0x1901", domainSeparator(domain), struct]));
      } catch (cause) {
        throw protocolError("statement-invalid", `A field of ${name} does not fit its type: ${cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : ""}`, cause);
      }
    },
    typedData: (domain, value) => ({ domain, types, primaryType: name, message: value as Record<string, unknown> }) as unknown as TypedDataDefinition,
  };
}
