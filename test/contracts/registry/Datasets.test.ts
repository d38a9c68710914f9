import { expect } from "chai";

import { DAY, FEDERATION, HOLD_PERIOD, Lane, loadWorld, Status, type World } from "./world.ts";

describe("Datasets", () => {
  let w: World;

  beforeEach(async () => {
    w = await loadWorld();
  });

  const refused = async (call: Promise<unknown>, error: string, ...args: unknown[]) =>
    await expect(call)
      .to.be.revertedWithCustomError(w.datasets, error)
      .withArgs(...args);

  const statusOf = async (dataset: number) => (await w.datasets.datasetOf(dataset)).status;

  /** A dataset in each status, with the calls that bring it there. */
  const inStatus = async (status: bigint) => {
    const dataset = await w.proposeDataset();
    if (status === Status.Approved || status === Status.Suspended) await w.datasets.approve(dataset);
    if (status === Status.Suspended) await w.datasets.suspend(dataset);
    if (status === Status.Retired) await w.datasets.retire(dataset);
    return dataset;
  };

  describe("admission", () => {
    it("test_constructor_wiring_succeeds", async () => {
      expect(await w.datasets.owner()).to.equal(w.owner.address);
      expect(await w.datasets.council()).to.equal(w.council.address);
      expect(await w.datasets.holdPeriod()).to.equal(HOLD_PERIOD);
      expect(await w.datasets.seats()).to.equal(await w.seats.getAddress());
      expect(await w.datasets.CONTRIBUTORS()).to.equal(await w.contributors.getAddress());
    });

    it("test_propose_byOfficer_succeeds", async () => {
      const terms = await w.terms();
      await expect(w.datasets.connect(w.officers.b).propose(1, terms))
        .to.emit(w.datasets, "DatasetProposed")
        .withArgs(1, 1, (emitted: { card: string }) => emitted.card === terms.card);
      expect(await w.datasets.datasetCount()).to.equal(1);
      expect([...(await w.datasets.datasetOf(1))]).to.deep.equal([Status.Proposed, 1n, 1n, 0n, 0n]);
      expect([...(await w.datasets.termsOf(1))]).to.deep.equal([
        terms.card,
        terms.ethicsExpiry,
        1n,
        250n,
        terms.privacyCap,
        false,
        terms.licence,
        terms.legalBasis,
        terms.ethicsApproval,
      ]);
      expect(await w.datasets.isUsable(1)).to.equal(false);
    });

    it("test_propose_notOfficerOfTheCustodian_reverts", async () => {
      const terms = await w.terms();
      for (const stranger of [w.owner, w.council, w.outsider, w.officers.otherA]) {
        await refused(w.datasets.connect(stranger).propose(1, terms), "DatasetsNotCustodian", 1, stranger.address);
      }
      await refused(w.datasets.connect(w.officers.a).propose(9, terms), "DatasetsNotCustodian", 9, w.officers.a.address);
    });

    it("test_propose_emptyTerms_reverts", async () => {
      for (const changes of [{ card: `0x${"00".repeat(32)}` }, { records: 0 }]) {
        await expect(w.proposeDataset(changes)).to.be.revertedWithCustomError(w.datasets, "DatasetsEmptyTerms");
      }
    });

    it("test_propose_ethicsExpiredToday_reverts", async () => {
      const tomorrow = ((await w.now()) / DAY + 1n) * DAY;
      for (const ethicsExpiry of [0n, tomorrow - DAY, tomorrow - 1n]) {
        await refused(w.proposeDataset({ ethicsExpiry }), "DatasetsEthicsExpired", ethicsExpiry);
      }
      await w.proposeDataset({ ethicsExpiry: tomorrow });
    });

    it("test_propose_ethicsBeyond16BitsOfDays_reverts", async () => {
      const tooFar = 65_536n * DAY;
      await refused(w.proposeDataset({ ethicsExpiry: tooFar }), "DatasetsEthicsTooFar", tooFar);
      await refused(w.proposeDataset({ ethicsExpiry: 2n ** 64n - 1n }), "DatasetsEthicsTooFar", 2n ** 64n - 1n);
      await w.proposeDataset({ ethicsExpiry: tooFar - 1n });
    });

    it("test_approve_proposed_succeeds", async () => {
      const dataset = await w.proposeDataset();
      await expect(w.datasets.approve(dataset)).to.emit(w.datasets, "DatasetStatusChanged").withArgs(dataset, Status.Approved);
      expect(await w.datasets.isUsable(dataset)).to.equal(true);
    });

    it("test_approve_ethicsExpiredMeanwhile_reverts", async () => {
      const ethicsExpiry = ((await w.now()) / DAY + 2n) * DAY;
      const [late, inTime] = [await w.proposeDataset({ ethicsExpiry }), await w.proposeDataset({ ethicsExpiry })];
      await w.time.increaseTo(ethicsExpiry - 2n);
      await w.datasets.approve(inTime);
      await w.time.increaseTo(ethicsExpiry);
      await refused(w.datasets.approve(late), "DatasetsEthicsExpired", ethicsExpiry);
    });

    it("test_governanceCalls_byAnybodyElse_reverts", async () => {
      const dataset = await w.approvedDataset();
      const terms = await w.terms();
      for (const stranger of [w.outsider, w.council, w.officers.a]) {
        const as = w.datasets.connect(stranger);
        for (const call of [
          () => as.approve(dataset),
          () => as.suspend(dataset),
          () => as.reinstate(dataset),
          () => as.retire(dataset),
          () => as.amend(dataset, terms),
          () => as.changeCouncil(stranger.address),
          () => as.changeSeats(stranger.address),
        ]) {
          await refused(call(), "OwnableUnauthorizedAccount", stranger.address);
        }
      }
    });

    it("test_statusCalls_wrongStatus_reverts", async () => {
      const terms = await w.terms();
      const officer = w.datasets.connect(w.officers.a);
      const council = w.datasets.connect(w.council);
      for (const status of [Status.Proposed, Status.Approved, Status.Suspended, Status.Retired]) {
        const dataset = await inStatus(status);
        const wrong = async (call: Promise<unknown>) => await refused(call, "DatasetsWrongStatus", dataset, status);
        if (status !== Status.Proposed) await wrong(w.datasets.approve(dataset));
        if (status !== Status.Approved) await wrong(w.datasets.suspend(dataset));
        if (status !== Status.Suspended) await wrong(w.datasets.reinstate(dataset));
        if (status === Status.Proposed || status === Status.Retired) {
          await wrong(officer.proposeAmendment(dataset, terms));
          await wrong(w.datasets.amend(dataset, terms));
        }
        if (status === Status.Retired) {
          await wrong(w.datasets.retire(dataset));
          await wrong(officer.withdraw(dataset));
          await wrong(council.hold(dataset));
        }
      }
    });

    it("test_everyCall_unknownDataset_reverts", async () => {
      await w.proposeDataset();
      const terms = await w.terms();
      for (const unknown of [0, 2]) {
        for (const call of [
          () => w.datasets.approve(unknown),
          () => w.datasets.suspend(unknown),
          () => w.datasets.reinstate(unknown),
          () => w.datasets.retire(unknown),
          () => w.datasets.amend(unknown, terms),
          () => w.datasets.connect(w.officers.a).proposeAmendment(unknown, terms),
          () => w.datasets.connect(w.officers.a).withdraw(unknown),
          () => w.datasets.connect(w.council).hold(unknown),
          () => w.datasets.liftHold(unknown),
          () => w.datasets.datasetOf(unknown),
          () => w.datasets.termsOf(unknown),
        ]) {
          await refused(call(), "DatasetsUnknown", unknown);
        }
        expect(await w.datasets.isUsable(unknown)).to.equal(false);
      }
    });
  });

  describe("effect on seats", () => {
    let dataset: number;
    let seat: number;

    beforeEach(async () => {
      dataset = await w.approvedDataset();
      seat = await w.grantSeat(await w.register(w.keys.first), dataset);
      expect(await w.weighed([seat])).to.deep.equal([250]);
    });

    const runs = async () => (await w.weighed([seat]))[0] !== 0;

    it("test_suspend_stopsSeats_succeeds", async () => {
      await expect(w.datasets.suspend(dataset))
        .to.emit(w.datasets, "DatasetStatusChanged")
        .withArgs(dataset, Status.Suspended)
        .and.to.emit(w.seats, "SeatStatusChanged")
        .withArgs(FEDERATION, seat, Lane.Granted | Lane.DatasetStopped);
      expect(await w.datasets.isUsable(dataset)).to.equal(false);
      expect(await runs()).to.equal(false);
    });

    it("test_reinstate_resumesSeats_succeeds", async () => {
      await w.datasets.suspend(dataset);
      await expect(w.datasets.reinstate(dataset))
        .to.emit(w.datasets, "DatasetStatusChanged")
        .withArgs(dataset, Status.Approved)
        .and.to.emit(w.seats, "SeatStatusChanged")
        .withArgs(FEDERATION, seat, Lane.Granted);
      expect(await runs()).to.equal(true);
    });

    it("test_reinstate_ethicsExpiredMeanwhile_reverts", async () => {
      const { ethicsExpiry } = await w.datasets.termsOf(dataset);
      await w.datasets.suspend(dataset);
      await w.time.increaseTo(ethicsExpiry);
      await refused(w.datasets.reinstate(dataset), "DatasetsEthicsExpired", ethicsExpiry);
    });

    it("test_retire_anyLiveStatus_succeeds", async () => {
      await expect(w.datasets.retire(dataset)).to.emit(w.datasets, "DatasetStatusChanged").withArgs(dataset, Status.Retired);
      expect(await runs()).to.equal(false);
      for (const status of [Status.Proposed, Status.Suspended]) {
        const other = await inStatus(status);
        await w.datasets.retire(other);
        expect(await statusOf(other)).to.equal(Status.Retired);
      }
    });

    it("test_withdraw_byOfficerAlone_atOnceAndForEver_succeeds", async () => {
      const epoch = await w.seats.consentEpoch(FEDERATION);
      await expect(w.datasets.connect(w.officers.b).withdraw(dataset))
        .to.emit(w.datasets, "ConsentWithdrawn")
        .withArgs(dataset, w.officers.b.address)
        .and.to.emit(w.datasets, "DatasetStatusChanged")
        .withArgs(dataset, Status.Retired);
      expect(await w.seats.consentEpoch(FEDERATION)).to.equal(epoch + 1n);
      expect(await runs()).to.equal(false);
      await refused(w.datasets.reinstate(dataset), "DatasetsWrongStatus", dataset, Status.Retired);
      await expect(w.seats.renew(FEDERATION, seat, 0)).to.be.revertedWithCustomError(w.seats, "SeatsDatasetNotUsable").withArgs(dataset);
    });

    it("test_withdraw_anyLiveStatus_succeeds", async () => {
      for (const status of [Status.Proposed, Status.Suspended]) {
        const other = await inStatus(status);
        await w.datasets.connect(w.officers.a).withdraw(other);
        expect(await statusOf(other)).to.equal(Status.Retired);
      }
    });

    it("test_withdraw_notCustodian_reverts", async () => {
      for (const stranger of [w.owner, w.council, w.outsider, w.officers.otherA, w.keys.first]) {
        await refused(w.datasets.connect(stranger).withdraw(dataset), "DatasetsNotCustodian", 1, stranger.address);
      }
    });
  });

  describe("appointments", () => {
    it("test_changeCouncil_byOwner_succeeds", async () => {
      const dataset = await w.approvedDataset();
      await expect(w.datasets.changeCouncil(w.outsider.address)).to.emit(w.datasets, "CouncilChanged").withArgs(w.outsider.address);
      await refused(w.datasets.connect(w.council).hold(dataset), "DatasetsNotCouncil", w.council.address);
      await w.datasets.connect(w.outsider).hold(dataset);
    });

    it("test_changeSeats_byOwner_succeeds", async () => {
      await expect(w.datasets.changeSeats(w.outsider.address)).to.emit(w.datasets, "SeatsChanged").withArgs(w.outsider.address);
    });

    it("test_everyStop_beforeSeatsAreWired_succeeds", async () => {
      const bare = await w.ethers.deployContract("Datasets", [w.owner.address, w.contributors, w.council.address, HOLD_PERIOD]);
      const terms = await w.terms();
      await bare.connect(w.officers.a).propose(1, terms);
      await bare.approve(1);
      await bare.suspend(1);
      await bare.reinstate(1);
      await bare.connect(w.officers.a).proposeAmendment(1, terms);
      await bare.amend(1, terms);
      await bare.connect(w.council).hold(1);
      await bare.connect(w.officers.a).withdraw(1);
      expect((await bare.datasetOf(1)).status).to.equal(Status.Retired);
    });
  });
});
