import { expect } from "chai";

import { DAY, loadWorld, ROTATION_DELAY, ZERO, type World } from "./world.ts";

describe("Contributors: keys", () => {
  let w: World;

  beforeEach(async () => {
    w = await loadWorld();
  });

  describe("rotation", () => {
    let contributor: number;

    beforeEach(async () => {
      contributor = await w.register(w.keys.first);
    });

    it("test_rotateKey_byKey_succeeds", async () => {
      const { first, second } = w.keys;
      const proof = await w.keySuccession(second, contributor);
      const at = (await w.now()) + 100n;
      await w.time.setNextBlockTimestamp(at);
      await expect(w.contributors.connect(first).rotateKey(contributor, second.address, proof))
        .to.emit(w.contributors, "KeyRotationScheduled")
        .withArgs(contributor, second.address, at + ROTATION_DELAY, false);
      const pending = await w.contributors.pendingKeyOf(contributor);
      expect([...pending]).to.deep.equal([second.address, at + ROTATION_DELAY, false, true, first.address]);
      // Nothing changes before it is complete.
      expect((await w.contributors.contributorOf(contributor)).key).to.equal(first.address);
      expect(await w.contributors.keyAt(contributor, at)).to.equal(first.address);
    });

    it("test_completeRotation_oneSecondEarly_reverts_thenOnTime_succeeds", async () => {
      const { first, second } = w.keys;
      await w.rotate(contributor, first, second);
      const at = (await w.now()) + ROTATION_DELAY;
      await w.time.setNextBlockTimestamp(at - 1n);
      await expect(w.contributors.connect(w.outsider).completeRotation(contributor))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsTooEarly")
        .withArgs(at);
      await w.time.setNextBlockTimestamp(at);
      await expect(w.contributors.connect(w.outsider).completeRotation(contributor))
        .to.emit(w.contributors, "KeyRotated")
        .withArgs(contributor, first.address, second.address);
      expect((await w.contributors.pendingKeyOf(contributor)).key).to.equal(ZERO);
    });

    it("test_completeRotation_oneSecondLate_succeeds", async () => {
      await w.rotate(contributor, w.keys.first, w.keys.second);
      const at = (await w.now()) + ROTATION_DELAY + 1n;
      await w.time.setNextBlockTimestamp(at);
      await w.contributors.completeRotation(contributor);
      expect((await w.contributors.contributorOf(contributor)).keySince).to.equal(at);
    });

    it("test_keyAt_aroundRotation_succeeds", async () => {
      const { first, second } = w.keys;
      const registered = (await w.contributors.contributorOf(contributor)).keySince;
      expect(await w.contributors.keyAt(contributor, registered)).to.equal(first.address);
      expect(await w.contributors.keyAt(contributor, registered - 1n)).to.equal(ZERO);
      await w.rotate(contributor, first, second);
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completeRotation(contributor);
      const since = await w.now();
      expect(await w.contributors.keyAt(contributor, since - 1n)).to.equal(first.address);
      expect(await w.contributors.keyAt(contributor, since)).to.equal(second.address);
      expect(await w.contributors.keyAt(contributor, since + 1n)).to.equal(second.address);
      expect(await w.contributors.keyAt(contributor, 2n ** 255n)).to.equal(second.address);
    });

    it("test_keyRecordOf_throughItsLife_succeeds", async () => {
      const { first, second, third } = w.keys;
      const record = async (key: { address: string }) => [...(await w.contributors.keyRecordOf(key.address))];
      expect(await record(first)).to.deep.equal([BigInt(contributor), true, 0n]);
      expect(await record(second)).to.deep.equal([0n, false, 0n]);
      expect([...(await w.contributors.keyRecordOf(ZERO))]).to.deep.equal([0n, false, 0n]);
      await w.rotate(contributor, first, second);
      // Kept for the contributor, but it does not sign for it yet.
      expect(await record(second)).to.deep.equal([BigInt(contributor), false, 0n]);
      expect(await record(first)).to.deep.equal([BigInt(contributor), true, 0n]);
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completeRotation(contributor);
      const retired = await w.now();
      expect(await record(first)).to.deep.equal([BigInt(contributor), true, retired]);
      expect(await record(second)).to.deep.equal([BigInt(contributor), true, 0n]);
      // A recovery retires as a rotation does, and no later one moves the time.
      const proof = await w.keySuccession(third, contributor);
      for (const officer of [w.officers.a, w.officers.b]) await w.contributors.connect(officer).recoverKey(contributor, third.address, proof);
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completeRotation(contributor);
      expect(await record(second)).to.deep.equal([BigInt(contributor), true, await w.now()]);
      expect(await record(first)).to.deep.equal([BigInt(contributor), true, retired]);
      expect(await record(third)).to.deep.equal([BigInt(contributor), true, 0n]);
    });

    it("test_keyRecordOf_cancelledRotation_neverUsed_succeeds", async () => {
      const { first, second } = w.keys;
      await w.rotate(contributor, first, second);
      await w.contributors.connect(first).cancelRotation(contributor);
      expect([...(await w.contributors.keyRecordOf(second.address))]).to.deep.equal([BigInt(contributor), false, 0n]);
      expect([...(await w.contributors.keyRecordOf(first.address))]).to.deep.equal([BigInt(contributor), true, 0n]);
    });

    it("test_rotateKey_secondRotation_isOneDelayAfterTheFirst_succeeds", async () => {
      const { first, second, third } = w.keys;
      await w.rotate(contributor, first, second);
      // The next successor cannot be lined up before the first one serves.
      await expect(w.contributors.connect(first).rotateKey(contributor, third.address, await w.keySuccession(third, contributor)))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsRotationPending")
        .withArgs(contributor);
      await w.time.increase(ROTATION_DELAY + 3n * DAY);
      await w.contributors.completeRotation(contributor);
      const firstChange = await w.now();
      await w.time.setNextBlockTimestamp(firstChange + 1n);
      await w.rotate(contributor, second, third);
      await w.time.setNextBlockTimestamp(firstChange + ROTATION_DELAY);
      await expect(w.contributors.completeRotation(contributor)).to.be.revertedWithCustomError(w.contributors, "ContributorsTooEarly");
      await w.time.setNextBlockTimestamp(firstChange + ROTATION_DELAY + 1n);
      await w.contributors.completeRotation(contributor);
      // A seal made between the two changes is still judged by the key of its time.
      expect(await w.contributors.keyAt(contributor, firstChange)).to.equal(second.address);
    });

    it("test_rotateKey_notKey_reverts", async () => {
      const { first, second } = w.keys;
      const proof = await w.keySuccession(second, contributor);
      for (const stranger of [w.owner, w.officers.a, w.outsider, second]) {
        await expect(w.contributors.connect(stranger).rotateKey(contributor, second.address, proof))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsNotKey")
          .withArgs(contributor, stranger.address);
      }
      await w.rotate(contributor, first, second);
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completeRotation(contributor);
      // The old key has no say any more.
      await expect(w.contributors.connect(first).rotateKey(contributor, w.keys.third.address, await w.keySuccession(w.keys.third, contributor)))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsNotKey")
        .withArgs(contributor, first.address);
    });

    it("test_rotateKey_unknownContributor_reverts", async () => {
      for (const unknown of [0, 2]) {
        const proof = await w.keySuccession(w.keys.second, unknown);
        await expect(w.contributors.connect(w.keys.first).rotateKey(unknown, w.keys.second.address, proof))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownContributor")
          .withArgs(unknown);
      }
    });

    it("test_rotateKey_zeroKey_reverts", async () => {
      await expect(w.contributors.connect(w.keys.first).rotateKey(contributor, ZERO, "0x")).to.be.revertedWithCustomError(
        w.contributors,
        "ContributorsZeroKey",
      );
    });

    it("test_rotateKey_ownOrFormerKey_reverts", async () => {
      const { first, second } = w.keys;
      await expect(w.contributors.connect(first).rotateKey(contributor, first.address, await w.keySuccession(first, contributor)))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyInUse")
        .withArgs(first.address);
      await w.rotate(contributor, first, second);
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completeRotation(contributor);
      // Neither the one before nor the one that serves now, though both are this contributor's own.
      for (const used of [first, second]) {
        await expect(w.contributors.connect(second).rotateKey(contributor, used.address, await w.keySuccession(used, contributor)))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyInUse")
          .withArgs(used.address);
      }
    });

    it("test_rotateKey_colleagueSquatsWithItsProof_reverts", async () => {
      const { first, second, third } = w.keys;
      const colleague = await w.register(second);
      // Same organisation, same payee: the proof that `third` gave to `contributor` must not serve `colleague` …
      const proof = await w.keySuccession(third, contributor);
      await expect(w.contributors.connect(second).rotateKey(colleague, third.address, proof))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyNotProven")
        .withArgs(third.address);
      // … nor an officer who registers it as a new contributor …
      await expect(w.contributors.connect(w.officers.b).registerContributor(1, third.address, w.institution.address, proof))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyNotProven")
        .withArgs(third.address);
      // … nor a proof for registration serve a rotation.
      const registration = await w.keyProof(third, 1, w.institution.address);
      await expect(w.contributors.connect(second).rotateKey(colleague, third.address, registration))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyNotProven")
        .withArgs(third.address);
      await w.contributors.connect(first).rotateKey(contributor, third.address, proof);
    });

    it("test_rotateKey_keyOfAnother_reverts", async () => {
      const colleague = await w.register(w.keys.second);
      await expect(
        w.contributors.connect(w.keys.first).rotateKey(contributor, w.keys.second.address, await w.keySuccession(w.keys.second, contributor)),
      )
        .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyInUse")
        .withArgs(w.keys.second.address);
      await w.rotate(colleague, w.keys.second, w.keys.third);
      await expect(
        w.contributors.connect(w.keys.first).rotateKey(contributor, w.keys.third.address, await w.keySuccession(w.keys.third, contributor)),
      )
        .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyInUse")
        .withArgs(w.keys.third.address);
    });

    it("test_rotateKey_suspended_reverts", async () => {
      await w.contributors.connect(w.officers.a).suspend(contributor);
      await expect(
        w.contributors.connect(w.keys.first).rotateKey(contributor, w.keys.second.address, await w.keySuccession(w.keys.second, contributor)),
      )
        .to.be.revertedWithCustomError(w.contributors, "ContributorsSuspended")
        .withArgs(contributor);
    });

    it("test_completeRotation_nothingPending_reverts", async () => {
      await expect(w.contributors.completeRotation(contributor))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsNoRotationPending")
        .withArgs(contributor);
      await expect(w.contributors.completeRotation(9)).to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownContributor").withArgs(9);
    });

    it("test_completeRotation_twice_reverts", async () => {
      await w.rotate(contributor, w.keys.first, w.keys.second);
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completeRotation(contributor);
      await expect(w.contributors.completeRotation(contributor))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsNoRotationPending")
        .withArgs(contributor);
    });

    it("test_completeRotation_thiefScheduledThenSuspended_reverts", async () => {
      await w.rotate(contributor, w.keys.first, w.keys.second);
      await w.contributors.connect(w.officers.a).suspend(contributor);
      await w.time.increase(ROTATION_DELAY);
      await expect(w.contributors.completeRotation(contributor))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsSuspended")
        .withArgs(contributor);
      await w.contributors.reinstate(contributor);
      await w.contributors.completeRotation(contributor);
    });

    it("test_cancelRotation_byKeyOrOfficer_succeeds", async () => {
      for (const canceller of [w.keys.first, w.officers.a, w.officers.b]) {
        await w.rotate(contributor, w.keys.first, w.keys.second);
        await expect(w.contributors.connect(canceller).cancelRotation(contributor))
          .to.emit(w.contributors, "KeyRotationCancelled")
          .withArgs(contributor, w.keys.second.address);
        expect((await w.contributors.pendingKeyOf(contributor)).key).to.equal(ZERO);
      }
    });

    it("test_cancelRotation_stranger_reverts", async () => {
      await w.rotate(contributor, w.keys.first, w.keys.second);
      for (const stranger of [w.owner, w.outsider, w.officers.otherA, w.keys.second]) {
        await expect(w.contributors.connect(stranger).cancelRotation(contributor))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsNotOfficer")
          .withArgs(1, stranger.address);
      }
    });

    it("test_cancelRotation_nothingPending_reverts", async () => {
      await expect(w.contributors.connect(w.keys.first).cancelRotation(contributor))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsNoRotationPending")
        .withArgs(contributor);
      await expect(w.contributors.cancelRotation(9)).to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownContributor").withArgs(9);
    });
  });

  describe("recovery", () => {
    let contributor: number;
    let proof: string;

    beforeEach(async () => {
      contributor = await w.register(w.keys.first);
      proof = await w.keySuccession(w.keys.second, contributor);
    });

    const recover = async (officer: World["owner"]) =>
      await w.contributors.connect(officer).recoverKey(contributor, w.keys.second.address, proof);

    it("test_recoverKey_bothOfficers_succeeds", async () => {
      const { first, second } = w.keys;
      await expect(recover(w.officers.a))
        .to.emit(w.contributors, "KeyRecoveryProposed")
        .withArgs(contributor, second.address, w.officers.a.address);
      await w.time.increase(3n * DAY);
      const at = (await w.now()) + 10n;
      await w.time.setNextBlockTimestamp(at);
      // The delay counts from the confirmation.
      await expect(recover(w.officers.b))
        .to.emit(w.contributors, "KeyRotationScheduled")
        .withArgs(contributor, second.address, at + ROTATION_DELAY, true);
      await w.time.setNextBlockTimestamp(at + ROTATION_DELAY - 1n);
      await expect(w.contributors.completeRotation(contributor)).to.be.revertedWithCustomError(w.contributors, "ContributorsTooEarly");
      await w.time.setNextBlockTimestamp(at + ROTATION_DELAY);
      await expect(w.contributors.completeRotation(contributor))
        .to.emit(w.contributors, "KeyRotated")
        .withArgs(contributor, first.address, second.address);
      // Rewards stay with the contributor.
      expect(await w.contributors.payeeOf(contributor)).to.equal(w.institution.address);
    });

    it("test_recoverKey_oneOfficerActsAsTwo_reverts", async () => {
      await recover(w.officers.a);
      await expect(recover(w.officers.a))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsSecondOfficerNeeded")
        .withArgs(w.officers.a.address);
      await w.time.increase(2n * ROTATION_DELAY);
      await expect(w.contributors.connect(w.officers.a).completeRotation(contributor))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsSecondOfficerNeeded")
        .withArgs(w.officers.a.address);
    });

    it("test_recoverKey_proposerWasReplaced_isOnlyHalf_reverts", async () => {
      await recover(w.officers.a);
      await w.contributors.replaceOfficers(1, w.outsider.address, w.officers.b.address);
      // B's word is now the first one, not the second.
      await expect(recover(w.officers.b))
        .to.emit(w.contributors, "KeyRecoveryProposed")
        .withArgs(contributor, w.keys.second.address, w.officers.b.address);
      await w.time.increase(2n * ROTATION_DELAY);
      await expect(w.contributors.completeRotation(contributor)).to.be.revertedWithCustomError(w.contributors, "ContributorsSecondOfficerNeeded");
      await recover(w.outsider);
      expect((await w.contributors.pendingKeyOf(contributor)).confirmed).to.equal(true);
    });

    it("test_recoverKey_otherArguments_startsAnew_succeeds", async () => {
      const { second, third } = w.keys;
      await recover(w.officers.a);
      await expect(w.contributors.connect(w.officers.b).recoverKey(contributor, third.address, await w.keySuccession(third, contributor)))
        .to.emit(w.contributors, "KeyRotationCancelled")
        .withArgs(contributor, second.address)
        .and.to.emit(w.contributors, "KeyRecoveryProposed")
        .withArgs(contributor, third.address, w.officers.b.address);
      expect((await w.contributors.pendingKeyOf(contributor)).confirmed).to.equal(false);
    });

    it("test_recoverKey_replacesTheThiefsRotation_succeeds", async () => {
      await w.rotate(contributor, w.keys.first, w.keys.third);
      await w.time.increase(ROTATION_DELAY - 10n);
      await expect(recover(w.officers.b)).to.emit(w.contributors, "KeyRotationCancelled").withArgs(contributor, w.keys.third.address);
      await w.time.increase(ROTATION_DELAY);
      // Neither does the thief's key come, nor can the thief stop or replace the recovery.
      await expect(w.contributors.completeRotation(contributor)).to.be.revertedWithCustomError(w.contributors, "ContributorsSecondOfficerNeeded");
      await expect(w.contributors.connect(w.keys.first).cancelRotation(contributor))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsNotOfficer")
        .withArgs(1, w.keys.first.address);
      await expect(
        w.contributors.connect(w.keys.first).rotateKey(contributor, w.keys.third.address, await w.keySuccession(w.keys.third, contributor)),
      ).to.be.revertedWithCustomError(w.contributors, "ContributorsRotationPending");
      await recover(w.officers.a);
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completeRotation(contributor);
      expect((await w.contributors.contributorOf(contributor)).key).to.equal(w.keys.second.address);
    });

    it("test_recoverKey_theKeysOwnRotationIsNotAnOfficersHalf_succeeds", async () => {
      // Same key, pending by the contributor itself: one officer must not complete it as if it were the other.
      await w.rotate(contributor, w.keys.first, w.keys.second);
      await recover(w.officers.a);
      expect((await w.contributors.pendingKeyOf(contributor)).confirmed).to.equal(false);
      // Not even when the contributor happens to be the other officer.
      const officerToo = await w.register(w.officers.b);
      await w.rotate(officerToo, w.officers.b, w.keys.third);
      await w.contributors.connect(w.officers.a).recoverKey(officerToo, w.keys.third.address, await w.keySuccession(w.keys.third, officerToo));
      const pending = await w.contributors.pendingKeyOf(officerToo);
      expect([pending.byOfficers, pending.confirmed]).to.deep.equal([true, false]);
    });

    it("test_recoverKey_confirmedAlready_reverts", async () => {
      await recover(w.officers.a);
      await recover(w.officers.b);
      for (const officer of [w.officers.a, w.officers.b]) {
        await expect(recover(officer)).to.be.revertedWithCustomError(w.contributors, "ContributorsRotationPending").withArgs(contributor);
      }
    });

    it("test_recoverKey_notOfficer_reverts", async () => {
      for (const stranger of [w.owner, w.outsider, w.keys.first, w.officers.otherA]) {
        await expect(recover(stranger)).to.be.revertedWithCustomError(w.contributors, "ContributorsNotOfficer").withArgs(1, stranger.address);
      }
      await recover(w.officers.a);
      await expect(recover(w.officers.otherB))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsNotOfficer")
        .withArgs(1, w.officers.otherB.address);
    });

    it("test_recoverKey_badKeyOrProof_reverts", async () => {
      const as = w.contributors.connect(w.officers.a);
      await expect(as.recoverKey(9, w.keys.second.address, proof)).to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownContributor").withArgs(9);
      await expect(as.recoverKey(contributor, ZERO, proof)).to.be.revertedWithCustomError(w.contributors, "ContributorsZeroKey");
      await expect(as.recoverKey(contributor, w.keys.third.address, proof))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyNotProven")
        .withArgs(w.keys.third.address);
      await expect(as.recoverKey(contributor, w.keys.first.address, await w.keySuccession(w.keys.first, contributor)))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyInUse")
        .withArgs(w.keys.first.address);
    });

    it("test_recoverKey_whileSuspended_succeeds", async () => {
      await w.contributors.connect(w.officers.a).suspend(contributor);
      await recover(w.officers.a);
      await recover(w.officers.b);
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completeRotation(contributor);
      const after = await w.contributors.contributorOf(contributor);
      expect(after.key).to.equal(w.keys.second.address);
      expect(after.suspended).to.equal(true);
    });

    it("test_cancelRotation_officerCancelsConfirmedRecovery_succeeds", async () => {
      await recover(w.officers.a);
      await recover(w.officers.b);
      await w.contributors.connect(w.officers.b).cancelRotation(contributor);
      await w.time.increase(ROTATION_DELAY);
      await expect(w.contributors.completeRotation(contributor)).to.be.revertedWithCustomError(w.contributors, "ContributorsNoRotationPending");
    });
  });
});
