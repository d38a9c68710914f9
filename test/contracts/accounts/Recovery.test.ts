import { expect } from "chai";

import { createAuthenticator, type Authenticator } from "../../support/authenticator.ts";
import { refused } from "../rounds/refused.ts";
import { loadAccounts, ROTATION_DELAY, ZERO, type Accounts } from "./world.ts";

describe("Recovery of a passkey account", () => {
  let w: Accounts;
  let member: Awaited<ReturnType<Accounts["join"]>>;
  let next: Authenticator;

  const key = (of: Authenticator) => [of.point.qx, of.point.qy, of.rpIdHash] as const;
  const propose = async (by = w.officers.a, of = next) => await w.accounts.connect(by).proposeRecovery(member.address, ...key(of));
  const confirm = async (by = w.officers.b, of = next) => await w.accounts.connect(by).confirmRecovery(member.address, ...key(of));
  const complete = async () => await w.accounts.connect(w.outsider).completeRecovery(member.address);
  const add = () => w.callTo(w.target, w.target.interface.encodeFunctionData("add", [1n]));
  const cancelling = () => w.callTo(w.accounts, w.accounts.interface.encodeFunctionData("cancelRecovery", [member.address]));

  beforeEach(async () => {
    w = await loadAccounts();
    member = await w.join();
    next = createAuthenticator();
  });

  it("test_recovery_bothOfficersAndTheDelay_succeeds", async () => {
    await w.execute(member, [add()]);
    await expect(propose()).to.emit(w.accounts, "RecoveryProposed").withArgs(member.address, w.officers.a.address, ...key(next));
    await expect(confirm()).to.emit(w.accounts, "RecoveryConfirmed").withArgs(member.address, w.officers.b.address, (await w.now()) + ROTATION_DELAY + 1n);
    await w.time.increase(ROTATION_DELAY);
    await expect(complete()).to.emit(w.accounts, "RecoveryCompleted").withArgs(member.address, ...key(next)).and.to.emit(member.account, "KeyChanged").withArgs(...key(next));
    // Same address, same turn; the old passkey is nobody's any more.
    expect([...(await member.account.key())]).to.deep.equal([...key(next)]);
    expect(await member.account.nonce()).to.equal(1n);
    await refused(w.execute(member, [add()]), member.account, "AccountBadSignature");
    await w.execute(member, [add()], next);
    expect((await w.accounts.recoveryOf(member.address)).proposedBy).to.equal(ZERO);
  });

  it("test_completeRecovery_oneSecondEarly_reverts", async () => {
    await propose();
    await confirm();
    const { effectiveAt } = await w.accounts.recoveryOf(member.address);
    await w.time.setNextBlockTimestamp(effectiveAt - 1n);
    await refused(complete(), w.accounts, "AccountsTooEarly", effectiveAt);
    await w.time.setNextBlockTimestamp(effectiveAt);
    await complete();
  });

  it("test_recovery_oneOfficerAlone_reverts", async () => {
    await propose();
    await refused(confirm(w.officers.a), w.accounts, "AccountsSecondOfficerNeeded", member.address, w.officers.a.address);
    await w.time.increase(ROTATION_DELAY);
    await refused(complete(), w.accounts, "AccountsSecondOfficerNeeded", member.address, w.officers.a.address);
  });

  it("test_confirmRecovery_proposalWasSwapped_reverts", async () => {
    // The first officer replaces what was agreed just before the second confirms.
    await propose();
    const thief = createAuthenticator();
    await propose(w.officers.a, thief);
    await refused(confirm(w.officers.b, next), w.accounts, "AccountsRecoveryDiffers", member.address);
    const elsewhere = { ...thief, rpIdHash: createAuthenticator("copy.example").rpIdHash };
    await refused(confirm(w.officers.b, elsewhere), w.accounts, "AccountsRecoveryDiffers", member.address);
  });

  it("test_recovery_notOfficerOfThatOrganisation_reverts", async () => {
    for (const stranger of [w.officers.otherA, w.outsider, w.owner, w.relay]) {
      await refused(propose(stranger), w.accounts, "AccountsNotOfficer", 1, stranger.address);
    }
    await propose();
    for (const stranger of [w.officers.otherA, w.outsider, w.owner]) {
      await refused(confirm(stranger), w.accounts, "AccountsNotOfficer", 1, stranger.address);
      await refused(w.accounts.connect(stranger).cancelRecovery(member.address), w.accounts, "AccountsNotOfficer", 1, stranger.address);
    }
  });

  it("test_confirmRecovery_proposerWasReplaced_isOnlyHalf_reverts", async () => {
    await propose();
    await w.contributors.replaceOfficers(1, w.officers.newA.address, w.officers.b.address);
    await refused(confirm(), w.accounts, "AccountsRecoveryStale", member.address, w.officers.a.address);
    // The new officer proposes the same, and it goes on.
    await propose(w.officers.newA);
    await confirm();
  });

  it("test_completeRecovery_anOfficerWasReplacedMeanwhile_reverts", async () => {
    const { a, b, newA, newB } = w.officers;
    for (const [first, second, gone] of [
      [newA.address, b.address, a],
      [a.address, newB.address, b],
    ] as const) {
      await propose();
      await confirm();
      await w.contributors.replaceOfficers(1, first, second);
      await w.time.increase(ROTATION_DELAY);
      await refused(complete(), w.accounts, "AccountsRecoveryStale", member.address, gone.address);
      await w.contributors.replaceOfficers(1, a.address, b.address);
      await w.accounts.connect(a).cancelRecovery(member.address);
    }
    expect([...(await member.account.key())]).to.deep.equal([...key(member.passkey)]);
  });

  it("test_cancelRecovery_byTheAccountItself_succeeds", async () => {
    await propose();
    await confirm();
    await expect(w.execute(member, [cancelling()])).to.emit(w.accounts, "RecoveryCancelled").withArgs(member.address, member.address);
    await w.time.increase(ROTATION_DELAY);
    await refused(complete(), w.accounts, "AccountsNoRecovery", member.address);
  });

  it("test_cancelRecovery_ofAnotherAccount_reverts", async () => {
    await propose();
    const other = await w.join();
    await refused(w.execute(other, [cancelling()]), w.accounts, "AccountsNotOfficer", 1, other.address);
  });

  it("test_cancelRecovery_byEitherOfficer_succeeds", async () => {
    for (const officer of [w.officers.a, w.officers.b]) {
      await propose();
      await expect(w.accounts.connect(officer).cancelRecovery(member.address)).to.emit(w.accounts, "RecoveryCancelled").withArgs(member.address, officer.address);
      await refused(confirm(), w.accounts, "AccountsNoRecovery", member.address);
    }
  });

  it("test_cancelRecovery_nothingPending_reverts", async () => {
    await refused(w.accounts.connect(w.officers.a).cancelRecovery(member.address), w.accounts, "AccountsNoRecovery", member.address);
    await refused(complete(), w.accounts, "AccountsNoRecovery", member.address);
    await refused(confirm(), w.accounts, "AccountsNoRecovery", member.address);
  });

  it("test_recovery_confirmedOneStandsUntilCancelled_reverts", async () => {
    await propose();
    await confirm();
    const { effectiveAt } = await w.accounts.recoveryOf(member.address);
    await refused(propose(w.officers.b, createAuthenticator()), w.accounts, "AccountsRecoveryPending", member.address, effectiveAt);
    await refused(confirm(w.officers.a), w.accounts, "AccountsRecoveryPending", member.address, effectiveAt);
    await w.time.increase(ROTATION_DELAY);
    await complete();
    await refused(complete(), w.accounts, "AccountsNoRecovery", member.address);
  });

  it("test_proposeRecovery_noPointOfTheCurve_reverts", async () => {
    const { qx, qy } = next.point;
    for (const bad of [[qy, qx, next.rpIdHash], [`0x${"00".repeat(32)}`, `0x${"00".repeat(32)}`, next.rpIdHash], [qx, qy, `0x${"00".repeat(32)}`]] as const) {
      await refused(w.accounts.connect(w.officers.a).proposeRecovery(member.address, ...bad), w.accounts, "AccountsBadKey", ...bad);
    }
  });

  it("test_recovery_ofWhatIsNoAccount_reverts", async () => {
    const notOurs = [w.outsider.address, await w.accounts.logic(), ZERO];
    const a = w.accounts.connect(w.officers.a);
    for (const address of notOurs) {
      for (const attempt of [a.proposeRecovery(address, ...key(next)), a.confirmRecovery(address, ...key(next)), a.cancelRecovery(address), a.completeRecovery(address)]) {
        await refused(attempt, w.accounts, "AccountsUnknown", address);
      }
    }
  });

  it("test_recovery_signaturesOfTheOldPasskeyDie_succeeds", async () => {
    const signed = await w.batch(member, [add()], { deadline: (await w.now()) + 30n * 86_400n });
    const early = member.passkey.sign(signed.digest);
    await propose();
    await confirm();
    await w.time.increase(ROTATION_DELAY);
    await complete();
    await refused(w.submit(member, signed, early), member.account, "AccountBadSignature");
  });
});
