/** Struct hashes and digests. Source: EIP-712, https://eips.ethereum.org/EIPS/eip-712, through viem. */
import type { Address, Hex } from "viem";
import { concatHex, hashStruct, keccak256 } from "viem/utils";
import { protocolError } from "../errors.ts";
import type { Contribution, FederationConfig, Report, Seal, SettlementStatement, StructName, Structs } from "./structs.ts";
import { TYPES } from "./types.ts";

/** Which contract on which chain a signature is for. All contracts of the project use the name "Chongwen" and the version "1". */
export interface Domain {
  readonly name: "Chongwen";
  readonly version: "1";
  readonly chainId: number;
  readonly verifyingContract: Address;
}

/**
 * @param verifyingContract Rounds for Contribution, Seal and Report · Settlement for SettlementStatement · Contributors for KeyProof and KeySuccession ·
 * the federation's RewardsVault for Claim.
 */
export function createDomain(chainId: number, verifyingContract: Address): Domain {
  return { name: "Chongwen", version: "1", chainId, verifyingContract };
}

const DOMAIN_TYPES = {
  EIP712Domain: [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "chainId", type: "uint256" },
    { name: "verifyingContract", type: "address" },
  ],
} as const;

/** As OpenZeppelin's `EIP712` computes it. */
export function domainSeparator(domain: Domain): Hex {
  return hashStruct({ data: { ...domain, chainId: BigInt(domain.chainId) }, primaryType: "EIP712Domain", types: DOMAIN_TYPES });
}

/** EIP-712 `hashStruct`. @throws out-of-range when a value does not fit its Solidity type. */
export function hashOf<Name extends StructName>(name: Name, value: Structs[Name]): Hex {
  try {
    return hashStruct<Record<string, unknown>, string>({ data: value, primaryType: name, types: { [name]: TYPES[name] } });
  } catch (cause) {
    throw protocolError("out-of-range", `A field of ${name} does not fit its type: ${cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : ""}`, cause);
  }
}

/** Hash that is signed: `keccak256(0x1901 ‖ domainSeparator ‖ hashStruct)`. @throws out-of-range */
export function digestOf<Name extends StructName>(domain: Domain, name: Name, value: Structs[Name]): Hex {
  return keccak256(concatHex(["0x1901", domainSeparator(domain), hashOf(name, value)]));
}

/** What `eth_signTypedData_v4` and viem's `signTypedData` take. */
export function typedDataOf<Name extends StructName>(domain: Domain, name: Name, value: Structs[Name]) {
  return { domain, types: { [name]: TYPES[name] }, primaryType: name as string, message: value as Record<string, unknown> };
}

/** `configHash`: what every contribution and every seal commits to. */
export const configHash = (config: FederationConfig): Hex => hashOf("FederationConfig", config);

/** `reportHash`: what the next round pins. */
export const reportHash = (report: Report): Hex => hashOf("Report", report);

export const statementHash = (statement: SettlementStatement): Hex => hashOf("SettlementStatement", statement);

export const contributionHash = (contribution: Contribution): Hex => hashOf("Contribution", contribution);

/**
 * `sealHash = keccak256(abi.encode(hashStruct(Seal), weightsHash))`: the set that was signed, with the weights that the ledger gave it.
 * @param weightsHash Keccak-256 of the packed weights column.
 */
export function sealHash(seal: Seal, weightsHash: Hex): Hex {
  return keccak256(concatHex([hashOf("Seal", seal), weightsHash]));
}
