import { expect } from "chai";
import { ethers as E } from "ethers";

import { toHex, type Hex } from "../../../protocol/bytes.ts";
import { COLUMN, encodeDemand } from "../../../protocol/faults/demand.ts";
import { createRandom } from "../../protocol/support/random.ts";
import type { Driver } from "../rounds/driver.ts";
import { refused } from "../rounds/refused.ts";
import { CONFIG, Fault, mined, must, State, VoidReason } from "../rounds/world.ts";
import {
  answerOf, keyOf, MODEL, openDemands, openReported, PLAIN_OPEN, reportAgain, reportRound, SIGNATURES, TRACE, UPDATE, WINDOW,
  type Reported, type Wanted,
} from "./demand-driver.ts";

const Mode = { Honest: 0, Refusing: 1, GasBurner: 2, Reentrant: 3 };

/** Where a bond goes: in every state that a round can end in, and whoever is paid. */
describe("Demands: bonds", () => {
  let d: Driver;
  let x: Awaited<ReturnType<typeof openDemands>>;
  let r: Reported;
  beforeEach(async () => {
    ({ d, x, r } = await openReported());
  });

  const until = async (wanted: Wanted, of = r) => (await x.demands.demandOf(x.idOf(of, wanted))).deadline;
  const isPaidBack = async (wanted: Wanted, of = r, deposit = x.bondOf(wanted)) => {
    const { outsider, ethers } = d.kernel;
    const call = x.refund(of, wanted);
    await expect(call).to.emit(x.demands, "DepositReturned").withArgs(x.idOf(of, wanted), outsider.address, deposit);
    await expect(call).to.changeEtherBalances(ethers, [x.demands, outsider], [-deposit, deposit]);
    expect(await x.isOpen(of, wanted)).to.equal(false);
  };
  const lasts = async (wanted: Wanted, of = r) => await refused(x.refund(of, wanted), x.demands, "DemandsAttemptLasts", 1, of.round, of.report.attempt);
  const hostile = async () => await d.kernel.ethers.deployContract("MockHostile");
  type Hostile = Awaited<ReturnType<typeof hostile>>;

  /** A contract demands. */
  const demandBy = async (who: Hostile, wanted: Wanted, value = x.bondOf(wanted)) => {
    const data = x.demands.interface.encodeFunctionData("demand", [1, r.round, x.inputOf(wanted), toHex(encodeDemand(r.opened, wanted.kind))]);
    await mined(who.call(x.demands, data, { value }));
  };
  const answerData = (wanted: Wanted) => {
    const { federation, round, attempt, depth, first, count } = keyOf(r, wanted);
    return x.demands.interface.encodeFunctionData("answer", [federation, round, attempt, depth, first, count, answerOf(r, wanted)]) as Hex;
  };
  const refundData = (wanted: Wanted) => x.demands.interface.encodeFunctionData("refund", [keyOf(r, wanted)]) as Hex;
  const expireData = (wanted: Wanted) => x.demands.interface.encodeFunctionData("expire", [keyOf(r, wanted), r.report]) as Hex;

  // --- how much ---

  it("test_demand_beyondPlainOpen_depositDoubles_succeeds", async () => {
    const want = (first: number): Wanted => ({ ...MODEL, first });
    const bond = x.bondOf(MODEL);
    for (let i = 0; i < PLAIN_OPEN; ++i) await mined(x.demand(r, want(i)));
    for (const [i, doublings] of [1n, 2n, 3n].entries()) {
      const refusedWith = async (sent: bigint) => await refused(x.demand(r, want(PLAIN_OPEN + i), sent), x.demands, "DemandsBadDeposit", sent, bond, doublings);
      for (let less = 0n; less < doublings; ++less) await refusedWith(bond << less);
      await refusedWith((bond << doublings) + 1n);
      await mined(x.demand(r, want(PLAIN_OPEN + i), bond << doublings));
      expect((await x.demands.demandOf(x.idOf(r, want(PLAIN_OPEN + i)))).doublings).to.equal(doublings);
    }
    expect(await x.balance()).to.equal(bond * 18n);
    // Each answer halves what the next one has to deposit.
    for (const first of [1, 5]) await mined(x.answer(r, want(first)));
    await refused(x.demand(r, want(1), bond), x.demands, "DemandsBadDeposit", bond, bond, 2);
    for (const first of [2, 3]) await mined(x.answer(r, want(first)));
    await mined(x.demand(r, want(1), bond));
  });

  it("test_demand_moreThanNeeded_leavesRoomForOthers_succeeds", async () => {
    // Who comes in between cannot make a demand fail that left room for it.
    const bond = x.bondOf(MODEL);
    await mined(x.demand(r, MODEL, bond << 3n));
    expect((await x.demands.demandOf(x.idOf(r, MODEL))).doublings).to.equal(3n);
    await mined(x.answer(r, MODEL));
    expect([await x.demands.creditOf(d.kernel.outsider), await x.balance()]).to.deep.equal([bond * 7n, bond * 7n]);
  });

  it("test_demand_jam_takesAsMuchMoneyAsTheWatcherHas_succeeds", async () => {
    // Liars open demands that they will answer themselves, to leave no room for those that they could not.
    const { council, outsider } = d.kernel;
    const purse = 100n * x.bondOf(MODEL);
    const filler = (i: number): Wanted => ({ ...UPDATE, entry: i >> 2, first: i & 3, count: 1 });
    let [spent, next, i] = [0n, x.bondOf(MODEL), 0];
    for (; next <= purse; ++i) {
      const deposit = i < PLAIN_OPEN ? next : x.bondOf(MODEL) << BigInt(i - PLAIN_OPEN + 1);
      await mined(x.demand(r, filler(i), deposit, undefined, council));
      spent += deposit;
      next = i + 1 < PLAIN_OPEN ? next : x.bondOf(MODEL) << BigInt(i + 1 - PLAIN_OPEN + 1);
    }
    expect(spent >= purse).to.equal(true);
    // And whoever has that data closes a demand for its bond: the next deposit is halved, and within the purse.
    const { federation, round, attempt, depth, first, count } = keyOf(r, filler(0));
    const call = x.demands.connect(outsider).answer(federation, round, attempt, depth, first, count, answerOf(r, filler(0)));
    await expect(call).to.changeEtherBalance(d.kernel.ethers, outsider, x.bondOf(filler(0)));
    await mined(x.demand(r, MODEL, next / 2n));
  });

  it("test_demand_everyHoldCounts_succeeds", async () => {
    await d.finalise(1);
    const config = { ...CONFIG, finality: 2, approvalWindow: 100 };
    await d.kernel.rounds.reconfigure(1, config);
    r = await reportRound(d, { config });
    await mined(x.demand(r, MODEL));
    await mined(x.demand(r, UPDATE));
    await refused(x.demand(r, TRACE), x.demands, "DemandsBadDeposit", x.bondOf(TRACE), x.bondOf(TRACE), 1);
  });

  it("test_demand_twoHundredHolds_reverts", async () => {
    const { rounds, council } = d.kernel;
    const many = await openDemands(d, { plainOpen: 200, window: 10 });
    await rounds.changeJudge(council, true);
    for (let i = 0; i < 199; ++i) await rounds.connect(council).hold(1, 1, { gasLimit: 100_000 });
    await mined(many.demand(r, MODEL));
    await refused(many.demand(r, UPDATE), many.demands, "DemandsTooManyHolds", 200, 200);
  });

  it("test_answer_excessReturnsToDemander_succeeds", async () => {
    const { ethers, outsider, council } = d.kernel;
    const bond = x.bondOf(MODEL);
    await mined(x.demand(r, MODEL, bond << 4n));
    await mined(x.demand(r, UPDATE, x.bondOf(UPDATE) << 1n));
    // The answerer gets the bond and no more; the rest waits for the demander.
    await expect(x.answer(r, MODEL)).to.changeEtherBalances(ethers, [x.demands, council, outsider], [-bond, bond, 0n]);
    await mined(x.answer(r, UPDATE));
    const credit = bond * 15n + x.bondOf(UPDATE);
    expect(await x.demands.creditOf(outsider)).to.equal(credit);
    const call = x.demands.connect(council).collect(outsider);
    await expect(call).to.changeEtherBalances(ethers, [x.demands, outsider], [-credit, credit]);
    await expect(call).to.emit(x.demands, "CreditCollected").withArgs(outsider.address, credit);
    await refused(x.demands.collect(outsider), x.demands, "DemandsNothingToCollect", outsider.address);
    await refused(x.demands.collect(council), x.demands, "DemandsNothingToCollect", council.address);
    expect(await x.balance()).to.equal(0n);
  });

  // --- refunds: every way in which an attempt ends ---

  it("test_refund_whileTheAttemptLasts_reverts", async () => {
    await mined(x.demand(r, MODEL));
    await lasts(MODEL);
    await d.untilDeadline(1);
    await lasts(MODEL);
  });

  it("test_refund_neverDemandedOrTwice_reverts", async () => {
    await mined(x.demand(r, MODEL));
    await mined(x.demand(r, UPDATE));
    await d.overturn(1);
    await refused(x.refund(r, TRACE), x.demands, "DemandsNotOpen", x.idOf(r, TRACE));
    await isPaidBack(MODEL);
    await refused(x.refund(r, MODEL), x.demands, "DemandsNotOpen", x.idOf(r, MODEL));
    expect(await x.balance()).to.equal(x.bondOf(UPDATE));
  });

  it("test_refund_reportOverturnedByAProof_succeeds", async () => {
    for (const wanted of [MODEL, UPDATE, SIGNATURES]) await mined(x.demand(r, wanted));
    await mined(x.demand(r, TRACE, x.bondOf(TRACE) << 5n));
    await d.overturn(1);
    await isPaidBack(MODEL);
    await isPaidBack(TRACE, r, x.bondOf(TRACE) << 5n);
    // Reported again, the old attempt is as over as before.
    const again = await reportAgain(d, r);
    await mined(x.demand(again, UPDATE));
    await isPaidBack(UPDATE);
    await lasts(UPDATE, again);
    await isPaidBack(SIGNATURES);
  });

  it("test_refund_sealOverturned_succeeds", async () => {
    await mined(x.demand(r, MODEL));
    await d.overturn(1, Fault.Seal);
    expect(await d.state(1)).to.equal(State.Open);
    await isPaidBack(MODEL);
  });

  it("test_refund_voidBecauseNobodyExpiredIt_succeeds", async () => {
    await mined(x.demand(r, MODEL));
    await d.at((await d.round(1)).deadline + BigInt(CONFIG.reportWindow));
    await expect(d.kernel.rounds.void(1, 1)).to.emit(d.kernel.rounds, "RoundVoided").withArgs(1, 1, VoidReason.NeverReleased);
    await isPaidBack(MODEL);
  });

  it("test_refund_voidAfterTooManyFaults_succeeds", async () => {
    await d.finalise(1);
    const config = { ...CONFIG, maxAttempts: 1 };
    await d.kernel.rounds.reconfigure(1, config);
    r = await reportRound(d, { config });
    await mined(x.demand(r, MODEL));
    await d.overturn(2);
    expect(await d.state(2)).to.equal(State.Void);
    await isPaidBack(MODEL);
  });

  it("test_refund_staleRoundOnceItIsVoid_succeeds", async () => {
    // What stands on a replaced round can be demanded and answered, but convicts nobody.
    const child = await reportRound(d);
    await mined(x.demand(child, MODEL));
    await d.overturn(1);
    await mined(x.demand(child, UPDATE));
    await mined(x.answer(child, UPDATE));
    await d.at(await until(MODEL, child));
    await refused(x.expire(child, MODEL), d.kernel.rounds, "RoundsStale", 1, 2);
    await lasts(MODEL, child);
    await mined(d.kernel.rounds.void(1, 2));
    await isPaidBack(MODEL, child);
    expect(await x.balance()).to.equal(0n);
  });

  it("test_refund_finalBecauseAnotherJudgeReleased_succeeds", async () => {
    // No honest judge releases what another holds; if one does, the bond is still not lost.
    const { rounds, council } = d.kernel;
    await mined(x.demand(r, MODEL));
    await rounds.changeJudge(council, true);
    await rounds.connect(council).release(1, 1, 0);
    await d.finalise(1);
    await refused(x.answer(r, MODEL), x.demands, "DemandsDeadlinePassed");
    await isPaidBack(MODEL);
  });

  it("test_refund_dismissedAsJudge_succeeds", async () => {
    const { rounds } = d.kernel;
    await mined(x.demand(r, MODEL));
    await rounds.changeJudge(x.demands, false);
    await refused(x.answer(r, MODEL), rounds, "RoundsNotJudge", x.demands.target);
    await d.at(await until(MODEL));
    await refused(x.expire(r, MODEL), rounds, "RoundsNotJudge", x.demands.target);
    await d.at((await d.round(1)).deadline + BigInt(CONFIG.reportWindow));
    await mined(rounds.void(1, 1));
    await isPaidBack(MODEL);
  });

  it("test_refund_idOfTheNextAttempt_isAnother_succeeds", async () => {
    await mined(x.demand(r, MODEL));
    await d.overturn(1);
    const again = await reportAgain(d, r);
    await mined(x.demand(again, MODEL));
    expect(keyOf(again, MODEL)).to.deep.equal({ ...keyOf(r, MODEL), attempt: 1 });
    await lasts(MODEL, again);
    await isPaidBack(MODEL);
    expect(await x.isOpen(again, MODEL)).to.equal(true);
    await d.at(await until(MODEL, again));
    await mined(x.expire(again, MODEL));
    expect(await x.balance()).to.equal(0n);
  });

  // --- who is paid ---

  it("test_answer_byWhoRefusesMoney_hurtsOnlyItself_reverts", async () => {
    const bad = await hostile();
    await mined(x.demand(r, MODEL));
    for (const mode of [Mode.Refusing, Mode.GasBurner]) {
      await bad.setMode(mode, E.ZeroAddress, "0x");
      await refused(bad.call(x.demands, answerData(MODEL), { gasLimit: 1_000_000 }), x.demands, "DemandsPaymentRefused", bad.target);
    }
    await mined(x.answer(r, MODEL));
  });

  it("test_answer_reentrant_isPaidOnce_succeeds", async () => {
    const bad = await hostile();
    for (const [wanted, other, reentry, error] of [
      [MODEL, UPDATE, answerData(MODEL), "DemandsNotOpen"],
      [{ ...MODEL, first: 2 }, UPDATE, refundData(UPDATE), "DemandsAttemptLasts"],
      [{ ...MODEL, first: 3 }, UPDATE, expireData(UPDATE), "DemandsStillOpen"],
    ] as const) {
      await mined(x.demand(r, wanted));
      if (!(await x.isOpen(r, other))) await mined(x.demand(r, other));
      await bad.setMode(Mode.Reentrant, x.demands, reentry);
      await expect(bad.call(x.demands, answerData(wanted))).to.changeEtherBalance(d.kernel.ethers, bad, x.bondOf(wanted));
      expect(x.demands.interface.parseError(await bad.answer())?.name).to.equal(error);
      expect(await x.balance()).to.equal(x.bondOf(UPDATE));
    }
    expect(await x.holds(1)).to.equal(1);
  });

  it("test_expire_demanderRefusesItsBond_reportFallsAllTheSame_succeeds", async () => {
    const [refusing, burner] = [await hostile(), await hostile()];
    await demandBy(refusing, MODEL);
    await refusing.setMode(Mode.Refusing, E.ZeroAddress, "0x");
    await d.at(await until(MODEL));
    await expect(x.expire(r, MODEL)).not.to.emit(x.demands, "DepositReturned");
    expect([await d.state(1), await x.isOpen(r, MODEL), await x.balance()]).to.deep.equal([State.Sealed, true, x.bondOf(MODEL)]);
    await refused(x.refund(r, MODEL), x.demands, "DemandsPaymentRefused", refusing.target);
    await refusing.setMode(Mode.Honest, E.ZeroAddress, "0x");
    await expect(x.refund(r, MODEL)).to.changeEtherBalance(d.kernel.ethers, refusing, x.bondOf(MODEL));

    r = await reportAgain(d, r);
    await demandBy(burner, MODEL);
    await burner.setMode(Mode.GasBurner, E.ZeroAddress, "0x");
    await d.at(await until(MODEL));
    const { gasUsed } = await mined(x.expire(r, MODEL));
    expect(Number(gasUsed)).to.be.below(500_000);
    expect((await d.round(1)).attempt).to.equal(2n);
    await burner.setMode(Mode.Honest, E.ZeroAddress, "0x");
    await expect(x.refund(r, MODEL)).to.changeEtherBalance(d.kernel.ethers, burner, x.bondOf(MODEL));
    expect(await x.balance()).to.equal(0n);
  });

  it("test_expire_demanderReenters_isPaidOnce_succeeds", async () => {
    // With the gas that it gets it may try; its demand is closed before it is paid.
    const bad = await hostile();
    await demandBy(bad, MODEL);
    await mined(x.demand(r, UPDATE));
    await bad.setMode(Mode.Reentrant, x.demands, refundData(MODEL));
    await d.at(await until(UPDATE));
    await mined(x.expire(r, MODEL));
    if (await x.isOpen(r, MODEL)) await mined(x.refund(r, MODEL));
    expect(await d.kernel.ethers.provider.getBalance(bad)).to.equal(x.bondOf(MODEL));
    expect(await x.balance()).to.equal(x.bondOf(UPDATE));
  });

  it("test_expire_depositComesBackWhole_succeeds", async () => {
    const { ethers, outsider, council } = d.kernel;
    const deposit = x.bondOf(MODEL) << 3n;
    await mined(x.demand(r, MODEL, deposit));
    const bad = await hostile();
    await demandBy(bad, UPDATE, x.bondOf(UPDATE) << 2n);
    await d.at(await until(UPDATE));
    await expect(x.expire(r, MODEL)).to.changeEtherBalances(ethers, [x.demands, outsider, council], [-deposit, deposit, 0n]);
    r = await reportAgain(d, r);
    await demandBy(bad, MODEL, deposit);
    await bad.setMode(Mode.Refusing, E.ZeroAddress, "0x");
    await d.at(await until(MODEL));
    await mined(x.expire(r, MODEL));
    expect((await x.demands.demandOf(x.idOf(r, MODEL))).doublings).to.equal(3n);
    await bad.setMode(Mode.Honest, E.ZeroAddress, "0x");
    await expect(x.refund(r, MODEL)).to.changeEtherBalance(ethers, bad, deposit);
    expect(await x.balance()).to.equal(x.bondOf(UPDATE) << 2n);
  });

  it("test_collect_demanderReenters_isPaidOnce_succeeds", async () => {
    const bad = await hostile();
    await demandBy(bad, MODEL, x.bondOf(MODEL) << 1n);
    await mined(x.demand(r, UPDATE));
    await mined(x.answer(r, MODEL));
    await bad.setMode(Mode.Refusing, E.ZeroAddress, "0x");
    await refused(x.demands.collect(bad), x.demands, "DemandsPaymentRefused", bad.target);
    await bad.setMode(Mode.Reentrant, x.demands, x.demands.interface.encodeFunctionData("collect", [bad.target]));
    await mined(x.demands.collect(bad));
    expect(x.demands.interface.parseError(await bad.answer())?.name).to.equal("DemandsNothingToCollect");
    expect([await d.kernel.ethers.provider.getBalance(bad), await x.balance()]).to.deep.equal([x.bondOf(MODEL), x.bondOf(UPDATE)]);
  });

  it("test_refund_demanderReenters_isPaidOnce_succeeds", async () => {
    const bad = await hostile();
    await demandBy(bad, MODEL);
    await mined(x.demand(r, UPDATE));
    await bad.setMode(Mode.Reentrant, x.demands, refundData(MODEL));
    await d.overturn(1);
    await mined(x.refund(r, MODEL));
    expect(x.demands.interface.parseError(await bad.answer())?.name).to.equal("DemandsNotOpen");
    expect([await bad.reentries(), await d.kernel.ethers.provider.getBalance(bad), await x.balance()]).to.deep.equal([1n, x.bondOf(MODEL), x.bondOf(UPDATE)]);
  });

  // --- all of it at random ---

  it("test_walk_bondsAndHoldsAlwaysAddUp_succeeds", async () => {
    const random = createRandom(41);
    const below = (limit: number) => Math.floor(random() * limit);
    const { rounds } = d.kernel;
    const norms: Wanted = { kind: "norms", entry: 0, ...COLUMN };
    const choices: Wanted[] = [MODEL, { ...MODEL, first: 0, count: 8 }, UPDATE, { ...UPDATE, entry: 0 }, TRACE, SIGNATURES, norms];
    const made: { of: Reported; wanted: Wanted; deposit: bigint }[] = [];
    const done = { demand: 0, answer: 0, expire: 0, refund: 0 };
    for (let step = 0; step < 250; ++step) {
      const [pick, wanted, action] = [made[below(made.length)], must(choices[below(choices.length)]), below(12)];
      try {
        if (action < 4) {
          const deposit = x.bondOf(wanted) << BigInt(below(3));
          await mined(x.demand(r, wanted, deposit));
          made.push({ of: r, wanted, deposit });
          done.demand++;
        } else if (action < 9 && pick) {
          const close = (["answer", "answer", "expire", "expire", "refund"] as const)[action - 4] ?? "refund";
          await mined(x[close](pick.of, pick.wanted));
          done[close]++;
        } else if (action === 9 && below(3) === 0) await d.overturn(r.round);
        else if (action === 10) await d.kernel.helpers.time.increase(below(WINDOW));
        else if (action === 11) await mined(rounds.finalise(1, r.round));
      } catch (error) {
        expect((error as Error).message).to.match(/reverted with custom error/);
      }
      const state = await d.state(r.round);
      if (state === State.Sealed) r = await reportAgain(d, r);
      else if (state === State.Final || state === State.Void) r = await reportRound(d);

      const open = [];
      for (const each of made) if (await x.isOpen(each.of, each.wanted)) open.push(each);
      made.splice(0, made.length, ...open);
      const credit = await x.demands.creditOf(d.kernel.outsider);
      const deposits = open.reduce((sum, each) => sum + each.deposit, 0n);
      const holding = open.filter(({ of }) => of.round === r.round && of.report.attempt === r.report.attempt);
      expect([await x.balance(), await x.holds(r.round)]).to.deep.equal([deposits + credit, holding.length]);
    }
    expect(Math.min(done.demand, 5 * done.answer, 10 * done.expire, 10 * done.refund), JSON.stringify(done)).to.be.at.least(20);
    await d.overturn(r.round);
    for (const { of, wanted, deposit } of made) await isPaidBack(wanted, of, deposit);
    await mined(x.demands.collect(d.kernel.outsider));
    expect(await x.balance()).to.equal(0n);
  });
});
