import { expect } from "chai";

import { column, Drop, FEDERATION, Lane, loadWorld, unpackWeights, type World } from "./world.ts";

const RHO = 100n;

/** Seats for work without data: paid like any seat, counted like any seat, and never in a seal. */
describe("Seats: support seats", () => {
  let w: World;
  let contributor: number;

  beforeEach(async () => {
    w = await loadWorld();
    contributor = await w.register(w.keys.first);
  });

  const refused = async (call: Promise<unknown>, error: string, ...args: unknown[]) =>
    await expect(call)
      .to.be.revertedWithCustomError(w.seats, error)
      .withArgs(...args);
  const grantSupport = async (who = contributor, federation = FEDERATION) => {
    await w.seats.grantSupport(federation, who);
    return Number(await w.seats.seatCount(federation)) - 1;
  };
  const reasonsOf = async (ids: number[], rho = RHO, round = 1) => {
    const receipt = await (await w.charge(ids, rho, round)).wait();
    return (receipt?.logs ?? []).flatMap((log) => w.seats.interface.parseLog(log) ?? []).filter(({ name }) => name === "EntryDropped").map(({ args }) => [args["seat"], args["reason"]]);
  };

  it("test_grantSupport_noDataNoWeightNoBudget_succeeds", async () => {
    await expect(w.seats.grantSupport(FEDERATION, contributor)).to.emit(w.seats, "SeatGranted").withArgs(FEDERATION, 0, contributor, 0, 0, 0, 0);
    expect(await w.laneOf(0)).to.deep.equal({ status: Lane.Granted | Lane.Support, version: 0n, weight: 0n, remaining: 0n, lastRound: 0n, expiryDay: 0n });
    expect([...(await w.seats.seatOf(FEDERATION, 0))]).to.deep.equal([BigInt(contributor), 0n]);
    expect(await w.seats.seatCount(FEDERATION)).to.equal(1n);
    expect(await w.seats.grantedOf(0)).to.equal(0n);
  });

  it("test_grantSupport_oncePerContributorAndFederation_reverts", async () => {
    await grantSupport();
    await refused(w.seats.grantSupport(FEDERATION, contributor), "SeatsTaken", FEDERATION, contributor, 0, 0);
    await grantSupport(contributor, FEDERATION + 1);
    // Beside seats with data, and again once revoked, under another number.
    await w.grantSeat(contributor, await w.approvedDataset());
    await w.seats.revoke(FEDERATION, 0);
    expect(await grantSupport()).to.equal(2);
  });

  it("test_grantSupport_suspendedOrUnknown_reverts", async () => {
    await expect(w.seats.grantSupport(FEDERATION, 99)).to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownContributor").withArgs(99);
    await w.contributors.suspend(contributor);
    await refused(w.seats.grantSupport(FEDERATION, contributor), "SeatsContributorSuspended", contributor);
  });

  it("test_grant_datasetZero_reverts", async () => {
    // Only `grantSupport` makes a support seat: no budget or weight can be slipped into one.
    await refused(w.seats.grant(FEDERATION, contributor, 0, 0), "SeatsDatasetNotUsable", 0);
    await refused(w.seats.grant(FEDERATION, contributor, 0, 5), "SeatsDatasetNotUsable", 0);
  });

  it("test_grantSupport_countsWithinTheFederation_reverts", async () => {
    await w.ledger.setWeightRule(1, 2);
    await grantSupport();
    const dataset = await w.approvedDataset();
    await w.grantSeat(contributor, dataset);
    await refused(w.seats.grantSupport(FEDERATION, await w.newContributor()), "SeatsFull", 2);
    await refused(w.seats.grant(FEDERATION, await w.newContributor(), dataset, 0), "SeatsFull", 2);
    await w.ledger.setWeightRule(1, 0);
    await refused(w.seats.grantSupport(9, contributor), "SeatsFull", 0);
  });

  it("test_grantSupport_moreThan64InOneFederation_succeeds", async () => {
    // No dataset can stop them together, so only the federation's own limit holds.
    for (let i = 0; i < 70; i++) await grantSupport(await w.newContributor());
    expect(await w.seats.seatCount(FEDERATION)).to.equal(70n);
  });

  it("test_grantSupport_moreThan64OfOneContributor_reverts", async () => {
    for (let federation = 1; federation <= 64; federation++) await grantSupport(contributor, federation);
    await refused(w.seats.grantSupport(65, contributor), "SeatsFull", 64);
  });

  it("test_renew_supportSeat_reverts", async () => {
    await grantSupport();
    await refused(w.seats.renew(FEDERATION, 0, 0), "SeatsSupportSeat", FEDERATION, 0);
    await refused(w.seats.renew(FEDERATION, 0, 1000), "SeatsSupportSeat", FEDERATION, 0);
  });

  it("test_revoke_supportSeat_forEverAndLeavesTheOthers_succeeds", async () => {
    const other = await w.newContributor();
    const dataset = await w.approvedDataset();
    const [support, data] = [await grantSupport(), await w.grantSeat(contributor, dataset)];
    await grantSupport(other);
    await expect(w.seats.revoke(FEDERATION, support)).to.emit(w.seats, "SeatRevoked").withArgs(FEDERATION, support, 0);
    // It was never in a seal: no seal is sent back for it.
    expect(await w.seats.consentEpoch(FEDERATION)).to.equal(0n);
    await refused(w.seats.revoke(FEDERATION, support), "SeatsRevoked", FEDERATION, support);
    await refused(w.seats.renew(FEDERATION, support, 0), "SeatsRevoked", FEDERATION, support);
    // The lists of contributor and dataset are whole: a stop still reaches what is left.
    await w.contributors.suspend(contributor);
    expect((await w.laneOf(data)).status).to.equal(Lane.Granted | Lane.ContributorSuspended);
    expect((await w.laneOf(support)).status).to.equal(Lane.Granted | Lane.Support | Lane.Revoked);
  });

  it("test_suspend_supportSeat_stopsAndResumesWithoutAnEpoch_succeeds", async () => {
    await grantSupport();
    await expect(w.contributors.suspend(contributor)).to.emit(w.seats, "SeatStatusChanged").withArgs(FEDERATION, 0, Lane.Granted | Lane.Support | Lane.ContributorSuspended);
    await w.contributors.reinstate(contributor);
    expect((await w.laneOf(0)).status).to.equal(Lane.Granted | Lane.Support);
    expect(await w.seats.consentEpoch(FEDERATION)).to.equal(0n);
  });

  it("test_charge_supportSeat_isDroppedAndTheRestGoesOn_succeeds", async () => {
    const dataset = await w.approvedDataset();
    const [data, support] = [await w.grantSeat(contributor, dataset), await grantSupport()];
    const next = await w.grantSeat(await w.newContributor(), dataset);
    expect(await w.weighed([data, support, next])).to.deep.equal([250, 0, 250]);
    for (const rho of [0n, RHO]) expect(await reasonsOf([data, support, next], rho)).to.deep.equal([[BigInt(support), Drop.SupportSeat]]);
    expect((await w.laneOf(support)).lastRound).to.equal(0n);
    expect(await w.seats.isCharged(FEDERATION, support, 1)).to.equal(false);
    expect((await w.laneOf(data)).remaining).to.equal(1000n - RHO);
  });

  it("test_charge_supportSeatWithOtherReasons_reportsTheFirst_succeeds", async () => {
    const support = await grantSupport();
    const eligibility = async () => await w.seats.eligibility(FEDERATION, 1, support, RHO);
    expect(await eligibility()).to.equal(Drop.SupportSeat);
    await w.contributors.suspend(contributor);
    expect(await eligibility()).to.equal(Drop.ContributorSuspended);
    await w.seats.revoke(FEDERATION, support);
    expect(await eligibility()).to.equal(Drop.Revoked);
    const result = await w.ledger.charge.staticCall(FEDERATION, 1, column([support]), RHO, 1n);
    expect(unpackWeights(result.weights)).to.deep.equal([0]);
  });
});
