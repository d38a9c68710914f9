/** What is signed around passkey accounts. EIP-712, https://eips.ethereum.org/EIPS/eip-712; contracts/interfaces/IPasskeyAccount{,s}.sol say what each means. */
import type { Address, Hex } from "viem";
import { hashStruct, hashTypedData } from "viem/utils";
import type { Domain } from "../eip712/hash.ts";

export type Invitation = {
  readonly organisation: number;
  readonly role: number;
  /** Address of the key that travels in the link. */
  readonly link: Address;
  /** SHA-256 of the site's name. */
  readonly rpIdHash: Hex;
  /** Unix seconds. */
  readonly expiry: bigint;
};

export type Acceptance = { readonly invitation: Hex; readonly qx: Hex; readonly qy: Hex };

export type Call = { readonly to: Address; readonly value: bigint; readonly data: Hex };

export type Batch = { readonly calls: readonly Call[]; readonly nonce: bigint; readonly deadline: bigint };

/** What people are invited as; the index is the number in the invitation. No contract gives it a meaning. */
export const ROLES = ["none", "contributor", "annotator", "verifier", "officer", "member"] as const;
export type Role = (typeof ROLES)[number];

const INVITATION_TYPES = {
  Invitation: [
    { name: "organisation", type: "uint32" },
    { name: "role", type: "uint8" },
    { name: "link", type: "address" },
    { name: "rpIdHash", type: "bytes32" },
    { name: "expiry", type: "uint256" },
  ],
} as const;

const ACCEPTANCE_TYPES = {
  Acceptance: [
    { name: "invitation", type: "bytes32" },
    { name: "qx", type: "bytes32" },
    { name: "qy", type: "bytes32" },
  ],
} as const;

const EXECUTE_TYPES = {
  Execute: [
    { name: "calls", type: "Call[]" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
  Call: [
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "data", type: "bytes" },
  ],
} as const;

/** @param domain Of `PasskeyAccounts`. An officer signs it. */
export function invitationTypedData(domain: Domain, invitation: Invitation) {
  return { domain, types: INVITATION_TYPES, primaryType: "Invitation", message: invitation } as const;
}

/** Names an invitation on chain, in `accountOf` and in the event `AccountCreated`. */
export function invitationHash(invitation: Invitation): Hex {
  return hashStruct({ data: invitation, types: INVITATION_TYPES, primaryType: "Invitation" });
}

/** @param domain Of `PasskeyAccounts`. The link's key signs it. */
export function acceptanceTypedData(domain: Domain, acceptance: Acceptance) {
  return { domain, types: ACCEPTANCE_TYPES, primaryType: "Acceptance", message: acceptance } as const;
}

/** @param domain Of the account. The 32 bytes are the challenge that the passkey signs. */
export function batchDigest(domain: Domain, batch: Batch): Hex {
  return hashTypedData({ domain, types: EXECUTE_TYPES, primaryType: "Execute", message: batch });
}
