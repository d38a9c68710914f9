import { readFileSync } from "node:fs";

import { expect } from "chai";
import type { Hex, TypedDataDefinition } from "viem";
import { hashMessage, hashTypedData } from "viem/utils";

import { invitationHash, invitationTypedData, nestedDigest, nestedMessageDigest, wrapNested } from "../../../protocol/accounts/index.ts";
import { createDomain } from "../../../protocol/eip712/hash.ts";
import { createAuthenticator, randomHash } from "../../support/authenticator.ts";
import { refused } from "../rounds/refused.ts";
import { loadAccounts, ZERO, type Accounts } from "./world.ts";

const vectors: unknown = JSON.parse(readFileSync(new URL("../../../protocol/vectors/accounts.json", import.meta.url), "utf8"));
const MAGIC = "0x1626ba7e";

describe("PasskeyAccounts", () => {
  let w: Accounts;

  beforeEach(async () => {
    w = await loadAccounts();
  });

  describe("joining", () => {
    it("test_create_byAnyone_succeeds", async () => {
      const invited = await w.invite();
      const hash = invitationHash(invited.invitation);
      const { qx, qy } = invited.passkey.point;
      const foretold = await w.accounts.addressOf(invited.invitation, qx, qy);
      await expect(w.create(invited)).to.emit(w.accounts, "AccountCreated").withArgs(foretold, 1, hash, 2, w.officers.a.address);
      expect(await w.accounts.accountOf(hash)).to.equal(foretold);
      expect([...(await w.accounts.membershipOf(foretold))]).to.deep.equal([1n, 2n, hash]);
      const account = await w.ethers.getContractAt("PasskeyAccount", foretold);
      expect([...(await account.key())]).to.deep.equal([qx, qy, invited.passkey.rpIdHash]);
      expect(await account.nonce()).to.equal(0n);
      expect(await w.accounts.contributors()).to.equal(await w.contributors.getAddress());
    });

    it("test_hashOf_asTheLibraryComputesIt_succeeds", async () => {
      const { invitation } = await w.invite();
      expect(await w.accounts.hashOf(invitation)).to.equal(invitationHash(invitation));
      const { invitation: vector } = vectors as { invitation: { value: typeof invitation; hash: Hex } };
      expect(await w.accounts.hashOf(vector.value)).to.equal(vector.hash);
    });

    it("test_create_frontRunWithAnotherKey_reverts", async () => {
      // Whoever sees the transaction has the invitation and the officer's signature, and not the key of the link.
      const invited = await w.invite();
      const thief = createAuthenticator();
      const seen = await w.accept(invited, invited.passkey);
      await refused(w.create(invited, thief, { acceptance: seen }), w.accounts, "AccountsNotAccepted", invited.invitation.link);
      await refused(w.create({ ...invited, linkKey: (await w.invite()).linkKey }, thief), w.accounts, "AccountsNotAccepted", invited.invitation.link);
      for (const acceptance of ["0x", `0x${"00".repeat(65)}`] as const) {
        await refused(w.create(invited, thief, { acceptance }), w.accounts, "AccountsNotAccepted", invited.invitation.link);
      }
      await w.create(invited);
    });

    it("test_create_zeroLink_reverts", async () => {
      // A signature from which nobody is recovered must not pass for the zero address.
      const invited = await w.invite({ link: ZERO });
      await refused(w.create(invited, invited.passkey, { acceptance: `0x${"00".repeat(65)}` }), w.accounts, "AccountsNotAccepted", ZERO);
    });

    it("test_create_frontRunWithTheSameKey_givesTheSameAccount_reverts", async () => {
      const invited = await w.invite();
      await w.create(invited);
      const hash = invitationHash(invited.invitation);
      await refused(w.create(invited), w.accounts, "AccountsInvitationSpent", hash, await w.accounts.accountOf(hash));
    });

    it("test_create_invitationUsedAgainWithAnotherKey_reverts", async () => {
      const invited = await w.invite();
      await w.create(invited);
      const hash = invitationHash(invited.invitation);
      await refused(w.create(invited, createAuthenticator()), w.accounts, "AccountsInvitationSpent", hash, await w.accounts.accountOf(hash));
    });

    it("test_create_expired_reverts", async () => {
      const invited = await w.invite({ expiry: (await w.now()) + 100n });
      await w.time.increase(101n);
      await refused(w.create(invited), w.accounts, "AccountsInvitationExpired", invited.invitation.expiry);
    });

    it("test_create_inTheLastSecond_succeeds", async () => {
      const invited = await w.invite({ expiry: (await w.now()) + 100n });
      const acceptance = await w.accept(invited, invited.passkey);
      await w.time.setNextBlockTimestamp(invited.invitation.expiry);
      await w.create(invited, invited.passkey, { acceptance });
    });

    it("test_create_invitedByNoOfficer_reverts", async () => {
      for (const stranger of [w.outsider, w.owner, w.officers.otherA]) {
        await refused(w.create(await w.invite({}, stranger)), w.accounts, "AccountsNotOfficer", 1, stranger.address);
      }
      await refused(w.create(await w.invite({ organisation: 0 })), w.accounts, "AccountsNotOfficer", 0, w.officers.a.address);
      await refused(w.create(await w.invite(), undefined, { officer: ZERO }), w.accounts, "AccountsNotOfficer", 1, ZERO);
    });

    it("test_create_officerWasReplaced_reverts", async () => {
      const invited = await w.invite();
      await w.contributors.replaceOfficers(1, w.officers.newA.address, w.officers.b.address);
      await refused(w.create(invited), w.accounts, "AccountsNotOfficer", 1, w.officers.a.address);
    });

    it("test_create_oneFieldNotAsSigned_reverts", async () => {
      const invited = await w.invite();
      const { invitation } = invited;
      const others = [
        { ...invitation, role: 3 },
        { ...invitation, link: (await w.invite()).invitation.link },
        { ...invitation, rpIdHash: createAuthenticator("copy.example").rpIdHash },
        { ...invitation, expiry: invitation.expiry + 1n },
      ];
      for (const changed of others) {
        await refused(w.create({ ...invited, invitation: changed }), w.accounts, "AccountsInvitationNotSigned", w.officers.a.address);
      }
      await refused(w.create(invited, undefined, { officer: w.officers.b.address }), w.accounts, "AccountsInvitationNotSigned", w.officers.b.address);
    });

    it("test_create_invitationForAnotherChainOrLedger_reverts", async () => {
      for (const domain of [{ ...w.factory, chainId: w.chainId + 1 }, createDomain(w.chainId, w.relay.address as Hex)]) {
        await refused(w.create(await w.invite({}, w.officers.a, domain)), w.accounts, "AccountsInvitationNotSigned", w.officers.a.address);
        const invited = await w.invite();
        const acceptance = await w.accept(invited, invited.passkey, domain);
        await refused(w.create(invited, invited.passkey, { acceptance }), w.accounts, "AccountsNotAccepted", invited.invitation.link);
      }
    });

    it("test_create_noPointOfTheCurve_reverts", async () => {
      const invited = await w.invite();
      const off = { ...invited.passkey, point: { ...invited.passkey.point, qy: randomHash() } };
      await refused(w.create(invited, off), w.accounts, "AccountsBadKey", off.point.qx, off.point.qy, invited.invitation.rpIdHash);
      const nowhere = await w.invite({ rpIdHash: `0x${"00".repeat(32)}` });
      await refused(w.create(nowhere), w.accounts, "AccountsBadKey");
    });

    it("test_create_officerIsAnAccountItself_succeeds", async () => {
      const head = await w.join();
      await w.contributors.replaceOfficers(1, head.address, w.officers.b.address);
      const invited = await w.invite();
      const typed = invitationTypedData(w.factory, invited.invitation) as unknown as TypedDataDefinition;
      const signature = wrapNested(typed, head.passkey.sign(nestedDigest(head.domain, typed)));
      await w.create(invited, invited.passkey, { officer: head.address, signature });
      expect(await w.accounts.accountOf(invitationHash(invited.invitation))).to.not.equal(ZERO);
    });
  });

  describe("revoking", () => {
    it("test_revokeInvitation_byEitherOfficer_succeeds", async () => {
      for (const officer of [w.officers.a, w.officers.b]) {
        const invited = await w.invite();
        const hash = invitationHash(invited.invitation);
        await expect(w.accounts.connect(officer).revokeInvitation(invited.invitation)).to.emit(w.accounts, "InvitationRevoked").withArgs(hash, 1, officer.address);
        expect(await w.accounts.isRevoked(hash)).to.equal(true);
        await refused(w.create(invited), w.accounts, "AccountsInvitationSpent", hash, ZERO);
        await refused(w.accounts.connect(officer).revokeInvitation(invited.invitation), w.accounts, "AccountsInvitationSpent", hash, ZERO);
      }
    });

    it("test_revokeInvitation_byAnotherOrganisation_reverts", async () => {
      const { invitation } = await w.invite();
      for (const caller of [w.officers.otherA, w.outsider, w.owner]) {
        await refused(w.accounts.connect(caller).revokeInvitation(invitation), w.accounts, "AccountsNotOfficer", 1, caller.address);
      }
    });

    it("test_revokeInvitation_used_reverts", async () => {
      const member = await w.join();
      await refused(w.accounts.connect(w.officers.a).revokeInvitation(member.invitation), w.accounts, "AccountsInvitationSpent", invitationHash(member.invitation), member.address);
    });
  });

  describe("signing for applications", () => {
    const claim = (verifyingContract: Hex): TypedDataDefinition => ({
      domain: createDomain(w.chainId, verifyingContract),
      types: { Claim: [{ name: "federation", type: "uint32" }, { name: "recipient", type: "address" }] },
      primaryType: "Claim",
      message: { federation: 1, recipient: verifyingContract },
    });

    it("test_isValidSignature_nestedTypedData_succeeds", async () => {
      const member = await w.join();
      const typed = claim(w.relay.address as Hex);
      const signature = wrapNested(typed, member.passkey.sign(nestedDigest(member.domain, typed)));
      expect(await member.account.isValidSignature(hashTypedData(typed), signature)).to.equal(MAGIC);
      expect(await member.account.isValidSignature(randomHash(), signature)).to.equal("0xffffffff");
      expect(await member.account.isValidSignature(hashTypedData(claim(w.outsider.address as Hex)), signature)).to.equal("0xffffffff");
    });

    it("test_isValidSignature_message_succeeds", async () => {
      const member = await w.join();
      const signature = member.passkey.sign(nestedMessageDigest(member.domain, "log me in"));
      expect(await member.account.isValidSignature(hashMessage("log me in"), signature)).to.equal(MAGIC);
      expect(await member.account.isValidSignature(hashMessage("log me out"), signature)).to.equal("0xffffffff");
    });

    it("test_isValidSignature_ofAnotherAccountOrChain_refused_succeeds", async () => {
      const member = await w.join();
      const invited = await w.invite();
      await w.create(invited, member.passkey); // a second account of the same passkey
      const second = await w.ethers.getContractAt("PasskeyAccount", await w.accounts.accountOf(invitationHash(invited.invitation)));
      const typed = claim(w.relay.address as Hex);
      const signature = wrapNested(typed, member.passkey.sign(nestedDigest(member.domain, typed)));
      expect(await second.isValidSignature(hashTypedData(typed), signature)).to.equal("0xffffffff");
      const elsewhere = wrapNested(typed, member.passkey.sign(nestedDigest({ ...member.domain, chainId: w.chainId + 1 }, typed)));
      expect(await member.account.isValidSignature(hashTypedData(typed), elsewhere)).to.equal("0xffffffff");
    });
  });
});
