import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";

import { column, DAY, Drop, EXEMPT, FEDERATION, Lane, loadWorld, unpackWeights, type World } from "./world.ts";

describe("Seats: stops and charges", () => {
  let w: World;

  beforeEach(async () => {
    w = await loadWorld();
  });

  const refused = async (call: Promise<unknown>, error: string, ...args: unknown[]) =>
    await expect(call)
      .to.be.revertedWithCustomError(w.seats, error)
      .withArgs(...args);

  /** What a charge said, from its receipt. */
  const outcome = async (call: Promise<ContractTransactionResponse>) => {
    const receipt = await (await call).wait();
    if (receipt === null) throw new Error("no receipt");
    const parsed = (source: World["seats"] | World["ledger"]) =>
      receipt.logs.flatMap((log) => source.interface.parseLog(log as never) ?? []);
    const charged = parsed(w.ledger).find(({ name }) => name === "Charged");
    if (charged === undefined) throw new Error("not a charge");
    return {
      weights: unpackWeights(charged.args["weights"] as string),
      accepted: Number(charged.args["accepted"]),
      epoch: Number(charged.args["epoch"]),
      gas: Number(charged.args["gasUsed"]),
      dropped: parsed(w.seats).map(({ args }) => [Number(args["seat"]), args["reason"] as bigint]),
    };
  };

  describe("stops", () => {
    it("test_setDatasetStopped_oneEpochPerFederation_succeeds", async () => {
      const dataset = await w.approvedDataset();
      const contributors = [await w.newContributor(), await w.newContributor(), await w.newContributor()];
      for (const federation of [1, 2, 1, 3]) {
        for (const contributor of contributors) {
          if (federation !== 3) await w.seats.grant(federation, contributor, dataset, 0).catch(() => undefined);
        }
      }
      const untouched = await w.approvedDataset();
      await w.grantSeat(contributors[0] ?? 0, untouched, 0n, 3);
      await w.datasets.suspend(dataset);
      expect(await w.seats.consentEpoch(1)).to.equal(1);
      expect(await w.seats.consentEpoch(2)).to.equal(1);
      expect(await w.seats.consentEpoch(3)).to.equal(0);
      // A second reason makes nothing less eligible, and resuming raises nothing.
      await w.contributors.suspend(contributors[0] ?? 0);
      expect(await w.seats.consentEpoch(1)).to.equal(1);
      expect(await w.seats.consentEpoch(3)).to.equal(1);
      await w.datasets.reinstate(dataset);
      expect(await w.seats.consentEpoch(1)).to.equal(1);
    });

    it("test_setDatasetStopped_reasonsAreIndependent_succeeds", async () => {
      const contributor = await w.newContributor();
      const dataset = await w.approvedDataset();
      const seat = await w.grantSeat(contributor, dataset);
      await w.datasets.suspend(dataset);
      await w.contributors.suspend(contributor);
      expect((await w.laneOf(seat)).status).to.equal(Lane.Granted | Lane.DatasetStopped | Lane.ContributorSuspended);
      await w.datasets.reinstate(dataset);
      expect(await w.weighed([seat])).to.deep.equal([0]);
      await w.contributors.reinstate(contributor);
      expect(await w.weighed([seat])).to.deep.equal([250]);
    });

    it("test_setDatasetStopped_sameStateAgain_saysNothing_succeeds", async () => {
      const dataset = await w.approvedDataset();
      const seat = await w.grantSeat(await w.newContributor(), dataset);
      await w.datasets.suspend(dataset);
      await expect(w.datasets.retire(dataset)).not.to.emit(w.seats, "SeatStatusChanged");
      expect((await w.laneOf(seat)).status).to.equal(Lane.Granted | Lane.DatasetStopped);
      expect(await w.seats.consentEpoch(FEDERATION)).to.equal(1);
    });

    it("test_setDatasetStopped_olderVersionIsNotRevived_succeeds", async () => {
      const dataset = await w.approvedDataset();
      const [old, renewed] = [await w.grantSeat(await w.newContributor(), dataset), await w.grantSeat(await w.newContributor(), dataset)];
      await w.amendDataset(dataset);
      await w.seats.renew(FEDERATION, renewed, 0);
      await w.datasets.suspend(dataset);
      await w.datasets.reinstate(dataset);
      expect(await w.weighed([old, renewed])).to.deep.equal([0, 250]);
      await w.datasets.connect(w.council).hold(dataset);
      await w.datasets.connect(w.council).liftHold(dataset);
      expect(await w.weighed([old, renewed])).to.deep.equal([0, 250]);
    });

    it("test_setDatasetStopped_64SeatsIn64Federations_fitsATransaction_succeeds", async () => {
      const dataset = await w.approvedDataset();
      const contributor = await w.newContributor();
      for (let federation = 1; federation <= 64; ++federation) await w.grantSeat(contributor, dataset, 0n, federation);
      const withdrawal = await (await w.datasets.connect(w.officers.a).withdraw(dataset)).wait();
      expect(withdrawal?.gasUsed).to.be.lessThan(1_500_000n);
      for (let federation = 1; federation <= 64; ++federation) expect(await w.seats.consentEpoch(federation)).to.equal(1);
    });
  });

  describe("charge", () => {
    const RHO = 100n;

    it("test_charge_everySeat_succeeds", async () => {
      const seats = await w.manySeats(5, 1000n);
      const result = await outcome(w.charge(seats, RHO, 7));
      expect(result).to.deep.include({ weights: [250, 250, 250, 250, 250], accepted: 5, epoch: 0, dropped: [] });
      for (const seat of seats) expect(await w.laneOf(seat)).to.deep.include({ remaining: 900n, lastRound: 7n, status: 1n });
    });

    it("test_charge_gapsAndNeighbours_succeeds", async () => {
      await w.manySeats(9, 1000n);
      await w.charge([1, 2, 4, 5, 8], RHO, 1);
      const remaining = [];
      for (let seat = 0; seat < 9; ++seat) remaining.push((await w.laneOf(seat)).remaining);
      expect(remaining).to.deep.equal([1000n, 900n, 900n, 1000n, 900n, 900n, 1000n, 1000n, 900n]);
    });

    it("test_charge_noEntries_succeeds", async () => {
      expect(await outcome(w.charge([], RHO))).to.deep.include({ weights: [], accepted: 0, epoch: 0 });
    });

    it("test_charge_badColumn_reverts", async () => {
      await w.manySeats(4, 1000n);
      const bad: [string, number][] = [
        ["0x00", 0],
        ["0x0000000000", 1],
        [`${column([0, 1])}000000`, 2],
        [column([0, 0]), 1],
        [column([1, 0]), 1],
        [column([0, 1, 3, 2]), 3],
        [column([0, 1, 2, 3, 3]), 4],
        [column([0, 0xffffffff, 1]), 2],
        [column([...Array(257).keys()]), 256],
      ];
      for (const [bytes, position] of bad) {
        await refused(w.ledger.charge(FEDERATION, 1, bytes, RHO, 0), "SeatsBadColumn", position);
      }
      for (let seat = 0; seat < 4; ++seat) expect((await w.laneOf(seat)).remaining).to.equal(1000);
    });

    it("test_charge_256Entries_succeeds", async () => {
      const ids = [...Array(256).keys()];
      await w.manySeats(3, 1000n);
      const result = await outcome(w.charge(ids, RHO));
      expect(result.weights).to.deep.equal([250, 250, 250, ...Array<number>(253).fill(0)]);
      expect(result.accepted).to.equal(3);
      expect(result.dropped).to.deep.equal(ids.slice(3).map((id) => [id, Drop.UnknownSeat]));
    });

    it("test_charge_roundBeyond24Bits_reverts", async () => {
      const [seat = -1] = await w.manySeats(1, 1000n);
      await refused(w.charge([seat], RHO, 2 ** 24), "SeatsRoundOutOfRange", 2 ** 24);
      await w.charge([seat], RHO, 2 ** 24 - 1);
      expect((await w.laneOf(seat)).lastRound).to.equal(2 ** 24 - 1);
    });

    it("test_charge_unknownSeat_isDropped_succeeds", async () => {
      const [seat = -1] = await w.manySeats(1, 1000n);
      // Its slot's other half, another slot, the last id there is.
      expect(await outcome(w.charge([seat, 1, 2, 0xffffffff], RHO))).to.deep.include({
        weights: [250, 0, 0, 0],
        accepted: 1,
        dropped: [
          [1, Drop.UnknownSeat],
          [2, Drop.UnknownSeat],
          [0xffffffff, Drop.UnknownSeat],
        ],
      });
      // Seats of one federation mean nothing in another.
      expect((await outcome(w.charge([seat], RHO, 1, 0n, 2))).dropped).to.deep.equal([[seat, Drop.UnknownSeat]]);
    });

    it("test_charge_withdrawnDataset_isDropped_succeeds", async () => {
      const [seat = -1] = await w.manySeats(1, 1000n);
      await w.datasets.connect(w.officers.a).withdraw(1);
      expect(await outcome(w.charge([seat], RHO))).to.deep.include({ weights: [0], epoch: 1, dropped: [[seat, Drop.DatasetStopped]] });
      expect((await w.laneOf(seat)).remaining).to.equal(1000);
    });

    it("test_charge_suspendedContributor_isDropped_succeeds", async () => {
      const [seat = -1, other = -1] = await w.manySeats(2, 1000n);
      await w.contributors.suspend(1);
      expect(await outcome(w.charge([seat, other], RHO))).to.deep.include({
        weights: [0, 250],
        dropped: [[seat, Drop.ContributorSuspended]],
      });
      expect((await w.laneOf(seat)).remaining).to.equal(1000);
      expect((await w.laneOf(other)).remaining).to.equal(900);
    });

    it("test_charge_revokedSeat_isDropped_succeeds", async () => {
      const [seat = -1] = await w.manySeats(1, 1000n);
      await w.seats.revoke(FEDERATION, seat);
      expect((await outcome(w.charge([seat], RHO))).dropped).to.deep.equal([[seat, Drop.Revoked]]);
    });

    it("test_charge_ethicsExpiresAtMidnight_succeeds", async () => {
      const ethicsExpiry = ((await w.now()) / DAY + 5n) * DAY + DAY / 2n;
      const [seat = -1] = await w.manySeats(1, 1000n, { ethicsExpiry });
      const midnight = (ethicsExpiry / DAY) * DAY;
      await w.time.setNextBlockTimestamp(midnight - 1n);
      expect((await outcome(w.charge([seat], RHO, 1))).weights).to.deep.equal([250]);
      expect(await w.seats.eligibility(FEDERATION, 1, seat, RHO)).to.equal(Drop.None);
      await w.time.setNextBlockTimestamp(midnight);
      expect(await outcome(w.charge([seat], RHO, 2))).to.deep.include({ weights: [0], dropped: [[seat, Drop.EthicsExpired]] });
      expect(await w.seats.eligibility(FEDERATION, 2, seat, RHO)).to.equal(Drop.EthicsExpired);
    });

    it("test_charge_budgetExhausted_isDropped_succeeds", async () => {
      const [seat = -1] = await w.manySeats(1, 250n);
      await w.charge([seat], RHO, 1);
      await w.charge([seat], RHO, 2);
      expect(await outcome(w.charge([seat], RHO, 3))).to.deep.include({ weights: [0], dropped: [[seat, Drop.BudgetExhausted]] });
      expect(await w.laneOf(seat)).to.deep.include({ remaining: 50n, lastRound: 2n });
      // To the last nano-ρ.
      expect((await outcome(w.charge([seat], 50n, 3))).weights).to.deep.equal([250]);
      expect((await outcome(w.charge([seat], 1n, 4))).dropped).to.deep.equal([[seat, Drop.BudgetExhausted]]);
    });

    it("test_charge_duplicateRoot_isDroppedUncharged_succeeds", async () => {
      const [a = -1, b = -1, c = -1] = await w.manySeats(3, 1000n);
      expect(await outcome(w.charge([a, b, c], RHO, 1, 0b101n))).to.deep.include({
        weights: [0, 250, 0],
        accepted: 1,
        dropped: [
          [a, Drop.DuplicateRoot],
          [c, Drop.DuplicateRoot],
        ],
      });
      expect((await w.laneOf(a)).remaining).to.equal(1000);
      expect((await w.laneOf(b)).remaining).to.equal(900);
    });

    it("test_charge_severalReasons_reportsTheFirst_succeeds", async () => {
      const tomorrow = ((await w.now()) / DAY + 1n) * DAY;
      const [seat = -1] = await w.manySeats(1, 50n, { ethicsExpiry: tomorrow });
      const reason = async (skip = 0n) => (await outcome(w.charge([seat], RHO, 1, skip))).dropped[0]?.[1];
      expect(await reason()).to.equal(Drop.BudgetExhausted);
      await w.time.increaseTo(tomorrow);
      expect(await reason()).to.equal(Drop.EthicsExpired);
      await w.contributors.suspend(1);
      expect(await reason()).to.equal(Drop.ContributorSuspended);
      await w.datasets.suspend(1);
      expect(await reason()).to.equal(Drop.DatasetStopped);
      await w.seats.revoke(FEDERATION, seat);
      expect(await reason()).to.equal(Drop.Revoked);
      expect(await reason(1n)).to.equal(Drop.DuplicateRoot);
      expect((await outcome(w.charge([77], RHO, 1, 1n))).dropped).to.deep.equal([[77, Drop.DuplicateRoot]]);
    });

    it("test_charge_noRho_chargesNothing_succeeds", async () => {
      const [seat = -1] = await w.manySeats(1, 0n);
      expect((await outcome(w.charge([seat], 0n, 4))).weights).to.deep.equal([250]);
      expect(await w.laneOf(seat)).to.deep.include({ remaining: 0n, lastRound: 0n });
    });

    it("test_charge_exempt_isNeverCharged_succeeds", async () => {
      const [a = -1, b = -1] = await w.manySeats(2, 0n, { exempt: true });
      for (const round of [1, 2, 2]) {
        expect((await outcome(w.charge([a, b], 2n ** 48n - 1n, round))).weights).to.deep.equal([250, 250]);
      }
      expect(await w.laneOf(a)).to.deep.include({ remaining: EXEMPT, lastRound: 0n });
      expect(await w.seats.isCharged(FEDERATION, a, 2)).to.equal(false);
    });

    it("test_charge_resealingTheSameRound_chargesOnce_succeeds", async () => {
      const [a = -1, b = -1] = await w.manySeats(2, 100n);
      await w.charge([a], RHO, 3);
      // The budget is gone, yet the entry that paid stays in; the newcomer pays.
      expect(await outcome(w.charge([a, b], RHO, 3))).to.deep.include({ weights: [250, 250], dropped: [] });
      expect((await w.laneOf(a)).remaining).to.equal(0);
      expect((await w.laneOf(b)).remaining).to.equal(0);
      expect(await w.seats.isCharged(FEDERATION, a, 3)).to.equal(true);
      expect(await w.seats.isCharged(FEDERATION, a, 4)).to.equal(false);
      expect(await w.seats.eligibility(FEDERATION, 3, a, RHO)).to.equal(Drop.None);
      expect(await w.seats.eligibility(FEDERATION, 4, a, RHO)).to.equal(Drop.BudgetExhausted);
      // Having paid does not help who was stopped since.
      await w.contributors.suspend(1);
      expect(await outcome(w.charge([a, b], RHO, 3))).to.deep.include({ weights: [0, 250], dropped: [[a, Drop.ContributorSuspended]] });
    });

    it("test_charge_resealingBehindItsChild_chargesOnce_succeeds", async () => {
      const [both = -1, childOnly = -1] = await w.manySeats(2, 1000n);
      await w.charge([both], RHO, 5);
      await w.charge([both, childOnly], RHO, 6);
      await w.charge([both, childOnly], RHO, 5); // round 5 was overturned and is sealed again
      expect(await w.laneOf(both)).to.deep.include({ remaining: 800n, lastRound: 6n });
      expect(await w.laneOf(childOnly)).to.deep.include({ remaining: 800n, lastRound: 6n });
      for (const seat of [both, childOnly]) {
        expect([
          await w.seats.isCharged(FEDERATION, seat, 4),
          await w.seats.isCharged(FEDERATION, seat, 5),
          await w.seats.isCharged(FEDERATION, seat, 6),
        ]).to.deep.equal([false, true, true]);
      }
    });

    it("test_charge_resealingBeyondWhatALaneRemembers_chargesAgain_succeeds", async () => {
      const [seat = -1] = await w.manySeats(1, 1000n);
      await w.charge([seat], RHO, 10);
      await w.charge([seat], RHO, 25);
      await w.charge([seat], RHO, 10); // 15 rounds back: remembered
      expect((await w.laneOf(seat)).remaining).to.equal(800);
      await w.charge([seat], RHO, 26);
      await w.charge([seat], RHO, 10); // 16 rounds back: pays again, on the side of privacy
      expect(await w.laneOf(seat)).to.deep.include({ remaining: 600n, lastRound: 26n });
    });

    it("test_eligibility_eachReason_succeeds", async () => {
      const [seat = -1] = await w.manySeats(1, 99n);
      const eligibility = async (rho = 99n) => await w.seats.eligibility(FEDERATION, 1, seat, rho);
      expect(await eligibility()).to.equal(Drop.None);
      expect(await eligibility(100n)).to.equal(Drop.BudgetExhausted);
      expect(await w.seats.eligibility(FEDERATION, 1, 5, 0)).to.equal(Drop.UnknownSeat);
      expect(await w.seats.eligibility(FEDERATION, 2 ** 32 - 1, seat, 99n)).to.equal(Drop.None);
      await w.contributors.suspend(1);
      expect(await eligibility()).to.equal(Drop.ContributorSuspended);
      await w.datasets.suspend(1);
      expect(await eligibility()).to.equal(Drop.DatasetStopped);
      await w.seats.revoke(FEDERATION, seat);
      expect(await eligibility()).to.equal(Drop.Revoked);
    });

    it("test_charge_gas_staysInItsBudget_succeeds", async () => {
      const seats = await w.manySeats(64, 1_000_000n);
      await w.charge(seats, RHO, 1);
      const sixteen = (await outcome(w.charge(seats.slice(0, 16), RHO, 2))).gas;
      const all = (await outcome(w.charge(seats, RHO, 3))).gas;
      const first = await outcome(w.charge(seats, RHO, 3));
      expect(first.accepted).to.equal(64);
      if (process.env["SHOW_GAS"] !== undefined) console.log({ sixteen: sixteen / 16, sixtyFour: all / 64, reseal: first.gas / 64 });
      expect(sixteen / 16).to.be.lessThan(4150);
      expect(all / 64).to.be.lessThan(3650);
    });
  });
});
