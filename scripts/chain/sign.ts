import type { Hex, LocalAccount, TypedDataDefinition } from "viem";
import { typedDataOf, type Domain, type StructName, type Structs } from "../../protocol/index.ts";

/** Signs one of the kernel's structures (EIP-712); 65 bytes. */
export async function signStruct<Name extends StructName>(account: LocalAccount, domain: Domain, name: Name, value: Structs[Name]): Promise<Hex> {
  // viem infers types from literals; ours come from a table, whose entries `protocol` has already checked against the structures.
  return account.signTypedData(typedDataOf(domain, name, value) as unknown as TypedDataDefinition);
}
