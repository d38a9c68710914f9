import type { LocalAccount } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { encodeInvitation, invitationHash, invitationTypedData, ROLES, rpIdHash, type Invitation, type Role } from "../../protocol/accounts/index.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { createDomain } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";

export interface InviteParameters {
  readonly organisation: number;
  readonly role: Role;
  /** Where the dapp is served. Its host name is what passkeys are made for. */
  readonly page: string;
  /** For how long it can be used. */
  readonly days: number;
}

export interface Invited {
  readonly link: string;
  readonly invitation: Invitation;
  /** Its struct hash: what the chain knows it by. */
  readonly hash: `0x${string}`;
}

/** Makes and signs an invitation. Nothing is sent: whoever is given the link uses it. @throws invitation-refused */
export async function invite({ client, deployment, contributors }: Kernel, officer: LocalAccount, { organisation, role, page, days }: InviteParameters): Promise<Invited> {
  const { hostname, protocol } = new URL(page);
  // Browsers make passkeys for names, not for numbers, and in secure contexts only.
  if (/^[\d.]+$|^\[/.test(hostname) || (protocol !== "https:" && hostname !== "localhost")) {
    throw refused(`A browser makes no passkey for ${page}.`, "Serve the page over https under a name, or on this machine as http://localhost:PORT, and give that as --page.");
  }
  if (!(await contributors.read.isOfficer([organisation, officer.address]))) {
    throw refused(`${officer.address} is no officer of organisation ${organisation}.`, "Sign as one of its two present officers.");
  }
  const linkKey = generatePrivateKey();
  const { timestamp } = await client.getBlock();
  const invitation: Invitation = {
    organisation,
    role: ROLES.indexOf(role),
    link: privateKeyToAccount(linkKey).address,
    rpIdHash: rpIdHash(hostname),
    expiry: timestamp + BigInt(days) * 86_400n,
  };
  const domain = createDomain(deployment.chainId, deployment.contracts.passkeyAccounts);
  const officerSignature = await officer.signTypedData(invitationTypedData(domain, invitation));
  const text = encodeInvitation({ invitation, officer: officer.address, officerSignature, linkKey });
  return { link: `${page.replace(/[#?].*$/, "").replace(/\/?$/, "/")}#/join/${text}`, invitation, hash: invitationHash(invitation) };
}

function refused(message: string, fix: string): ChongwenError {
  return new ChongwenError({ code: "invitation-refused", message, fix });
}
