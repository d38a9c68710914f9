import { expect } from "chai";

import { fresh, type Driver } from "./driver.ts";
import { refused } from "./refused.ts";
import { ALL_SEATS, Fault, mined, SEATS, State, VoidReason } from "./world.ts";

const SIX = [...SEATS.exempt, ...SEATS.budgeted];

describe("Rounds: finalise, reopen and void", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
  });

  const finalise = (round: number, federation = 1) => d.kernel.rounds.connect(d.kernel.outsider).finalise(federation, round);
  const reopen = (federation = 1) => d.kernel.rounds.connect(d.kernel.outsider).reopen(federation);
  const voids = (round: number, federation = 1) => d.kernel.rounds.connect(d.kernel.outsider).void(federation, round);
  const voided = async (round: number, reason: bigint) => {
    await expect(voids(round)).to.emit(d.kernel.rounds, "RoundVoided").withArgs(1, round, reason);
  };
  const states = async (...rounds: number[]) => await Promise.all(rounds.map(async (round) => await d.state(round)));

  // --- finalise ---

  it("test_finalise_atTheDeadline_succeeds", async () => {
    const { rounds } = d.kernel;
    await d.runRound();
    const { deadline, hash } = await d.round(1);
    await d.at(deadline - 1n);
    await refused(finalise(1), rounds, "RoundsWindowOpen", deadline);
    await d.at(deadline);
    await expect(finalise(1)).to.emit(rounds, "RoundFinalised").withArgs(1, 1, hash);
    expect(await d.state(1)).to.equal(State.Final);
    expect((await d.round(1)).hash).to.equal(hash);
    expect(await d.live()).to.equal(0n);
  });

  it("test_finalise_wrongState_reverts", async () => {
    const { rounds } = d.kernel;
    await refused(finalise(0), rounds, "RoundsWrongState", 1, 0, State.Final);
    await refused(finalise(1), rounds, "RoundsWrongState", 1, 1, State.None);
    await refused(finalise(1, 9), rounds, "RoundsUnknownFederation", 9);
    await d.seal();
    await refused(finalise(1), rounds, "RoundsWrongState", 1, 1, State.Sealed);
    await d.report();
    await d.finalise(1);
    await refused(finalise(1), rounds, "RoundsWrongState", 1, 1, State.Final);
  });

  it("test_finalise_childBeforeParent_reverts", async () => {
    // A child may be sealed and reported while its parent can still fail, and never becomes final before it.
    await d.runRound();
    await d.runRound();
    await d.untilDeadline(2);
    await refused(finalise(2), d.kernel.rounds, "RoundsParentNotFinal", 1);
    await mined(finalise(1));
    await mined(finalise(2));
    expect(await states(1, 2)).to.deep.equal([State.Final, State.Final]);
  });

  it("test_finalise_childOfReplacedParent_reverts", async () => {
    await d.runRound();
    await d.runRound();
    await d.overturn(1);
    await d.report();
    await d.finalise(1);
    expect(await d.state(1)).to.equal(State.Final);
    await d.untilDeadline(2);
    await refused(finalise(2), d.kernel.rounds, "RoundsParentNotFinal", 1);
    await voided(2, VoidReason.ParentReplaced);
  });

  it("test_finalise_fourRoundsPipelined_succeeds", async () => {
    for (let i = 0; i < 4; ++i) await d.runRound();
    expect(await d.live()).to.equal(8n);
    for (const round of [1, 2, 3, 4]) {
      const { parentRound } = await d.round(round);
      expect(parentRound).to.equal(BigInt(round - 1));
      await d.finalise(round);
    }
    expect(await d.live()).to.equal(0n);
  });

  // --- the next seal finalises its parent ---

  it("test_seal_parentIsDue_succeeds", async () => {
    const { rounds } = d.kernel;
    await d.runRound();
    await d.untilDeadline(1);
    const { hash } = await d.round(1);
    const { receipt } = await d.seal();
    const finalised = receipt.logs.flatMap((log) => rounds.interface.parseLog(log) ?? []).filter(({ name }) => name === "RoundFinalised");
    expect(finalised.map(({ args }) => [...args])).to.deep.equal([[1n, 1n, hash]]);
    expect(await states(1, 2)).to.deep.equal([State.Final, State.Sealed]);
    expect(await d.live()).to.equal(2n);
    await refused(finalise(1), rounds, "RoundsWrongState", 1, 1, State.Final);
  });

  it("test_seal_parentDueInOneSecond_succeeds", async () => {
    await d.runRound();
    await d.untilSealable();
    const open = await d.openRound();
    const sent = d.prepareSeal(open, d.entries(SIX, open));
    await d.at((await d.round(1)).deadline - 1n);
    await mined(d.sendSeal(sent));
    expect(await states(1, 2)).to.deep.equal([State.Reported, State.Sealed]);
    expect(await d.live()).to.equal(4n);
  });

  it("test_seal_grandparentNotFinal_succeeds", async () => {
    await d.runRound();
    await d.runRound();
    await d.untilDeadline(2);
    await d.seal();
    expect(await states(1, 2, 3)).to.deep.equal([State.Reported, State.Reported, State.Sealed]);
    expect(await d.live()).to.equal(6n);
  });

  it("test_seal_refusedSealFinalisesNothing_reverts", async () => {
    await d.runRound();
    await d.untilDeadline(1);
    const open = await d.openRound();
    await refused(d.sendSeal(d.prepareSeal(open, d.entries([0, 1], open))), d.kernel.rounds, "RoundsTooFewContributors", 2, 3);
    expect(await d.state(1)).to.equal(State.Reported);
  });

  it("test_seal_freedUnitsServeAtOnce_succeeds", async () => {
    // With bonds for one round only, the seal that ends it may take its place.
    const { operators, operatorKeys } = d.kernel;
    await operators.formEpoch(operatorKeys.map(({ address }) => address), 3, 2, 4);
    await d.runRound();
    await d.untilDeadline(1);
    await d.seal();
    expect(await d.live()).to.equal(2n);
  });

  // --- reopen ---

  it("test_reopen_consentChanged_succeeds", async () => {
    const { rounds, seats } = d.kernel;
    const { input, seal } = await d.seal(ALL_SEATS);
    const quorum = d.sealQuorum(seal);
    const budgets = async () => await Promise.all(ALL_SEATS.map(async (seat) => (await seats.laneOf(1, seat)).remaining));
    const charged = await budgets();
    await d.withdrawConsent();
    await expect(reopen()).to.emit(rounds, "RoundReopened").withArgs(1, 1, 0);
    expect(await d.live()).to.equal(0n);
    const round = await d.round(1);
    expect([round.state, round.attempt, round.deadline]).to.deep.equal([State.Open, 0n, BigInt((await d.now()) + 600)]);
    // The same signatures, of contributors and operators, serve again; nobody pays twice, and who withdrew is out.
    await mined(rounds.seal(1, input, quorum));
    expect(await budgets()).to.deep.equal(charged);
    const again = await d.round(1);
    expect([again.state, again.accepted, again.consentEpoch]).to.deep.equal([State.Sealed, 7n, 1n]);
    expect(await d.live()).to.equal(2n);
    await d.report();
    await d.finalise(1);
    expect(await d.live()).to.equal(0n);
  });

  it("test_reopen_asOftenAsConsentChanges_succeeds", async () => {
    const { seats } = d.kernel;
    await d.seal(ALL_SEATS);
    for (const seat of [7, 6, 5]) {
      await seats.revoke(1, seat);
      await mined(reopen());
      await d.seal(ALL_SEATS);
    }
    await d.report();
    expect((await d.round(1)).accepted).to.equal(5n);
    expect(await d.live()).to.equal(2n);
  });

  it("test_reopen_consentUnchanged_reverts", async () => {
    await d.seal();
    await refused(reopen(), d.kernel.rounds, "RoundsConsentUnchanged", 0);
  });

  it("test_reopen_wrongState_reverts", async () => {
    const { rounds } = d.kernel;
    await refused(reopen(), rounds, "RoundsWrongState", 1, 0, State.Final);
    await refused(reopen(9), rounds, "RoundsUnknownFederation", 9);
    await d.runRound(ALL_SEATS);
    await d.withdrawConsent();
    await refused(reopen(), rounds, "RoundsWrongState", 1, 1, State.Reported);
  });

  it("test_reopen_atTheReportDeadline_reverts", async () => {
    await d.seal(ALL_SEATS);
    await d.withdrawConsent();
    const { deadline } = await d.round(1);
    await d.at(deadline);
    await refused(reopen(), d.kernel.rounds, "RoundsDeadlinePassed", deadline);
    await voided(1, VoidReason.ReportTimeout);
  });

  it("test_seal_reopenedAtItsDeadline_reverts", async () => {
    await d.seal(ALL_SEATS);
    await d.withdrawConsent();
    await mined(reopen());
    const open = await d.openRound();
    const sent = d.prepareSeal(open, d.entries(ALL_SEATS, open));
    const { deadline } = await d.round(1);
    await d.at(deadline);
    await refused(d.sendSeal(sent), d.kernel.rounds, "RoundsDeadlinePassed", deadline);
    await voided(1, VoidReason.SealTimeout);
  });

  it("test_seal_reopenedOneSecondBeforeItsDeadline_succeeds", async () => {
    await d.seal(ALL_SEATS);
    await d.withdrawConsent();
    await mined(reopen());
    const open = await d.openRound();
    const sent = d.prepareSeal(open, d.entries(ALL_SEATS, open));
    const { deadline } = await d.round(1);
    await d.at(deadline - 1n);
    await mined(d.sendSeal(sent));
  });

  it("test_seal_reopenedAfterOverturnedReport_succeeds", async () => {
    // The force window of the child that will never be must not outlast the time to seal again.
    await d.runRound(ALL_SEATS);
    await d.overturn(1);
    expect(await d.live()).to.equal(1n);
    await d.withdrawConsent();
    await mined(reopen());
    expect(await d.live()).to.equal(0n);
    const open = await d.openRound();
    expect(open.attempt).to.equal(1);
    await mined(d.sendSeal(d.prepareSeal(open, d.entries(ALL_SEATS, open))));
    expect(await d.live()).to.equal(2n);
    expect((await d.round(1)).reporters).to.equal(0n);
    await d.report();
    await d.finalise(1);
    expect(await d.live()).to.equal(0n);
  });

  // --- void ---

  it("test_void_reportTimeout_succeeds", async () => {
    await d.seal();
    const { deadline } = await d.round(1);
    await d.at(deadline - 1n);
    await refused(voids(1), d.kernel.rounds, "RoundsNotVoidable", 1, 1);
    await d.at(deadline);
    await voided(1, VoidReason.ReportTimeout);
    expect(await d.state(1)).to.equal(State.Void);
    expect(await d.live()).to.equal(0n);
    // The next round takes a new number on top of the same parent, with a force window of its own.
    const head = await d.head();
    expect([head.last, head.tip, head.forceUntil]).to.deep.equal([1n, 0n, BigInt((await d.now()) + 60)]);
    const { round } = await d.seal();
    expect(round).to.equal(2);
    expect((await d.round(2)).parentRound).to.equal(0n);
  });

  it("test_void_sealTimeout_succeeds", async () => {
    await d.seal(ALL_SEATS);
    await d.withdrawConsent();
    await mined(reopen());
    const { deadline } = await d.round(1);
    await d.at(deadline - 1n);
    await refused(voids(1), d.kernel.rounds, "RoundsNotVoidable", 1, 1);
    await d.at(deadline);
    await voided(1, VoidReason.SealTimeout);
    expect((await d.head()).tip).to.equal(0n);
    expect(await d.live()).to.equal(0n);
  });

  it("test_void_whatCannotFail_reverts", async () => {
    const { rounds } = d.kernel;
    const notVoidable = async (round: number) => {
      await refused(voids(round), rounds, "RoundsNotVoidable", 1, round);
    };
    await notVoidable(0);
    await notVoidable(1);
    await refused(voids(1, 9), rounds, "RoundsNotVoidable", 9, 1);
    await d.seal();
    await notVoidable(1);
    await d.report();
    await notVoidable(1);
    await d.untilDeadline(1);
    await notVoidable(1);
    await d.finalise(1);
    await notVoidable(1);
    await d.seal();
    await d.untilDeadline(2);
    await mined(voids(2));
    await notVoidable(2);
  });

  it("test_void_wholeChainOnReplacedRound_succeeds", async () => {
    for (let i = 0; i < 3; ++i) await d.runRound();
    await d.seal();
    expect(await d.live()).to.equal(8n);
    await d.overturn(1);
    expect(await d.live()).to.equal(7n);
    // Parents first: a grandchild's parent is not void yet.
    for (const round of [3, 4]) await refused(voids(round), d.kernel.rounds, "RoundsNotVoidable", 1, round);
    await voided(2, VoidReason.ParentReplaced);
    await voided(3, VoidReason.ParentVoid);
    await voided(4, VoidReason.ParentVoid);
    expect(await d.live()).to.equal(1n);
    await d.report();
    await d.seal();
    const head = await d.head();
    expect([head.last, head.tip]).to.deep.equal([5n, 5n]);
    expect([(await d.round(5)).parentRound, (await d.round(5)).parentAttempt]).to.deep.equal([1n, 1n]);
    await d.report();
    await d.finalise(1);
    await d.finalise(5);
    expect(await d.live()).to.equal(0n);
  });

  it("test_void_staleRoundWhenAnotherIsTip_succeeds", async () => {
    // The tip stays where it is.
    await d.runRound();
    await d.runRound();
    await d.overturn(1);
    await d.report();
    await d.seal();
    await voided(2, VoidReason.ParentReplaced);
    expect((await d.head()).tip).to.equal(3n);
    await d.report();
    await d.finalise(1);
    await d.finalise(3);
    expect(await d.live()).to.equal(0n);
  });

  it("test_seal_onParentThatFailsLater_succeeds", async () => {
    // Sealed on a report that is overturned for the last time: the chain goes on from its parent.
    await d.runRound(SIX);
    for (let attempt = 0; attempt < 3; ++attempt) {
      await d.seal(SIX);
      await d.overturn(1);
      if (attempt < 2) await d.report();
    }
    expect(await states(1, 2, 3, 4)).to.deep.equal([State.Void, State.Sealed, State.Sealed, State.Sealed]);
    await voided(2, VoidReason.ParentVoid);
    await voided(3, VoidReason.ParentVoid);
    await voided(4, VoidReason.ParentVoid);
    const head = await d.head();
    expect([head.last, head.tip]).to.deep.equal([4n, 0n]);
    expect(await d.live()).to.equal(0n);
    expect(await d.runRound()).to.equal(5);
    await d.finalise(5);
  });

  it("test_void_timeoutDuringRedo_succeeds", async () => {
    await d.runRound();
    await d.overturn(1, Fault.Seal);
    await d.untilDeadline(1);
    await voided(1, VoidReason.SealTimeout);
    expect(await d.live()).to.equal(0n);
    await d.runRound();
    await d.overturn(2);
    await d.untilDeadline(2);
    await voided(2, VoidReason.ReportTimeout);
    expect(await d.live()).to.equal(0n);
  });
});
