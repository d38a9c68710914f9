/** Statements for applications, signed by an account: nested so that they count for one account on one chain. Source: ERC-7739, https://eips.ethereum.org/EIPS/eip-7739. */
import { zeroHash, type Hex, type TypedDataDefinition } from "viem";
import { hashTypedData, wrapTypedDataSignature } from "viem/experimental/erc7739";
import type { Domain } from "../eip712/hash.ts";

/** What the passkey signs when an application asks the account for `typed`. @param account Domain of the account */
export function nestedDigest(account: Domain, typed: TypedDataDefinition): Hex {
  return hashTypedData({ ...typed, verifierDomain: { ...account, salt: zeroHash } });
}

/** What the application is given: the passkey's signature, and what the account needs to rebuild the digest. */
export function wrapNested(typed: TypedDataDefinition, signature: Hex): Hex {
  return wrapTypedDataSignature({ ...typed, signature });
}
