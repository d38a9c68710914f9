import { expect } from "chai";

import { DAY, EXEMPT, FEDERATION, Lane, loadWorld, type World } from "./world.ts";

describe("Seats", () => {
  let w: World;

  beforeEach(async () => {
    w = await loadWorld();
  });

  const refused = async (call: Promise<unknown>, error: string, ...args: unknown[]) =>
    await expect(call)
      .to.be.revertedWithCustomError(w.seats, error)
      .withArgs(...args);

  describe("governance", () => {
    it("test_constructor_wiring_succeeds", async () => {
      expect(await w.seats.owner()).to.equal(w.owner.address);
      expect(await w.seats.CONTRIBUTORS()).to.equal(await w.contributors.getAddress());
      expect(await w.seats.DATASETS()).to.equal(await w.datasets.getAddress());
      expect(await w.seats.ledger()).to.equal(await w.ledger.getAddress());
      expect(await w.seats.MAX_SEATS_EACH()).to.equal(64);
      expect(await w.seats.MAX_ENTRIES()).to.equal(256);
    });

    it("test_governanceCalls_byAnybodyElse_reverts", async () => {
      for (const stranger of [w.outsider, w.council, w.officers.a]) {
        const as = w.seats.connect(stranger);
        for (const call of [
          () => as.grant(FEDERATION, 1, 1, 0),
          () => as.grantSupport(FEDERATION, 1),
          () => as.renew(FEDERATION, 0, 0),
          () => as.revoke(FEDERATION, 0),
          () => as.changeLedger(stranger.address),
        ]) {
          await refused(call(), "OwnableUnauthorizedAccount", stranger.address);
        }
      }
    });

    it("test_changeLedger_byOwner_succeeds", async () => {
      await expect(w.seats.changeLedger(w.outsider.address)).to.emit(w.seats, "LedgerChanged").withArgs(w.outsider.address);
      expect(await w.seats.ledger()).to.equal(w.outsider.address);
    });

    it("test_setStatus_byAnybodyButTheRegistry_reverts", async () => {
      for (const stranger of [w.owner, w.council, w.outsider]) {
        await refused(w.seats.connect(stranger).setDatasetStopped(1, false), "SeatsNotRegistry", stranger.address);
        await refused(w.seats.connect(stranger).setContributorSuspended(1, false), "SeatsNotRegistry", stranger.address);
      }
      // Neither registry does the other's part.
      for (const [registry, call] of [
        [w.contributors, "setDatasetStopped"],
        [w.datasets, "setContributorSuspended"],
      ] as const) {
        const address = await registry.getAddress();
        await w.ethers.provider.send("hardhat_impersonateAccount", [address]);
        await w.ethers.provider.send("hardhat_setBalance", [address, "0xde0b6b3a7640000"]);
        const impostor = await w.ethers.provider.getSigner(address);
        await refused(w.seats.connect(impostor)[call](1, true), "SeatsNotRegistry", address);
      }
    });

    it("test_charge_notLedger_reverts", async () => {
      for (const stranger of [w.owner, w.outsider]) {
        await refused(w.seats.connect(stranger).charge(FEDERATION, 1, "0x", 0, 0), "SeatsNotLedger", stranger.address);
      }
    });
  });

  describe("grant", () => {
    let contributor: number;

    beforeEach(async () => {
      contributor = await w.register(w.keys.first);
    });

    it("test_grant_fixesWeightBudgetAndExpiry_succeeds", async () => {
      await w.ledger.setWeightRule(100, 64);
      const dataset = await w.approvedDataset();
      await expect(w.seats.grant(FEDERATION, contributor, dataset, 1000))
        .to.emit(w.seats, "SeatGranted")
        .withArgs(FEDERATION, 0, contributor, dataset, 1, 3, 1000);
      const { ethicsExpiry } = await w.datasets.termsOf(dataset);
      expect(await w.laneOf(0)).to.deep.equal({
        status: Lane.Granted,
        version: 1n,
        weight: 3n,
        remaining: 1000n,
        lastRound: 0n,
        expiryDay: ethicsExpiry / DAY,
      });
      expect([...(await w.seats.seatOf(FEDERATION, 0))]).to.deep.equal([BigInt(contributor), BigInt(dataset)]);
      expect(await w.seats.seatCount(FEDERATION)).to.equal(1);
      expect(await w.seats.grantedOf(dataset)).to.equal(1000);
      expect(await w.seats.consentEpoch(FEDERATION)).to.equal(0);
    });

    it("test_grant_weightIsClamped_succeeds", async () => {
      // [records, unit, maxSeats, weight]
      for (const [i, [records, unit, maxSeats, weight]] of (
        [
          [1, 1, 256, 1],
          [1, 4_294_967_295, 256, 1],
          [100, 100, 64, 1],
          [101, 100, 64, 2],
          [255, 1, 256, 255],
          [256, 1, 256, 255],
          [4_294_967_295, 1, 256, 255],
          [4_294_967_295, 4_294_967_295, 256, 1],
          [1023, 1, 64, 1023],
          [1024, 1, 64, 1023],
          [65_535, 1, 1, 65_535],
          [65_536, 1, 1, 65_535],
          [4_294_967_295, 1, 1, 65_535],
        ] as const
      ).entries()) {
        await w.ledger.setWeightRule(unit, maxSeats);
        const dataset = await w.approvedDataset({ records });
        await w.seats.grant(100 + i, contributor, dataset, 0);
        expect((await w.laneOf(0, 100 + i)).weight).to.equal(weight);
      }
    });

    it("test_grant_exempt_succeeds", async () => {
      const dataset = await w.approvedDataset({ exempt: true, privacyCap: 0n });
      const seat = await w.grantSeat(contributor, dataset, 0n);
      expect((await w.laneOf(seat)).remaining).to.equal(EXEMPT);
      expect(await w.seats.grantedOf(dataset)).to.equal(0);
    });

    it("test_grant_budgetOnExempt_reverts", async () => {
      const dataset = await w.approvedDataset({ exempt: true });
      await refused(w.seats.grant(FEDERATION, contributor, dataset, 1), "SeatsBudgetOnExempt", dataset);
    });

    it("test_grant_overTheCap_reverts", async () => {
      const dataset = await w.approvedDataset({ privacyCap: 1000n });
      await refused(w.seats.grant(FEDERATION, contributor, dataset, 1001), "SeatsCapExceeded", dataset, 1001, 1000);
      await w.seats.grant(FEDERATION, contributor, dataset, 600);
      // The cap is over all federations and contributors.
      await refused(w.seats.grant(2, await w.register(w.keys.second), dataset, 401), "SeatsCapExceeded", dataset, 1001, 1000);
      await w.seats.grant(2, contributor, dataset, 400);
      expect(await w.seats.grantedOf(dataset)).to.equal(1000);
    });

    it("test_grant_budgetThatReadsAsExempt_reverts", async () => {
      const dataset = await w.approvedDataset({ privacyCap: EXEMPT });
      await refused(w.seats.grant(FEDERATION, contributor, dataset, EXEMPT), "SeatsCapExceeded", dataset, EXEMPT, EXEMPT - 1n);
      await w.seats.grant(FEDERATION, contributor, dataset, EXEMPT - 2n);
      await refused(w.seats.renew(FEDERATION, 0, 2), "SeatsCapExceeded", dataset, EXEMPT, EXEMPT - 1n);
      await w.seats.renew(FEDERATION, 0, 1);
      await w.charge([0], 1n);
      expect((await w.laneOf(0)).remaining).to.equal(EXEMPT - 2n);
    });

    it("test_grant_datasetNotUsable_reverts", async () => {
      const proposed = await w.proposeDataset();
      const suspended = await w.approvedDataset();
      await w.datasets.suspend(suspended);
      const held = await w.approvedDataset();
      await w.datasets.connect(w.council).hold(held);
      const withdrawn = await w.approvedDataset();
      await w.datasets.connect(w.officers.a).withdraw(withdrawn);
      for (const dataset of [proposed, suspended, held, withdrawn, 99]) {
        await refused(w.seats.grant(FEDERATION, contributor, dataset, 0), "SeatsDatasetNotUsable", dataset);
      }
    });

    it("test_grant_contributorSuspendedOrUnknown_reverts", async () => {
      const dataset = await w.approvedDataset();
      await w.contributors.suspend(contributor);
      await refused(w.seats.grant(FEDERATION, contributor, dataset, 0), "SeatsContributorSuspended", contributor);
      await expect(w.seats.grant(FEDERATION, 99, dataset, 0))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownContributor")
        .withArgs(99);
    });

    it("test_grant_takenUntilRevoked_reverts", async () => {
      const dataset = await w.approvedDataset();
      const other = await w.approvedDataset();
      await w.grantSeat(contributor, other);
      const seat = await w.grantSeat(contributor, dataset);
      await refused(w.seats.grant(FEDERATION, contributor, dataset, 0), "SeatsTaken", FEDERATION, contributor, dataset, seat);
      // A stopped seat is taken too.
      await w.amendDataset(dataset);
      await refused(w.seats.grant(FEDERATION, contributor, dataset, 0), "SeatsTaken", FEDERATION, contributor, dataset, seat);
      await w.grantSeat(await w.register(w.keys.second), dataset);
      await w.grantSeat(contributor, dataset, 0n, 2);
      await w.seats.revoke(FEDERATION, seat);
      // The number is not used again.
      expect(await w.grantSeat(contributor, dataset)).to.equal(3);
      expect((await w.laneOf(seat)).status & Lane.Revoked).to.equal(Lane.Revoked);
    });

    it("test_grant_federationFull_reverts", async () => {
      await w.ledger.setWeightRule(1, 2);
      const dataset = await w.approvedDataset();
      await w.grantSeat(contributor, dataset);
      const seat = await w.grantSeat(await w.register(w.keys.second), dataset);
      await refused(w.seats.grant(FEDERATION, await w.register(w.keys.third), dataset, 0), "SeatsFull", 2);
      // Numbers are never reused, so neither does a revocation make room.
      await w.seats.revoke(FEDERATION, seat);
      await refused(w.seats.grant(FEDERATION, 3, dataset, 0), "SeatsFull", 2);
      await w.ledger.setWeightRule(1, 3);
      await w.grantSeat(3, dataset);
    });

    it("test_grant_unknownFederation_reverts", async () => {
      await w.ledger.setWeightRule(1, 0);
      await refused(w.seats.grant(FEDERATION, contributor, await w.approvedDataset(), 0), "SeatsFull", 0);
    });

    it("test_grant_moreThan64OfOneDataset_reverts", async () => {
      const seats = await w.manySeats(64, 0n);
      const dataset = Number(await w.datasets.datasetCount());
      await refused(w.seats.grant(FEDERATION, contributor, dataset, 0), "SeatsFull", 64);
      await w.seats.revoke(FEDERATION, seats[10] ?? -1);
      await w.grantSeat(contributor, dataset);
    });

    it("test_grant_moreThan64OfOneContributor_reverts", async () => {
      const dataset = await w.approvedDataset();
      for (let federation = 1; federation <= 64; ++federation) {
        // Two datasets, so that it is the contributor's list which is full.
        await w.grantSeat(contributor, federation % 2 === 0 ? dataset : await secondDataset(), 0n, federation);
      }
      await refused(w.seats.grant(65, contributor, dataset, 0), "SeatsFull", 64);
      await w.seats.revoke(7, 0);
      await w.grantSeat(contributor, dataset, 0n, 65);
    });

    it("test_grant_atMost256SeatsWhateverTheLedgerSays_reverts", async () => {
      await w.ledger.setWeightRule(1, 300);
      await w.manySeats(256, 0n);
      await refused(w.seats.grant(FEDERATION, contributor, await w.approvedDataset(), 0), "SeatsFull", 256);
    }).timeout(120_000);

    let second = 0;
    const secondDataset = async () => {
      if (second === 0 || second > Number(await w.datasets.datasetCount())) second = await w.approvedDataset();
      return second;
    };
  });

  describe("renew and revoke", () => {
    let contributor: number;
    let dataset: number;
    let seat: number;

    beforeEach(async () => {
      contributor = await w.register(w.keys.first);
      dataset = await w.approvedDataset({ privacyCap: 2000n });
      await w.grantSeat(await w.register(w.keys.second), await w.approvedDataset());
      seat = await w.grantSeat(contributor, dataset, 1000n);
    });

    it("test_renew_afterAmendment_succeeds", async () => {
      await w.charge([seat], 300n);
      const ethicsExpiry = (await w.now()) + 800n * DAY;
      await w.amendDataset(dataset, { records: 100, ethicsExpiry, privacyCap: 1500n });
      expect((await w.laneOf(seat)).status).to.equal(Lane.Granted | Lane.DatasetStopped);
      await expect(w.seats.renew(FEDERATION, seat, 200)).to.emit(w.seats, "SeatRenewed").withArgs(FEDERATION, seat, 2, 100, 900);
      expect(await w.laneOf(seat)).to.deep.equal({
        status: Lane.Granted,
        version: 2n,
        weight: 100n,
        remaining: 900n,
        lastRound: 1n,
        expiryDay: ethicsExpiry / DAY,
      });
      // Spent budget carries over: 300 spent + 900 held.
      expect(await w.seats.grantedOf(dataset)).to.equal(1200);
      // The neighbour in the slot was not touched.
      expect((await w.laneOf(0)).weight).to.equal(250);
    });

    it("test_renew_sameVersion_topsUp_succeeds", async () => {
      await w.seats.renew(FEDERATION, seat, 1000);
      expect((await w.laneOf(seat)).remaining).to.equal(2000);
      await refused(w.seats.renew(FEDERATION, seat, 1), "SeatsCapExceeded", dataset, 2001, 2000);
    });

    it("test_renew_exempt_succeeds", async () => {
      const open = await w.approvedDataset({ exempt: true, privacyCap: 0n });
      const openSeat = await w.grantSeat(contributor, open, 0n);
      await w.amendDataset(open, { exempt: true, privacyCap: 0n });
      await refused(w.seats.renew(FEDERATION, openSeat, 1), "SeatsBudgetOnExempt", open);
      await w.seats.renew(FEDERATION, openSeat, 0);
      expect((await w.laneOf(openSeat)).remaining).to.equal(EXEMPT);
      expect((await w.laneOf(openSeat)).version).to.equal(2);
    });

    it("test_renew_datasetNotUsable_reverts", async () => {
      await w.datasets.suspend(dataset);
      await refused(w.seats.renew(FEDERATION, seat, 0), "SeatsDatasetNotUsable", dataset);
    });

    it("test_renew_suspendedContributor_staysSuspended_succeeds", async () => {
      await w.amendDataset(dataset, { privacyCap: 2000n });
      await w.contributors.suspend(contributor);
      await w.seats.renew(FEDERATION, seat, 0);
      expect((await w.laneOf(seat)).status).to.equal(Lane.Granted | Lane.ContributorSuspended);
      expect(await w.weighed([seat])).to.deep.equal([0]);
    });

    it("test_renewAndRevoke_unknownSeat_reverts", async () => {
      for (const [federation, unknown] of [
        [FEDERATION, 2],
        [9, 0],
      ] as const) {
        await refused(w.seats.renew(federation, unknown, 0), "SeatsUnknown", federation, unknown);
        await refused(w.seats.revoke(federation, unknown), "SeatsUnknown", federation, unknown);
        await refused(w.seats.laneOf(federation, unknown), "SeatsUnknown", federation, unknown);
        await refused(w.seats.seatOf(federation, unknown), "SeatsUnknown", federation, unknown);
      }
    });

    it("test_revoke_returnsWhatIsLeft_succeeds", async () => {
      await w.charge([seat], 300n);
      await expect(w.seats.revoke(FEDERATION, seat)).to.emit(w.seats, "SeatRevoked").withArgs(FEDERATION, seat, 700);
      // What was spent stays spent.
      expect(await w.seats.grantedOf(dataset)).to.equal(300);
      expect(await w.seats.consentEpoch(FEDERATION)).to.equal(1);
      expect((await w.laneOf(seat)).remaining).to.equal(0);
      expect(await w.weighed([0, seat])).to.deep.equal([250, 0]);
    });

    it("test_revoke_exempt_returnsNothing_succeeds", async () => {
      const openSeat = await w.grantSeat(contributor, await w.approvedDataset({ exempt: true }), 0n);
      await expect(w.seats.revoke(FEDERATION, openSeat)).to.emit(w.seats, "SeatRevoked").withArgs(FEDERATION, openSeat, 0);
    });

    it("test_revoke_stoppedSeat_keepsTheEpoch_succeeds", async () => {
      await w.datasets.suspend(dataset);
      expect(await w.seats.consentEpoch(FEDERATION)).to.equal(1);
      await w.seats.revoke(FEDERATION, seat);
      expect(await w.seats.consentEpoch(FEDERATION)).to.equal(1);
    });

    it("test_revoke_forEver_reverts", async () => {
      await w.seats.revoke(FEDERATION, seat);
      await refused(w.seats.revoke(FEDERATION, seat), "SeatsRevoked", FEDERATION, seat);
      await refused(w.seats.renew(FEDERATION, seat, 0), "SeatsRevoked", FEDERATION, seat);
      // Nor does any later decision touch it.
      const status = Lane.Granted | Lane.Revoked;
      await w.datasets.suspend(dataset);
      await w.datasets.reinstate(dataset);
      await w.contributors.suspend(contributor);
      await w.contributors.reinstate(contributor);
      expect((await w.laneOf(seat)).status).to.equal(status);
    });

    it("test_revoke_leavesTheOthersInTheirLists_succeeds", async () => {
      const third = await w.register(w.keys.third);
      const seats = [seat, await w.grantSeat(third, dataset), await w.grantSeat(contributor, dataset, 0n, 2), await w.grantSeat(third, dataset, 0n, 2)];
      await w.seats.revoke(2, 0);
      await w.datasets.suspend(dataset);
      const stopped = Lane.Granted | Lane.DatasetStopped;
      expect((await w.laneOf(seats[0] ?? -1)).status).to.equal(stopped);
      expect((await w.laneOf(seats[1] ?? -1)).status).to.equal(stopped);
      expect((await w.laneOf(0, 2)).status).to.equal(Lane.Granted | Lane.Revoked);
      expect((await w.laneOf(1, 2)).status).to.equal(stopped);
    });
  });
});
