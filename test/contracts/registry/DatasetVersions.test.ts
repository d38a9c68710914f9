import { expect } from "chai";

import { DAY, FEDERATION, HOLD_PERIOD, Lane, loadWorld, Status, type Terms, type World } from "./world.ts";

describe("Datasets: holds and amendments", () => {
  let w: World;
  let dataset: number;
  let seat: number;

  beforeEach(async () => {
    w = await loadWorld();
    dataset = await w.approvedDataset();
    seat = await w.grantSeat(await w.register(w.keys.first), dataset);
    expect(await w.weighed([seat])).to.deep.equal([250]);
  });

  const runs = async () => (await w.weighed([seat]))[0] !== 0;

  const refused = async (call: Promise<unknown>, error: string, ...args: unknown[]) =>
    await expect(call)
      .to.be.revertedWithCustomError(w.datasets, error)
      .withArgs(...args);

  const statusOf = async (dataset: number) => (await w.datasets.datasetOf(dataset)).status;

  describe("hold", () => {
    const council = () => w.datasets.connect(w.council);

    it("test_hold_byCouncil_stopsSeats_succeeds", async () => {
      const at = (await w.now()) + 5n;
      await w.time.setNextBlockTimestamp(at);
      await expect(council().hold(dataset))
        .to.emit(w.datasets, "DatasetHeld")
        .withArgs(dataset, 1, at + HOLD_PERIOD)
        .and.to.emit(w.seats, "SeatStatusChanged")
        .withArgs(FEDERATION, seat, Lane.Granted | Lane.DatasetStopped);
      expect(await w.datasets.isUsable(dataset)).to.equal(false);
      expect(await runs()).to.equal(false);
      expect(await statusOf(dataset)).to.equal(Status.Approved);
    });

    it("test_hold_notCouncil_reverts", async () => {
      for (const stranger of [w.owner, w.officers.a, w.outsider]) {
        await refused(w.datasets.connect(stranger).hold(dataset), "DatasetsNotCouncil", stranger.address);
      }
    });

    it("test_hold_twiceTheSameVersion_reverts", async () => {
      await council().hold(dataset);
      await refused(council().hold(dataset), "DatasetsAlreadyHeld", dataset, 1);
      await council().liftHold(dataset);
      await refused(council().hold(dataset), "DatasetsAlreadyHeld", dataset, 1);
      // Nor does a new council get another one.
      await w.datasets.changeCouncil(w.outsider.address);
      await refused(w.datasets.connect(w.outsider).hold(dataset), "DatasetsAlreadyHeld", dataset, 1);
    });

    it("test_hold_nextVersion_succeeds", async () => {
      await council().hold(dataset);
      await council().liftHold(dataset);
      await w.amendDataset(dataset);
      await expect(council().hold(dataset)).to.emit(w.datasets, "DatasetHeld");
      await refused(council().hold(dataset), "DatasetsAlreadyHeld", dataset, 2);
    });

    it("test_liftHold_byCouncilBeforeItsEnd_succeeds", async () => {
      await council().hold(dataset);
      await expect(council().liftHold(dataset)).to.emit(w.datasets, "HoldLifted").withArgs(dataset, 1);
      expect(await runs()).to.equal(true);
      expect(await w.datasets.isUsable(dataset)).to.equal(true);
    });

    it("test_liftHold_byAnyoneOneSecondEarly_reverts_thenOnTime_succeeds", async () => {
      await council().hold(dataset);
      const until = (await w.datasets.datasetOf(dataset)).heldUntil;
      await w.time.setNextBlockTimestamp(until - 1n);
      await refused(w.datasets.connect(w.outsider).liftHold(dataset), "DatasetsHeldUntil", dataset, until);
      await w.time.setNextBlockTimestamp(until);
      await w.datasets.connect(w.outsider).liftHold(dataset);
      expect(await runs()).to.equal(true);
    });

    it("test_liftHold_notHeld_reverts", async () => {
      await refused(council().liftHold(dataset), "DatasetsNotHeld", dataset);
      await council().hold(dataset);
      await council().liftHold(dataset);
      await refused(council().liftHold(dataset), "DatasetsNotHeld", dataset);
    });

    it("test_liftHold_whileSuspended_seatsStayStopped_succeeds", async () => {
      await council().hold(dataset);
      await w.datasets.suspend(dataset);
      await council().liftHold(dataset);
      expect(await runs()).to.equal(false);
      await w.datasets.reinstate(dataset);
      expect(await runs()).to.equal(true);
    });

    it("test_reinstate_whileHeld_seatsStayStopped_succeeds", async () => {
      await w.datasets.suspend(dataset);
      await council().hold(dataset);
      await w.datasets.reinstate(dataset);
      expect(await runs()).to.equal(false);
      expect(await w.datasets.isUsable(dataset)).to.equal(false);
      await council().liftHold(dataset);
      expect(await runs()).to.equal(true);
    });

    it("test_liftHold_afterWithdrawal_seatsStayStopped_succeeds", async () => {
      await council().hold(dataset);
      await w.datasets.connect(w.officers.a).withdraw(dataset);
      await council().liftHold(dataset);
      expect(await runs()).to.equal(false);
    });

    it("test_approve_whileHeld_isNotUsable_succeeds", async () => {
      const proposed = await w.proposeDataset();
      await council().hold(proposed);
      await w.datasets.approve(proposed);
      expect(await w.datasets.isUsable(proposed)).to.equal(false);
      await expect(w.seats.grant(FEDERATION, 1, proposed, 0)).to.be.revertedWithCustomError(w.seats, "SeatsDatasetNotUsable");
    });

    it("test_amend_whileHeld_reverts", async () => {
      const terms = await w.terms();
      await w.datasets.connect(w.officers.a).proposeAmendment(dataset, terms);
      await council().hold(dataset);
      const until = (await w.datasets.datasetOf(dataset)).heldUntil;
      await refused(w.datasets.amend(dataset, terms), "DatasetsHeldUntil", dataset, until);
      // The end of the period is not yet the end of the hold: somebody has to lift it.
      await w.time.increaseTo(until);
      await refused(w.datasets.amend(dataset, terms), "DatasetsHeldUntil", dataset, until);
      await w.datasets.liftHold(dataset);
      await w.datasets.amend(dataset, terms);
    });
  });

  describe("amendment", () => {
    const custodian = () => w.datasets.connect(w.officers.a);
    const hashOf = async (terms: Terms) => {
      const encoded = w.datasets.interface.encodeFunctionData("proposeAmendment", [dataset, terms]);
      const [, tuple] = w.datasets.interface.decodeFunctionData("proposeAmendment", encoded) as unknown as [bigint, unknown[]];
      const inputs = w.datasets.interface.getFunction("proposeAmendment").inputs;
      return w.ethers.keccak256(w.ethers.AbiCoder.defaultAbiCoder().encode([inputs[1] ?? ""], [tuple]));
    };

    it("test_proposeAmendment_byOfficer_succeeds", async () => {
      const terms = await w.terms({ records: 300 });
      await expect(custodian().proposeAmendment(dataset, terms))
        .to.emit(w.datasets, "AmendmentProposed")
        .withArgs(dataset, await hashOf(terms), (emitted: { records: bigint }) => emitted.records === 300n);
      expect(await w.datasets.amendmentOf(dataset)).to.equal(await hashOf(terms));
      // Nothing changes yet.
      expect((await w.datasets.termsOf(dataset)).records).to.equal(250);
      expect(await runs()).to.equal(true);
    });

    it("test_proposeAmendment_notCustodian_reverts", async () => {
      const terms = await w.terms();
      for (const stranger of [w.owner, w.council, w.officers.otherB]) {
        await refused(w.datasets.connect(stranger).proposeAmendment(dataset, terms), "DatasetsNotCustodian", 1, stranger.address);
      }
    });

    it("test_proposeAmendment_badTerms_reverts", async () => {
      await expect(custodian().proposeAmendment(dataset, await w.terms({ records: 0 }))).to.be.revertedWithCustomError(
        w.datasets,
        "DatasetsEmptyTerms",
      );
      await refused(custodian().proposeAmendment(dataset, await w.terms({ ethicsExpiry: 5n })), "DatasetsEthicsExpired", 5);
      await refused(
        custodian().proposeAmendment(dataset, await w.terms({ ethicsExpiry: 65_536n * DAY })),
        "DatasetsEthicsTooFar",
        65_536n * DAY,
      );
    });

    it("test_amend_whatTheCustodianProposed_succeeds", async () => {
      const terms = await w.terms({ records: 300, consentVersion: 2 });
      await custodian().proposeAmendment(dataset, terms);
      const epoch = await w.seats.consentEpoch(FEDERATION);
      await expect(w.datasets.amend(dataset, terms))
        .to.emit(w.datasets, "DatasetAmended")
        .withArgs(dataset, 2, (emitted: { records: bigint }) => emitted.records === 300n);
      expect((await w.datasets.datasetOf(dataset)).version).to.equal(2);
      expect((await w.datasets.termsOf(dataset)).consentVersion).to.equal(2);
      expect(await w.datasets.amendmentOf(dataset)).to.equal(`0x${"00".repeat(32)}`);
      expect(await w.datasets.isUsable(dataset)).to.equal(true);
      // Seats of the old version stop, a seal in flight goes back, and only a renewal brings them back.
      expect(await runs()).to.equal(false);
      expect(await w.seats.consentEpoch(FEDERATION)).to.equal(epoch + 1n);
      await w.seats.renew(FEDERATION, seat, 0);
      expect(await w.weighed([seat])).to.deep.equal([255]);
    });

    it("test_amend_notProposedByCustodian_reverts", async () => {
      const terms = await w.terms();
      await refused(w.datasets.amend(dataset, terms), "DatasetsAmendmentNotProposed", dataset, await hashOf(terms));
      await custodian().proposeAmendment(dataset, terms);
      const altered: Terms[] = [
        { ...terms, card: w.ethers.id("another") },
        { ...terms, ethicsExpiry: terms.ethicsExpiry + DAY },
        { ...terms, consentVersion: 9 },
        { ...terms, records: terms.records + 1 },
        { ...terms, privacyCap: terms.privacyCap + 1n },
        { ...terms, exempt: true },
        { ...terms, licence: "CC0" },
        { ...terms, legalBasis: "none" },
        { ...terms, ethicsApproval: "" },
      ];
      for (const other of altered) {
        await refused(w.datasets.amend(dataset, other), "DatasetsAmendmentNotProposed", dataset, await hashOf(other));
      }
      await w.datasets.amend(dataset, terms);
      // One proposal, one amendment.
      await refused(w.datasets.amend(dataset, terms), "DatasetsAmendmentNotProposed", dataset, await hashOf(terms));
    });

    it("test_amend_ofAnotherDatasetsProposal_reverts", async () => {
      const other = await w.approvedDataset();
      const terms = await w.terms();
      await custodian().proposeAmendment(other, terms);
      await refused(w.datasets.amend(dataset, terms), "DatasetsAmendmentNotProposed", dataset, await hashOf(terms));
    });

    it("test_amend_ethicsExpiredMeanwhile_reverts", async () => {
      const terms = await w.terms({ ethicsExpiry: ((await w.now()) / DAY + 3n) * DAY });
      await custodian().proposeAmendment(dataset, terms);
      await w.time.increaseTo(terms.ethicsExpiry);
      await refused(w.datasets.amend(dataset, terms), "DatasetsEthicsExpired", terms.ethicsExpiry);
    });

    it("test_amend_capBelowGrants_reverts", async () => {
      await w.charge([seat], 100n);
      const terms = await w.terms({ privacyCap: 999n });
      await custodian().proposeAmendment(dataset, terms);
      // Spent or held, both count.
      await refused(w.datasets.amend(dataset, terms), "DatasetsCapBelowGrants", dataset, 999, 1000);
      await w.amendDataset(dataset, { privacyCap: 1000n });
    });

    it("test_amend_switchingExemption_reverts", async () => {
      const onTerms = await w.terms({ exempt: true });
      await custodian().proposeAmendment(dataset, onTerms);
      await refused(w.datasets.amend(dataset, onTerms), "DatasetsExemptionFixed", dataset);
      const open = await w.approvedDataset({ exempt: true, privacyCap: 0n });
      const offTerms = await w.terms({ exempt: false });
      await custodian().proposeAmendment(open, offTerms);
      await refused(w.datasets.amend(open, offTerms), "DatasetsExemptionFixed", open);
    });

    it("test_amend_exemptWithoutCap_succeeds", async () => {
      const open = await w.approvedDataset({ exempt: true, privacyCap: 0n });
      await w.amendDataset(open, { exempt: true, privacyCap: 0n });
      expect((await w.datasets.datasetOf(open)).version).to.equal(2);
    });

    it("test_amend_whileSuspended_isNoWayAround_succeeds", async () => {
      await w.datasets.suspend(dataset);
      await w.amendDataset(dataset);
      expect(await statusOf(dataset)).to.equal(Status.Suspended);
      await expect(w.seats.renew(FEDERATION, seat, 0)).to.be.revertedWithCustomError(w.seats, "SeatsDatasetNotUsable");
      // Reinstating does not revive what was granted for the old version.
      await w.datasets.reinstate(dataset);
      expect(await runs()).to.equal(false);
      await w.seats.renew(FEDERATION, seat, 0);
      expect(await runs()).to.equal(true);
    });
  });
});
