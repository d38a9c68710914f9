import { isAddressEqual, zeroAddress } from "viem";
import type { Address, Hex } from "viem";
import { getBlock, readContract, verifyTypedData } from "viem/actions";
import { contributorsAbi } from "../../../../protocol/abi/contributors.ts";
import { passkeyAccountAbi } from "../../../../protocol/abi/passkey-account.ts";
import { passkeyAccountsAbi } from "../../../../protocol/abi/passkey-accounts.ts";
import { rpIdHash } from "../../../../protocol/accounts/assertion.ts";
import type { InvitationLink } from "../../../../protocol/accounts/link.ts";
import { invitationHash, invitationTypedData } from "../../../../protocol/accounts/statements.ts";
import { createDomain } from "../../../../protocol/eip712/hash.ts";
import type { Ledger } from "../../chain/ledger.ts";


const factoryOf = ({ deployment }: Ledger) => ({ address: deployment.contracts.passkeyAccounts, abi: passkeyAccountsAbi }) as const;

export interface AccountState {
  readonly organisation: number;
  readonly role: number;
  readonly qx: Hex;
  readonly qy: Hex;
  readonly rpIdHash: Hex;
  readonly recovery: RecoveryState | undefined;
}

export interface RecoveryState {
  readonly proposedBy: Address;
  readonly confirmedBy: Address | undefined;
  readonly effectiveAt: number;
  readonly qx: Hex;
  readonly qy: Hex;
  readonly rpIdHash: Hex;
}

/** @returns Undefined for an address that is no account of this ledger */
export async function readAccount(ledger: Ledger, account: Address, blockNumber?: bigint): Promise<AccountState | undefined> {
  const { client } = ledger;
  const at = blockNumber === undefined ? {} : { blockNumber };
  const factory = factoryOf(ledger);
  const { organisation, role } = await readContract(client, { ...factory, ...at, functionName: "membershipOf", args: [account] });
  if (organisation === 0) return undefined;
  const [[qx, qy, site], recovery] = await Promise.all([
    readContract(client, { address: account, abi: passkeyAccountAbi, ...at, functionName: "key" }),
    readContract(client, { ...factory, ...at, functionName: "recoveryOf", args: [account] }),
  ]);
  const { proposedBy, confirmedBy, effectiveAt } = recovery;
  const pending = isAddressEqual(proposedBy, zeroAddress)
    ? undefined
    : { proposedBy, confirmedBy: isAddressEqual(confirmedBy, zeroAddress) ? undefined : confirmedBy, effectiveAt, qx: recovery.qx, qy: recovery.qy, rpIdHash: recovery.rpIdHash };
  return { organisation, role, qx, qy, rpIdHash: site, recovery: pending };
}

/** @returns The account that came of an invitation, if any */
export async function accountOfInvitation(ledger: Ledger, hash: Hex): Promise<Address | undefined> {
  const account = await readContract(ledger.client, { ...factoryOf(ledger), functionName: "accountOf", args: [hash] });
  return isAddressEqual(account, zeroAddress) ? undefined : account;
}

export type InvitationProblem = "otherSite" | "notSigned" | "expired" | "revoked" | "used";

/** Everything that the ledger would refuse an invitation for, before anybody makes a passkey for it. */
export async function problemOf(ledger: Ledger, { invitation, officer, officerSignature }: InvitationLink, site: string): Promise<InvitationProblem | undefined> {
  const { client, deployment } = ledger;
  if (invitation.rpIdHash !== rpIdHash(site)) return "otherSite";
  const hash = invitationHash(invitation);
  const domain = createDomain(deployment.chainId, deployment.contracts.passkeyAccounts);
  const [used, revoked, isOfficer, { timestamp }] = await Promise.all([
    accountOfInvitation(ledger, hash),
    readContract(client, { ...factoryOf(ledger), functionName: "isRevoked", args: [hash] }),
    readContract(client, { address: deployment.contracts.contributors, abi: contributorsAbi, functionName: "isOfficer", args: [invitation.organisation, officer] }),
    getBlock(client),
  ]);
  if (used !== undefined) return "used";
  if (revoked) return "revoked";
  if (timestamp > invitation.expiry) return "expired";
  if (!isOfficer) return "notSigned";
  const signed = await verifyTypedData(client, { ...invitationTypedData(domain, invitation), address: officer, signature: officerSignature });
  return signed ? undefined : "notSigned";
}

/** Where this passkey would join with this invitation. */
export async function foretell(ledger: Ledger, { invitation }: InvitationLink, qx: Hex, qy: Hex): Promise<Address> {
  return readContract(ledger.client, { ...factoryOf(ledger), functionName: "addressOf", args: [invitation, qx, qy] });
}
