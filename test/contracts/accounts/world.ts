import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import type { Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import { acceptanceTypedData, batchDigest, invitationHash, invitationTypedData, type Call, type Invitation } from "../../../protocol/accounts/index.ts";
import { createDomain, type Domain } from "../../../protocol/eip712/hash.ts";
import { createAuthenticator, type Authenticator } from "../../support/authenticator.ts";

export const ROTATION_DELAY = 7n * 86_400n;
export const ZERO = `0x${"00".repeat(20)}` as const;

let connection: Promise<NetworkConnection> | undefined;

/** One chain for all tests of accounts. */
export async function loadAccounts() {
  connection ??= network.create();
  const { networkHelpers } = await connection;
  return await networkHelpers.loadFixture(deployAccounts);
}

export type Accounts = Awaited<ReturnType<typeof loadAccounts>>;

/** The registry with two organisations of two officers each, and the factory. Nobody has joined. */
async function deployAccounts({ ethers, networkHelpers }: NetworkConnection) {
  const signers = await ethers.getSigners();
  const signer = (i: number) => {
    const found = signers[i];
    if (found === undefined) throw new Error(`no test account ${i}`);
    return found;
  };
  const officers = { a: signer(4), b: signer(5), otherA: signer(6), otherB: signer(7), newA: signer(8), newB: signer(9) };
  const [owner, relay, outsider] = [signer(0), signer(1), signer(2)];
  const contributors = await ethers.deployContract("Contributors", [owner.address, ROTATION_DELAY]);
  await contributors.admitOrganisation(signer(3).address, officers.a.address, officers.b.address, 0);
  await contributors.admitOrganisation(outsider.address, officers.otherA.address, officers.otherB.address, 0);
  const accounts = await ethers.deployContract("PasskeyAccounts", [contributors]);
  const target = await ethers.deployContract("MockTarget");

  const chainId = Number((await ethers.provider.getNetwork()).chainId);
  const domainAt = (address: string): Domain => createDomain(chainId, address as Hex);
  const factory = domainAt(await accounts.getAddress());
  const now = async () => BigInt(await networkHelpers.time.latest());

  const invite = async (changes: Partial<Invitation> = {}, by = officers.a, domain = factory) => {
    const linkKey = privateKeyToAccount(generatePrivateKey());
    const passkey = createAuthenticator();
    const invitation: Invitation = { organisation: 1, role: 2, link: linkKey.address, rpIdHash: passkey.rpIdHash, expiry: (await now()) + 86_400n, ...changes };
    const typed = invitationTypedData(domain, invitation);
    const signature = await by.signTypedData({ ...typed.domain }, { Invitation: [...typed.types.Invitation] }, typed.message);
    return { invitation, linkKey, officer: by, signature, passkey };
  };
  type Invited = Awaited<ReturnType<typeof invite>>;
  const accept = async ({ invitation, linkKey }: Pick<Invited, "invitation" | "linkKey">, { point }: Authenticator, domain = factory) =>
    await linkKey.signTypedData(acceptanceTypedData(domain, { invitation: invitationHash(invitation), ...point }));
  const create = async (invited: Invited, passkey = invited.passkey, changes: { acceptance?: Hex; officer?: string; signature?: string } = {}) =>
    await accounts
      .connect(relay)
      .create(
        invited.invitation,
        changes.officer ?? invited.officer.address,
        changes.signature ?? invited.signature,
        passkey.point.qx,
        passkey.point.qy,
        changes.acceptance ?? (await accept(invited, passkey)),
      );
  /** Somebody who joined: the account and its passkey. */
  const join = async (changes: Partial<Invitation> = {}, by = officers.a) => {
    const invited = await invite(changes, by);
    await create(invited);
    const address = await accounts.accountOf(invitationHash(invited.invitation));
    return { account: await ethers.getContractAt("PasskeyAccount", address), address: address as Hex, domain: domainAt(address), ...invited };
  };
  type Member = Awaited<ReturnType<typeof join>>;

  /** A batch with everything right, for tests that make one thing wrong. */
  const batch = async (member: Member, calls: readonly Call[], changes: { nonce?: bigint; deadline?: bigint } = {}) => {
    const body = { calls, nonce: changes.nonce ?? (await member.account.nonce()), deadline: changes.deadline ?? (await now()) + 600n };
    return { ...body, digest: batchDigest(member.domain, body) };
  };
  const submit = async (member: Pick<Member, "account">, { calls, nonce, deadline }: Awaited<ReturnType<typeof batch>>, signature: string) =>
    await member.account.connect(relay).execute([...calls], nonce, deadline, signature);
  const execute = async (member: Member, calls: readonly Call[], by = member.passkey) => {
    const signed = await batch(member, calls);
    return await submit(member, signed, by.sign(signed.digest));
  };
  const callTo = (contract: { target: unknown }, data: string, value = 0n): Call => ({ to: contract.target as Hex, value, data: data as Hex });

  return {
    ethers, time: networkHelpers.time, mine: networkHelpers.mine, owner, relay, outsider, officers, contributors, accounts, target, chainId, factory, domainAt, now,
    invite, accept, create, join, batch, submit, execute, callTo,
  };
}
