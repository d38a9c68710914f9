import { expect } from "chai";

import { FEDERATION, keyProofTypes, Lane, loadWorld, ROTATION_DELAY, ZERO, type World } from "./world.ts";

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe("Contributors", () => {
  let w: World;

  beforeEach(async () => {
    w = await loadWorld();
  });

  describe("registration", () => {
    it("test_registerContributor_byEitherOfficer_succeeds", async () => {
      const { first, second } = w.keys;
      const payee = w.institution.address;
      await expect(w.contributors.connect(w.officers.a).registerContributor(1, first.address, payee, await w.keyProof(first, 1, payee)))
        .to.emit(w.contributors, "ContributorRegistered")
        .withArgs(1, 1, first.address, payee);
      await w.contributors.connect(w.officers.b).registerContributor(1, second.address, ZERO, await w.keyProof(second, 1, ZERO));
      expect(await w.contributors.contributorCount()).to.equal(2);
      const contributor = await w.contributors.contributorOf(2);
      expect(contributor.key).to.equal(second.address);
      expect(contributor.organisation).to.equal(1);
      expect(contributor.keySince).to.equal(await w.now());
      expect(contributor.suspended).to.equal(false);
      expect(contributor.previousKey).to.equal(ZERO);
      expect(await w.contributors.payeeOf(1)).to.equal(payee);
      expect(await w.contributors.payeeOf(2)).to.equal(ZERO);
    });

    it("test_registerContributor_unknownOrganisation_reverts", async () => {
      const proof = await w.keyProof(w.keys.first, 3, ZERO);
      for (const organisation of [0, 3]) {
        await expect(w.contributors.connect(w.officers.a).registerContributor(organisation, w.keys.first.address, ZERO, proof))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownOrganisation")
          .withArgs(organisation);
      }
    });

    it("test_registerContributor_notOfficerOfThatOrganisation_reverts", async () => {
      const proof = await w.keyProof(w.keys.first, 1, ZERO);
      for (const stranger of [w.owner, w.outsider, w.officers.otherA, w.keys.first, w.institution]) {
        await expect(w.contributors.connect(stranger).registerContributor(1, w.keys.first.address, ZERO, proof))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsNotOfficer")
          .withArgs(1, stranger.address);
      }
    });

    it("test_registerContributor_zeroKey_reverts", async () => {
      await expect(w.contributors.connect(w.officers.a).registerContributor(1, ZERO, ZERO, `0x${"00".repeat(65)}`)).to.be.revertedWithCustomError(
        w.contributors,
        "ContributorsZeroKey",
      );
    });

    it("test_registerContributor_squattingOnAnothersKey_reverts", async () => {
      const { first, second } = w.keys;
      // The officer knows the victim's address but not its key: every proof it can make is somebody else's.
      const proofs = [
        await w.keyProof(second, 1, ZERO),
        await w.officers.a.signTypedData(w.domain, keyProofTypes, { organisation: 1, payee: ZERO, key: first.address }),
        "0x",
        `0x${"00".repeat(65)}`,
        `0x${"ff".repeat(65)}`,
      ];
      for (const proof of proofs) {
        await expect(w.contributors.connect(w.officers.a).registerContributor(1, first.address, ZERO, proof))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyNotProven")
          .withArgs(first.address);
      }
    });

    it("test_registerContributor_proofReplayedElsewhere_reverts", async () => {
      const { first, second } = w.keys;
      const statement = { organisation: 1, payee: ZERO, key: first.address };
      const elsewhere = [
        first.signTypedData({ ...w.domain, chainId: w.domain.chainId + 1n }, keyProofTypes, statement),
        first.signTypedData({ ...w.domain, verifyingContract: await w.datasets.getAddress() }, keyProofTypes, statement),
        first.signTypedData({ ...w.domain, name: "Chongwen2" }, keyProofTypes, statement),
        first.signTypedData({ ...w.domain, version: "2" }, keyProofTypes, statement),
        first.signTypedData(w.domain, keyProofTypes, { ...statement, organisation: 2 }),
        first.signTypedData(w.domain, keyProofTypes, { ...statement, payee: w.outsider.address }),
        first.signTypedData(w.domain, keyProofTypes, { ...statement, key: second.address }),
        // The other kind of proof.
        w.keySuccession(first, 1),
      ];
      for (const proof of await Promise.all(elsewhere)) {
        await expect(w.contributors.connect(w.officers.a).registerContributor(1, first.address, ZERO, proof))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyNotProven")
          .withArgs(first.address);
      }
      await w.contributors
        .connect(w.officers.a)
        .registerContributor(1, first.address, ZERO, await first.signTypedData(w.domain, keyProofTypes, statement));
    });

    it("test_registerContributor_highS_reverts", async () => {
      const { first } = w.keys;
      const low = w.ethers.Signature.from(await w.keyProof(first, 1, ZERO));
      expect(BigInt(low.s) <= HALF_ORDER).to.equal(true);
      const high = w.ethers.concat([low.r, w.ethers.toBeHex(ORDER - BigInt(low.s), 32), low.v === 27 ? "0x1c" : "0x1b"]);
      await expect(w.contributors.connect(w.officers.a).registerContributor(1, first.address, ZERO, high))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyNotProven")
        .withArgs(first.address);
    });

    it("test_registerContributor_compactSignature_reverts", async () => {
      const compact = w.ethers.Signature.from(await w.keyProof(w.keys.first, 1, ZERO)).compactSerialized;
      await expect(w.contributors.connect(w.officers.a).registerContributor(1, w.keys.first.address, ZERO, compact))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyNotProven")
        .withArgs(w.keys.first.address);
    });

    it("test_registerContributor_keyInUse_reverts", async () => {
      const { first, second, third } = w.keys;
      const contributor = await w.register(first);
      const refused = async (key: typeof first) => {
        // By its own organisation, again, and by another.
        for (const [organisation, officer] of [
          [1, w.officers.a],
          [2, w.officers.otherA],
        ] as const) {
          await expect(
            w.contributors.connect(officer).registerContributor(organisation, key.address, ZERO, await w.keyProof(key, organisation, ZERO)),
          )
            .to.be.revertedWithCustomError(w.contributors, "ContributorsKeyInUse")
            .withArgs(key.address);
        }
      };
      await refused(first); // current
      await w.rotate(contributor, first, second);
      await refused(second); // pending
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completeRotation(contributor);
      await refused(first); // previous
      await w.rotate(contributor, second, third);
      await w.contributors.connect(second).cancelRotation(contributor);
      await refused(third); // cancelled: kept for the contributor that it agreed to serve
      await w.rotate(contributor, second, third);
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completeRotation(contributor);
      await refused(first); // the one before the previous
    });
  });

  describe("payee and suspension", () => {
    let contributor: number;

    beforeEach(async () => {
      contributor = await w.register(w.keys.first);
    });

    const schedule = async (payee: string) => {
      await w.contributors.connect(w.keys.first).changePayee(contributor, payee);
      return (await w.contributors.pendingPayeeOf(contributor)).effectiveAt;
    };

    it("test_changePayee_byKeyAfterItsDelay_succeeds", async () => {
      for (const payee of [w.outsider.address, ZERO]) {
        const before = await w.contributors.payeeOf(contributor);
        await expect(w.contributors.connect(w.keys.first).changePayee(contributor, payee)).to.emit(w.contributors, "PayeeChangeScheduled");
        const pending = await w.contributors.pendingPayeeOf(contributor);
        expect(pending.payee).to.equal(payee);
        expect(pending.effectiveAt).to.equal((await w.now()) + ROTATION_DELAY);
        expect(await w.contributors.payeeOf(contributor)).to.equal(before);

        await w.time.setNextBlockTimestamp(pending.effectiveAt);
        await expect(w.contributors.connect(w.outsider).completePayeeChange(contributor))
          .to.emit(w.contributors, "PayeeChanged")
          .withArgs(contributor, payee);
        expect(await w.contributors.payeeOf(contributor)).to.equal(payee);
      }
    });

    it("test_completePayeeChange_aSecondEarlyOrNothingPending_reverts", async () => {
      await expect(w.contributors.completePayeeChange(contributor))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsNoPayeeChangePending")
        .withArgs(contributor);
      const effectiveAt = await schedule(w.outsider.address);
      await w.time.setNextBlockTimestamp(effectiveAt - 1n);
      await expect(w.contributors.completePayeeChange(contributor))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsTooEarly")
        .withArgs(effectiveAt);
    });

    it("test_changePayee_byThiefStoppedBySuspension_succeeds", async () => {
      const before = await w.contributors.payeeOf(contributor);
      const effectiveAt = await schedule(w.outsider.address);
      await expect(w.contributors.connect(w.officers.b).suspend(contributor))
        .to.emit(w.contributors, "PayeeChangeCancelled")
        .withArgs(contributor, w.outsider.address);
      await w.time.increaseTo(effectiveAt + 1n);
      await w.contributors.reinstate(contributor);
      await expect(w.contributors.completePayeeChange(contributor)).to.be.revertedWithCustomError(w.contributors, "ContributorsNoPayeeChangePending");
      expect(await w.contributors.payeeOf(contributor)).to.equal(before);
    });

    it("test_cancelPayeeChange_byOfficersAndKeyOnly_succeeds", async () => {
      for (const by of [w.officers.a, w.officers.b, w.keys.first]) {
        await schedule(w.outsider.address);
        await expect(w.contributors.connect(by).cancelPayeeChange(contributor)).to.emit(w.contributors, "PayeeChangeCancelled");
        await expect(w.contributors.connect(by).cancelPayeeChange(contributor)).to.be.revertedWithCustomError(
          w.contributors,
          "ContributorsNoPayeeChangePending",
        );
      }
      await schedule(w.outsider.address);
      for (const stranger of [w.owner, w.outsider]) {
        await expect(w.contributors.connect(stranger).cancelPayeeChange(contributor)).to.be.revertedWithCustomError(
          w.contributors,
          "ContributorsNotOfficer",
        );
      }
    });

    it("test_changePayee_notKey_reverts", async () => {
      for (const stranger of [w.owner, w.officers.a, w.institution, w.outsider]) {
        await expect(w.contributors.connect(stranger).changePayee(contributor, stranger.address))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsNotKey")
          .withArgs(contributor, stranger.address);
      }
      await expect(w.contributors.changePayee(9, ZERO)).to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownContributor").withArgs(9);
    });

    it("test_changePayee_suspended_reverts", async () => {
      await w.contributors.suspend(contributor);
      await expect(w.contributors.connect(w.keys.first).changePayee(contributor, w.outsider.address))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsSuspended")
        .withArgs(contributor);
    });

    it("test_suspend_byOfficerOrOwner_stopsSeatsAtOnce_succeeds", async () => {
      const seat = await w.grantSeat(contributor, await w.approvedDataset());
      for (const by of [w.officers.a, w.officers.b, w.owner]) {
        await expect(w.contributors.connect(by).suspend(contributor))
          .to.emit(w.contributors, "ContributorSuspended")
          .withArgs(contributor, by.address)
          .and.to.emit(w.seats, "SeatStatusChanged")
          .withArgs(FEDERATION, seat, Lane.Granted | Lane.ContributorSuspended);
        expect(await w.weighed([seat])).to.deep.equal([0]);
        await expect(w.contributors.reinstate(contributor))
          .to.emit(w.contributors, "ContributorReinstated")
          .withArgs(contributor)
          .and.to.emit(w.seats, "SeatStatusChanged")
          .withArgs(FEDERATION, seat, Lane.Granted);
        expect(await w.weighed([seat])).to.deep.equal([250]);
      }
    });

    it("test_suspend_stranger_reverts", async () => {
      for (const stranger of [w.outsider, w.officers.otherA, w.keys.first, w.council]) {
        await expect(w.contributors.connect(stranger).suspend(contributor))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsNotOfficer")
          .withArgs(1, stranger.address);
      }
      await expect(w.contributors.suspend(9)).to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownContributor").withArgs(9);
    });

    it("test_suspend_twice_reverts", async () => {
      await w.contributors.suspend(contributor);
      await expect(w.contributors.suspend(contributor)).to.be.revertedWithCustomError(w.contributors, "ContributorsSuspended").withArgs(contributor);
    });

    it("test_reinstate_notSuspendedOrUnknown_reverts", async () => {
      await expect(w.contributors.reinstate(contributor))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsNotSuspended")
        .withArgs(contributor);
      await expect(w.contributors.reinstate(9)).to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownContributor").withArgs(9);
    });

    it("test_suspend_beforeSeatsAreWired_succeeds", async () => {
      const bare = await w.ethers.deployContract("Contributors", [w.owner.address, ROTATION_DELAY]);
      await bare.admitOrganisation(w.institution.address, w.officers.a.address, w.officers.b.address, 0);
      const domain = { ...w.domain, verifyingContract: await bare.getAddress() };
      const key = w.keys.second;
      const proof = await key.signTypedData(domain, keyProofTypes, { organisation: 1, payee: ZERO, key: key.address });
      await bare.connect(w.officers.a).registerContributor(1, key.address, ZERO, proof);
      await bare.suspend(1);
      await bare.reinstate(1);
      expect((await bare.contributorOf(1)).suspended).to.equal(false);
    });
  });

  describe("payees of the past", () => {
    const at = (contributor: number, timestamp: bigint) => w.contributors.payeeAt(contributor, timestamp);
    const complete = async (contributor: number, payee: string) => {
      await w.contributors.connect(w.keys.first).changePayee(contributor, payee);
      await w.time.increase(ROTATION_DELAY);
      await w.contributors.completePayeeChange(contributor);
      return await w.now();
    };

    it("test_payeeAt_registeredWithAndWithoutPayee_succeeds", async () => {
      const contributor = await w.register(w.keys.first);
      const registered = await w.now();
      expect(await at(contributor, registered - 1n)).to.equal(ZERO);
      expect(await at(contributor, 0n)).to.equal(ZERO);
      for (const later of [registered, registered + 1n, 2n ** 96n - 1n, 2n ** 96n, 2n ** 255n]) expect(await at(contributor, later)).to.equal(w.institution.address);
      const declined = await w.register(w.keys.second, 1, ZERO);
      expect(await at(declined, await w.now())).to.equal(ZERO);
    });

    it("test_payeeAt_answersForEveryTime_succeeds", async () => {
      const contributor = await w.register(w.keys.first);
      const history: [bigint, string][] = [[await w.now(), w.institution.address]];
      // More than a search looks through one by one; somebody else, nobody, and the first one again.
      for (const payee of [w.outsider.address, ZERO, w.institution.address, w.owner.address, w.outsider.address, ZERO, w.council.address, w.institution.address]) {
        history.push([await complete(contributor, payee), payee]);
      }
      for (const [i, [since, payee]] of history.entries()) {
        const until = history[i + 1]?.[0] ?? since + 1_000_000n;
        for (const time of [since, since + 1n, until - 1n]) expect(await at(contributor, time)).to.equal(payee);
      }
      expect(await w.contributors.payeeOf(contributor)).to.equal(w.institution.address);
    });

    it("test_payeeAt_countsFromCompletion_succeeds", async () => {
      const contributor = await w.register(w.keys.first);
      await w.contributors.connect(w.keys.first).changePayee(contributor, w.outsider.address);
      await w.time.increase(3n * ROTATION_DELAY); // due long since, completed by nobody
      const due = await w.now();
      expect(await at(contributor, due)).to.equal(w.institution.address);
      await w.contributors.completePayeeChange(contributor);
      const completed = await w.now();
      expect(await at(contributor, due)).to.equal(w.institution.address);
      expect(await at(contributor, completed - 1n)).to.equal(w.institution.address);
      expect(await at(contributor, completed)).to.equal(w.outsider.address);
    });

    it("test_payeeAt_cancelledOrSuspended_stays_succeeds", async () => {
      const contributor = await w.register(w.keys.first);
      await w.contributors.connect(w.keys.first).changePayee(contributor, w.outsider.address);
      await w.contributors.suspend(contributor);
      await w.time.increase(2n * ROTATION_DELAY);
      expect(await at(contributor, await w.now())).to.equal(w.institution.address);
    });

    it("test_payeeAt_eachContributorItsOwn_succeeds", async () => {
      const contributor = await w.register(w.keys.first);
      const colleague = await w.register(w.keys.second, 1, w.owner.address);
      const changed = await complete(contributor, w.outsider.address);
      expect(await at(colleague, changed)).to.equal(w.owner.address);
    });

    it("test_payeeAt_twoChangesInOneSecond_theLastWins_succeeds", async () => {
      // Without a delay all of it fits a block: registration, and two changes.
      const quick = await w.ethers.deployContract("Contributors", [w.owner.address, 0]);
      await quick.admitOrganisation(w.institution.address, w.officers.a.address, w.officers.b.address, 0);
      const key = w.keys.first;
      const domain = { ...w.domain, verifyingContract: await quick.getAddress() };
      const proof = await key.signTypedData(domain, keyProofTypes, { organisation: 1, payee: w.institution.address, key: key.address });
      await w.ethers.provider.send("evm_setAutomine", [false]);
      const sent = [await quick.connect(w.officers.a).registerContributor(1, key.address, w.institution.address, proof, { gasLimit: 500_000, gasPrice: 10n ** 11n })];
      const payees = [w.outsider.address, w.council.address];
      let gasPrice = 9n * 10n ** 10n;
      for (const payee of payees) {
        for (const step of ["changePayee", "completePayeeChange"] as const) {
          const options = { gasLimit: 300_000, gasPrice };
          sent.push(step === "changePayee" ? await quick.connect(key).changePayee(1, payee, options) : await quick.connect(key).completePayeeChange(1, options));
          gasPrice -= 10n ** 10n;
        }
      }
      await w.ethers.provider.send("evm_mine", []);
      await w.ethers.provider.send("evm_setAutomine", [true]);
      const blocks = new Set(await Promise.all(sent.map(async (tx) => (await tx.wait())?.blockNumber)));
      expect(blocks.size).to.equal(1);
      const second = await w.now();
      expect(await quick.payeeAt(1, second)).to.equal(w.council.address);
      expect(await quick.payeeAt(1, second - 1n)).to.equal(ZERO);
      expect(await quick.payeeOf(1)).to.equal(w.council.address);
    });
  });

  describe("views", () => {
    it("test_views_unknown_reverts", async () => {
      for (const call of [
        () => w.contributors.contributorOf(1),
        () => w.contributors.payeeOf(1),
        () => w.contributors.payeeAt(1, 0),
        () => w.contributors.payeeAt(0, 0),
        () => w.contributors.keyAt(1, 0),
        () => w.contributors.contributorOf(0),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownContributor");
      }
      for (const organisation of [0, 3]) {
        await expect(w.contributors.organisationOf(organisation))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownOrganisation")
          .withArgs(organisation);
      }
    });

    it("test_isOfficer_zeroAddressOfUnknownOrganisation_succeeds", async () => {
      expect(await w.contributors.isOfficer(3, ZERO)).to.equal(false);
      expect(await w.contributors.isOfficer(1, ZERO)).to.equal(false);
      expect(await w.contributors.isOfficer(1, w.officers.b.address)).to.equal(true);
      expect(await w.contributors.isOfficer(2, w.officers.b.address)).to.equal(false);
    });
  });
});
