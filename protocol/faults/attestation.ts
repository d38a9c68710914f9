/**
 * What an attester signs: that everything a report was computed from could be fetched. Verified by `contracts/disputes/Attestations.sol`, whose address
 * is the domain's. Its proof is `encodeReportProof`.
 */
import type { Hex } from "viem";
import { concatHex, hashStruct, keccak256 } from "viem/utils";
import { domainSeparator, type Domain } from "../eip712/hash.ts";
import { protocolError } from "../errors.ts";

/** @param reportHash What the round holds while it is reported. */
export type Attestation = {
  readonly federation: number;
  readonly round: number;
  readonly attempt: number;
  readonly reportHash: Hex;
};

/** EIP-712 fields, in order. */
export const ATTESTATION_TYPES = {
  Attestation: [
    { name: "federation", type: "uint32" },
    { name: "round", type: "uint32" },
    { name: "attempt", type: "uint8" },
    { name: "reportHash", type: "bytes32" },
  ],
} as const;

/** EIP-712 `hashStruct`. @throws out-of-range when a value does not fit its Solidity type. */
export function attestationHash(attestation: Attestation): Hex {
  try {
    return hashStruct({ data: attestation, primaryType: "Attestation", types: ATTESTATION_TYPES });
  } catch (cause) {
    throw protocolError("out-of-range", "A field of Attestation does not fit its type.", cause);
  }
}

/** Hash that is signed. @throws out-of-range */
export function attestationDigest(domain: Domain, attestation: Attestation): Hex {
  return keccak256(concatHex(["0x1901", domainSeparator(domain), attestationHash(attestation)]));
}

/** What `eth_signTypedData_v4` and viem's `signTypedData` take. */
export function attestationTypedData(domain: Domain, attestation: Attestation) {
  return { domain, types: ATTESTATION_TYPES, primaryType: "Attestation", message: attestation } as const;
}
