import { expect } from "chai";
import { ethers as E } from "ethers";

import { fresh, type Driver } from "../rounds/driver.ts";
import { refused } from "../rounds/refused.ts";
import { ARTEFACT, CONFIG, DAY, Fault, FREEZE, mined, MODEL_ROOT, must, SEATS, State, UNBONDING, VoidReason } from "../rounds/world.ts";

const REASON = E.id("a poisoned model");

describe("Freezes: the council stops a federation for a limited time", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
  });

  const freezes = () => d.kernel.freezes.connect(d.kernel.council);
  const freeze = async (federation = 1): Promise<bigint> => {
    await mined(freezes().freeze(federation, REASON));
    return await d.kernel.freezes.frozenUntil(federation);
  };

  // --- who, how long, how often ---

  it("test_freeze_council_succeeds", async () => {
    const { rounds, council } = d.kernel;
    const at = BigInt(await d.now()) + 10n;
    await d.at(at);
    await expect(d.kernel.freezes.connect(council).freeze(1, REASON))
      .to.emit(d.kernel.freezes, "FreezeDecided").withArgs(1, REASON, at + BigInt(FREEZE))
      .and.to.emit(rounds, "FederationFrozen").withArgs(1, at + BigInt(FREEZE));
    expect(await rounds.frozenUntil(1)).to.equal(at + BigInt(FREEZE));
    expect(await d.kernel.freezes.frozenUntil(1)).to.equal(at + BigInt(FREEZE));
    expect(await d.kernel.freezes.nextFreeze(1)).to.equal(at + BigInt(FREEZE + UNBONDING));
    // The other federation goes on.
    expect(await rounds.frozenUntil(2)).to.equal(0n);
    expect(await d.kernel.freezes.nextFreeze(2)).to.equal(0n);
    await d.seal(undefined, 2);
  });

  it("test_freeze_notTheCouncil_reverts", async () => {
    const { freezes: contract, deployer, outsider, officers, council, datasets } = d.kernel;
    for (const caller of [deployer, outsider, must(officers[0])]) await refused(contract.connect(caller).freeze(1, REASON), contract, "FreezesNotCouncil", caller.address);
    // Who was the council is it no more.
    await datasets.changeCouncil(outsider);
    await refused(freezes().freeze(1, REASON), contract, "FreezesNotCouncil", council.address);
    await mined(contract.connect(outsider).freeze(1, REASON));
  });

  it("test_freeze_withoutReason_reverts", async () => {
    await refused(freezes().freeze(1, E.ZeroHash), d.kernel.freezes, "FreezesNoReason");
  });

  it("test_freeze_unknownFederation_reverts", async () => {
    await refused(freezes().freeze(9, REASON), d.kernel.rounds, "RoundsUnknownFederation", 9);
  });

  it("test_freeze_againInTheRest_reverts", async () => {
    const until = await freeze();
    const next = until + BigInt(UNBONDING);
    await refused(freezes().freeze(1, REASON), d.kernel.freezes, "FreezesResting", 1, next);
    await d.at(next - 1n);
    await refused(freezes().freeze(1, REASON), d.kernel.freezes, "FreezesResting", 1, next);
    await d.at(next);
    await mined(freezes().freeze(1, REASON));
  });

  it("test_freeze_again_hostileCouncilLiftsAndFreezes_reverts", async () => {
    // Lifting does not give the freeze back: the rest begins then.
    await freeze();
    const at = BigInt(await d.now()) + 60n;
    await d.at(at);
    await mined(freezes().lift(1));
    await refused(freezes().freeze(1, REASON), d.kernel.freezes, "FreezesResting", 1, at + BigInt(UNBONDING));
  });

  it("test_lift_councilOrGovernance_succeeds", async () => {
    const { freezes: contract, deployer, council, outsider, rounds } = d.kernel;
    for (const [federation, caller] of [[1, council], [2, deployer]] as const) {
      await freeze(federation);
      await refused(contract.connect(outsider).lift(federation), contract, "FreezesNotCouncilOrGovernance", outsider.address);
      const at = BigInt(await d.now()) + 10n;
      await d.at(at);
      await expect(contract.connect(caller).lift(federation)).to.emit(contract, "FreezeLifted").withArgs(federation, caller.address);
      expect(await rounds.frozenUntil(federation)).to.equal(at);
      await d.seal(undefined, federation);
    }
  });

  it("test_lift_notFrozen_reverts", async () => {
    const { freezes: contract } = d.kernel;
    await refused(freezes().lift(1), contract, "FreezesNotFrozen", 1);
    const until = await freeze();
    await d.at(until);
    await refused(freezes().lift(1), contract, "FreezesNotFrozen", 1);
  });

  it("test_constructor_periodBeyondHalfTheRest_reverts", async () => {
    const { ethers, deployer, rounds, datasets, operators, freezes: contract } = d.kernel;
    const deploy = (period: number) => ethers.deployContract("Freezes", [deployer, rounds, datasets, operators, period]);
    for (const period of [0, UNBONDING / 2 + 1]) await refused(deploy(period), contract, "FreezesBadPeriod", period, UNBONDING / 2);
    expect(await (await deploy(UNBONDING / 2)).freezePeriod()).to.equal(BigInt(UNBONDING / 2));
  });

  it("test_roundsFreeze_notAJudge_reverts", async () => {
    const { rounds, council, deployer } = d.kernel;
    for (const caller of [council, deployer]) await refused(rounds.connect(caller).freeze(1, 2n ** 39n), rounds, "RoundsNotJudge", caller.address);
  });

  // --- what it stops ---

  it("test_seal_frozen_reverts_andChargesNothing", async () => {
    const { rounds, seats } = d.kernel;
    const until = await freeze();
    const before = await seats.laneOf(1, SEATS.budgeted[0]);
    const open = await d.openRound();
    const prepared = d.prepareSeal(open, d.entries([0, 1, 2], open));
    await d.at(until - 1n);
    await refused(d.sendSeal(prepared), rounds, "RoundsFrozen", until);
    expect(await seats.laneOf(1, SEATS.budgeted[0])).to.deep.equal(before);
    // Whoever was ignored has a whole force window again; then the same signatures serve.
    const { forceUntil } = await d.head();
    expect(forceUntil).to.equal(until + BigInt(CONFIG.forceWindow));
    await d.at(forceUntil - 1n);
    await refused(d.sendSeal(prepared), rounds, "RoundsForceWindowOpen", forceUntil);
    await d.at(forceUntil);
    await mined(d.sendSeal(prepared));
  });

  it("test_report_frozen_reverts_andGoesOnAfterwards", async () => {
    const { rounds } = d.kernel;
    const { round } = await d.seal();
    const { deadline } = await d.round(round);
    const until = await freeze();
    const prepared = await d.prepareReport();
    await refused(d.sendReport(prepared), rounds, "RoundsFrozen", until);
    // Its window would be over: nobody can void it, nobody is slashed.
    await d.at(until - 1n);
    await refused(rounds.void(1, round), rounds, "RoundsNotVoidable", 1, round);
    expect(await rounds.deadlineOf(1, round)).to.equal(until + BigInt(CONFIG.reportWindow));
    expect((await d.round(round)).deadline).to.equal(deadline);
    await d.at(until + BigInt(CONFIG.reportWindow) - 1n);
    await mined(d.sendReport(prepared));
    expect(await d.state(round)).to.equal(State.Reported);
  });

  it("test_void_sealedRound_aWindowAfterTheFreeze_succeeds", async () => {
    const { rounds } = d.kernel;
    await d.seal();
    const until = await freeze();
    await d.at(until + BigInt(CONFIG.reportWindow));
    await expect(rounds.void(1, 1)).to.emit(rounds, "RoundVoided").withArgs(1, 1, VoidReason.ReportTimeout);
  });

  it("test_finalise_frozen_reverts_andAWindowLaterSucceeds", async () => {
    const { rounds } = d.kernel;
    await d.runRound();
    const { deadline } = await d.round(1);
    // Even when its own window is over, as long as nobody made it final.
    await d.at(deadline + 1n);
    const until = await freeze();
    const anew = until + BigInt(CONFIG.challengeWindow);
    await refused(rounds.finalise(1, 1), rounds, "RoundsWindowOpen", anew);
    await d.at(anew - 1n);
    await refused(rounds.finalise(1, 1), rounds, "RoundsWindowOpen", anew);
    await d.at(anew);
    await mined(rounds.finalise(1, 1));
    // What others date by it (payees, voices) is as it was reported.
    expect((await d.round(1)).deadline).to.equal(deadline);
  });

  it("test_seal_finalParentByTheWay_onlyAWindowAfterTheFreeze", async () => {
    await d.runRound();
    const until = await freeze();
    const open = await d.openRound();
    const prepared = d.prepareSeal(open, d.entries([0, 1, 2], open));
    const early = await d.kernel.helpers.takeSnapshot();
    await d.at(until + BigInt(CONFIG.challengeWindow) - 1n);
    await mined(d.sendSeal(prepared));
    expect(await d.state(1)).to.equal(State.Reported);
    await early.restore();
    await d.at(until + BigInt(CONFIG.challengeWindow));
    await mined(d.sendSeal(prepared));
    expect(await d.state(1)).to.equal(State.Final);
  });

  it("test_hold_lateVoid_aWholeWindowAfterTheFreeze", async () => {
    const { rounds, council } = d.kernel;
    await rounds.changeJudge(council, true);
    await d.runRound();
    await mined(rounds.connect(council).hold(1, 1));
    const until = await freeze();
    const late = until + BigInt(CONFIG.challengeWindow + CONFIG.reportWindow);
    await d.at(late - 1n);
    await refused(rounds.void(1, 1), rounds, "RoundsNotVoidable", 1, 1);
    await d.at(late);
    await expect(rounds.void(1, 1)).to.emit(rounds, "RoundVoided").withArgs(1, 1, VoidReason.NeverReleased);
  });

  // --- what goes on ---

  it("test_overturn_frozen_succeeds_andIsRedoneAfterwards", async () => {
    await d.runRound();
    const until = await freeze();
    await d.overturn(1, Fault.Report, 1, until - 2n);
    expect(await d.state(1)).to.equal(State.Sealed);
    await refused(d.sendReport(await d.prepareReport()), d.kernel.rounds, "RoundsFrozen", until);
    await d.at(until + BigInt(CONFIG.reportWindow) - 1n);
    await d.report();
    await d.finalise(1);
  });

  it("test_overturn_sealFaultInAFreeze_leavesWholeWindows", async () => {
    const { rounds } = d.kernel;
    const { entries } = await d.seal();
    const until = await freeze();
    await d.overturn(1, Fault.Seal, 1, until - 2n);
    expect(await d.state(1)).to.equal(State.Open);
    expect((await d.head()).forceUntil).to.equal(until + BigInt(CONFIG.forceWindow));
    const deadline = until + BigInt(CONFIG.forceWindow + CONFIG.reportWindow);
    expect(await rounds.deadlineOf(1, 1)).to.equal(deadline);
    await d.at(deadline - 1n);
    await refused(rounds.void(1, 1), rounds, "RoundsNotVoidable", 1, 1);
    await d.sealEntries(entries);
  });

  it("test_reopen_consentWithdrawnInAFreeze_succeeds", async () => {
    const { rounds } = d.kernel;
    await d.seal([0, 1, 2, SEATS.other]);
    const until = await freeze();
    await d.withdrawConsent();
    await mined(rounds.reopen(1));
    expect(await d.state(1)).to.equal(State.Open);
    // Without a force window of its own: sealed again as soon as the freeze is over, and no later than a window after it.
    await d.at(until - 1n);
    const open = await d.openRound();
    const prepared = d.prepareSeal(open, d.entries([0, 1, 2], open));
    await refused(d.sendSeal(prepared), rounds, "RoundsFrozen", until);
    await d.at(until);
    await mined(d.sendSeal(prepared));
  });

  it("test_forceInclude_frozen_succeeds", async () => {
    const until = await freeze();
    await d.at(until - 1n);
    await d.force(2);
    expect((await d.head()).forced).to.equal(1n);
  });

  it("test_freeze_afterALongPeace_hasNoEffectOnWhatComesLater", async () => {
    const until = await freeze();
    await d.kernel.helpers.time.increaseTo(until + BigInt(30 * DAY));
    await d.runRound();
    const { deadline } = await d.round(1);
    expect(await d.kernel.rounds.deadlineOf(1, 1)).to.equal(deadline);
    await d.at(deadline);
    await mined(d.kernel.rounds.finalise(1, 1));
  });

  it("test_createFederation_afterAFreezeOfAnother_isNotFrozen", async () => {
    await freeze();
    await d.kernel.rounds.createFederation(CONFIG, MODEL_ROOT, ARTEFACT);
    expect(await d.kernel.rounds.frozenUntil(3)).to.equal(0n);
  });
});
