/** Statements for applications, signed by an account: nested so that they count for one account on one chain. Source: ERC-7739, https://eips.ethereum.org/EIPS/eip-7739. */
import { zeroHash, type Hex, type TypedDataDefinition } from "viem";
import { hashTypedData, wrapTypedDataSignature } from "viem/experimental/erc7739";
import { concatHex, hashTypedData as hashPlainTypedData, size, stringToHex } from "viem/utils";
import type { Domain } from "../eip712/hash.ts";

/** What the passkey signs when an application asks the account for `typed`. @param account Domain of the account */
export function nestedDigest(account: Domain, typed: TypedDataDefinition): Hex {
  return hashTypedData({ ...typed, verifierDomain: { ...account, salt: zeroHash } });
}

/** The same for a plain message (EIP-191), such as a login: `PersonalSign` of ERC-7739, in the account's own domain. */
export function nestedMessageDigest(account: Domain, message: string): Hex {
  const text = stringToHex(message);
  const prefixed = concatHex([stringToHex(`\x19Ethereum Signed Message:\n${size(text)}`), text]);
  return hashPlainTypedData({ domain: account, types: { PersonalSign: [{ name: "prefixed", type: "bytes" }] }, primaryType: "PersonalSign", message: { prefixed } });
}

/** What the application is given: the passkey's signature, and what the account needs to rebuild the digest. */
export function wrapNested(typed: TypedDataDefinition, signature: Hex): Hex {
  return wrapTypedDataSignature({ ...typed, signature });
}
