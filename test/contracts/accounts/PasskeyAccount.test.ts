import { expect } from "chai";
import type { Hex } from "viem";

import { batchDigest } from "../../../protocol/accounts/index.ts";
import { createAuthenticator, randomHash } from "../../support/authenticator.ts";
import { refused } from "../rounds/refused.ts";
import { loadAccounts, type Accounts } from "./world.ts";

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const MAGIC = "0x1626ba7e";

describe("PasskeyAccount", () => {
  let w: Accounts;
  let member: Awaited<ReturnType<Accounts["join"]>>;
  let add: (amount: bigint) => ReturnType<Accounts["callTo"]>;

  beforeEach(async () => {
    w = await loadAccounts();
    member = await w.join();
    add = (amount) => w.callTo(w.target, w.target.interface.encodeFunctionData("add", [amount]));
  });

  describe("execute", () => {
    it("test_execute_byAnyoneWithTheSignature_succeeds", async () => {
      const signed = await w.batch(member, [add(1n), add(2n)]);
      await expect(w.submit(member, signed, member.passkey.sign(signed.digest))).to.emit(member.account, "Executed").withArgs(0, 2);
      expect([await w.target.total(), await w.target.last(), await member.account.nonce()]).to.deep.equal([3n, member.address, 1n]);
    });

    it("test_execute_sameBatchAgain_reverts", async () => {
      const signed = await w.batch(member, [add(1n)]);
      const signature = member.passkey.sign(signed.digest);
      await w.submit(member, signed, signature);
      await refused(w.submit(member, signed, signature), member.account, "AccountWrongNonce", 1, 0);
      await refused(w.submit(member, { ...signed, nonce: 1n }, signature), member.account, "AccountBadSignature");
    });

    it("test_execute_outOfTurn_reverts", async () => {
      const signed = await w.batch(member, [add(1n)], { nonce: 1n });
      await refused(w.submit(member, signed, member.passkey.sign(signed.digest)), member.account, "AccountWrongNonce", 0, 1);
    });

    it("test_execute_afterTheDeadline_reverts", async () => {
      const signed = await w.batch(member, [add(1n)], { deadline: (await w.now()) + 10n });
      const signature = member.passkey.sign(signed.digest);
      await w.time.increase(11n);
      await refused(w.submit(member, signed, signature), member.account, "AccountExpired", signed.deadline);
    });

    it("test_execute_atTheDeadline_succeeds", async () => {
      const signed = await w.batch(member, [add(1n)], { deadline: (await w.now()) + 10n });
      await w.time.setNextBlockTimestamp(signed.deadline);
      await w.submit(member, signed, member.passkey.sign(signed.digest));
    });

    it("test_execute_anotherBatchThanSigned_reverts", async () => {
      const signed = await w.batch(member, [add(1n), add(2n)]);
      const signature = member.passkey.sign(signed.digest);
      const [first, second] = signed.calls;
      if (first === undefined || second === undefined) throw new Error("two calls");
      const others = [
        [second, first],
        [first],
        [first, second, second],
        [first, { ...second, value: 1n }],
        [first, { ...second, to: member.address }],
        [first, { ...second, data: `${second.data}00` as Hex }],
      ];
      for (const calls of others) await refused(w.submit(member, { ...signed, calls }, signature), member.account, "AccountBadSignature");
      await refused(w.submit(member, { ...signed, deadline: signed.deadline + 1n }, signature), member.account, "AccountBadSignature");
    });

    it("test_execute_signedForAnotherAccountOfTheSamePasskey_reverts", async () => {
      const invited = await w.invite();
      await w.create(invited, member.passkey);
      const second = await w.ethers.getContractAt("PasskeyAccount", await w.accounts.accountOf(await w.accounts.hashOf(invited.invitation)));
      expect((await second.key()).qx).to.equal(member.passkey.point.qx);
      const signed = await w.batch(member, [add(1n)]);
      await refused(w.submit({ account: second }, signed, member.passkey.sign(signed.digest)), second, "AccountBadSignature");
    });

    it("test_execute_signedForAnotherChain_reverts", async () => {
      const signed = await w.batch(member, [add(1n)]);
      const digest = batchDigest({ ...member.domain, chainId: w.chainId + 1 }, signed);
      await refused(w.submit(member, signed, member.passkey.sign(digest)), member.account, "AccountBadSignature");
    });

    it("test_execute_anotherPasskey_reverts", async () => {
      const signed = await w.batch(member, [add(1n)]);
      await refused(w.submit(member, signed, createAuthenticator().sign(signed.digest)), member.account, "AccountBadSignature");
    });

    it("test_execute_noCalls_reverts", async () => {
      const signed = await w.batch(member, []);
      await refused(w.submit(member, signed, member.passkey.sign(signed.digest)), member.account, "AccountNoCalls");
    });

    it("test_execute_oneCallFails_allIsTakenBack_reverts", async () => {
      const refuse = w.callTo(w.target, w.target.interface.encodeFunctionData("refuse", [7]));
      await refused(w.execute(member, [add(1n), refuse]), w.target, "TargetRefused", 7);
      expect([await w.target.total(), await member.account.nonce()]).to.deep.equal([0n, 0n]);
    });

    it("test_execute_calledAccountHasNoCode_reverts", async () => {
      const call = { ...add(1n), to: w.outsider.address as Hex };
      await refused(w.execute(member, [call]), member.account, "AddressEmptyCode", w.outsider.address);
    });

    it("test_execute_sendsCoins_succeeds", async () => {
      await w.relay.sendTransaction({ to: member.address, value: 10n });
      const before = await w.ethers.provider.getBalance(w.outsider.address);
      await w.execute(member, [{ to: w.outsider.address as Hex, value: 4n, data: "0x" }, { ...add(1n), value: 6n }]);
      expect(await w.ethers.provider.getBalance(w.outsider.address)).to.equal(before + 4n);
      expect(await w.ethers.provider.getBalance(await w.target.getAddress())).to.equal(6n);
    });

    it("test_execute_tooLittleGas_nothingIsUsed_reverts", async () => {
      const signed = await w.batch(member, [w.callTo(w.target, w.target.interface.encodeFunctionData("burn"))]);
      const signature = member.passkey.sign(signed.digest);
      await expect(member.account.connect(w.relay).execute([...signed.calls], 0, signed.deadline, signature, { gasLimit: 200_000 })).to.be.revert(w.ethers);
      expect(await member.account.nonce()).to.equal(0n);
    });

    it("test_execute_reenteredWithTheSameBatch_succeeds", async () => {
      // The nonce is used before the first call: the inner attempt finds it spent, whatever it replays.
      const inner = await w.batch(member, [add(1n)]);
      const replay = member.account.interface.encodeFunctionData("execute", [[...inner.calls], inner.nonce, inner.deadline, member.passkey.sign(inner.digest)]);
      await w.execute(member, [w.callTo(w.target, w.target.interface.encodeFunctionData("callBack", [member.address, replay])), add(5n)]);
      expect([await w.target.reentered(), await w.target.total(), await member.account.nonce()]).to.deep.equal([false, 5n, 1n]);
    });
  });

  describe("the passkey's signature", () => {
    it("test_execute_testDeviceToldTheTruth_succeeds", async () => {
      // So that what is refused below is refused for the lie.
      const signed = await w.batch(member, [add(1n)]);
      await w.submit(member, signed, member.passkey.lie(signed.digest, {}));
    });

    const attempt = async (change: (digest: Hex) => string) => {
      const signed = await w.batch(member, [add(1n)]);
      await refused(w.submit(member, signed, change(signed.digest)), member.account, "AccountBadSignature");
      expect(await member.account.isValidSignature(signed.digest, change(signed.digest))).to.equal("0xffffffff");
    };

    it("test_execute_otherRelyingParty_reverts", async () => {
      await attempt((digest) => member.passkey.lie(digest, { rpId: "phishing.example" }));
    });

    it("test_execute_personNotVerifiedOrNotPresent_reverts", async () => {
      for (const flags of [0x01, 0x04, 0x00]) await attempt((digest) => member.passkey.lie(digest, { flags }));
    });

    it("test_execute_backedUpButNotEligible_reverts", async () => {
      await attempt((digest) => member.passkey.lie(digest, { flags: 0x15 }));
    });

    it("test_execute_madeAtRegistration_reverts", async () => {
      await attempt((digest) => member.passkey.lie(digest, { type: "webauthn.create" }));
    });

    it("test_execute_otherChallenge_reverts", async () => {
      await attempt((digest) => member.passkey.lie(digest, { challenge: randomHash() }));
    });

    it("test_execute_highS_reverts", async () => {
      await attempt((digest) => {
        const low = member.passkey.sign(digest);
        const s = BigInt(`0x${low.slice(66, 130)}`);
        expect(s <= N / 2n).to.equal(true);
        return `${low.slice(0, 66)}${(N - s).toString(16).padStart(64, "0")}${low.slice(130)}`;
      });
    });

    it("test_execute_malformed_reverts", async () => {
      const { passkey } = member;
      await attempt(() => "0x");
      await attempt(() => `0x${"00".repeat(65)}`);
      await attempt(() => `0x${"ff".repeat(400)}`);
      await attempt((digest) => passkey.sign(digest).slice(0, -128));
      // Offsets that lead nowhere.
      await attempt((digest) => `${passkey.sign(digest).slice(0, 2 + 4 * 64)}${"ff".repeat(32)}${passkey.sign(digest).slice(2 + 5 * 64)}`);
    });

    it("test_isValidSignature_typeFarAway_takesNotAllGas_succeeds", async () => {
      const digest = randomHash();
      const signature = member.passkey.sign(digest);
      const far = `${signature.slice(0, 2 + 3 * 64)}${"00".repeat(27)}${"ff".repeat(5)}${signature.slice(2 + 4 * 64)}`;
      expect(await member.account.isValidSignature(digest, far, { gasLimit: 300_000 })).to.equal("0xffffffff");
    });

    it("test_isValidSignature_plainOverTheDigest_refused_succeeds", async () => {
      // Not nested: it would count for every account of the passkey.
      const digest = randomHash();
      expect(await member.account.isValidSignature(digest, member.passkey.sign(digest))).to.not.equal(MAGIC);
    });
  });

  describe("keys", () => {
    it("test_setKey_notTheFactory_reverts", async () => {
      const { qx, qy } = createAuthenticator().point;
      for (const caller of [w.owner, w.officers.a, w.outsider]) {
        await refused(member.account.connect(caller).setKey(qx, qy, member.passkey.rpIdHash), member.account, "AccountNotFactory", caller.address);
      }
      const self = w.callTo(member.account, member.account.interface.encodeFunctionData("setKey", [qx, qy, member.passkey.rpIdHash]));
      await refused(w.execute(member, [self]), member.account, "AccountNotFactory", member.address);
    });

    it("test_logic_obeysNobody_reverts", async () => {
      const logic = await w.ethers.getContractAt("PasskeyAccount", await w.accounts.logic());
      const signed = await w.batch(member, [add(1n)]);
      const digest = batchDigest(w.domainAt(await logic.getAddress()), signed);
      await refused(w.submit({ account: logic }, signed, member.passkey.sign(digest)), logic, "AccountBadSignature");
      await refused(logic.setKey(member.passkey.point.qx, member.passkey.point.qy, member.passkey.rpIdHash), logic, "AccountNotFactory", w.owner.address);
      expect(await member.account.accounts()).to.equal(await w.accounts.getAddress());
    });
  });
});
