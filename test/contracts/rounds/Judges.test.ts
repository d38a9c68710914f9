import { expect } from "chai";

import { fresh, type Driver, type PreparedReport } from "./driver.ts";
import { refused } from "./refused.ts";
import { ALL_SEATS, CONFIG, Fault, mined, must, SEATS, State, VoidReason } from "./world.ts";

const SIX = [...SEATS.exempt, ...SEATS.budgeted];

describe("Rounds: what judges may do, and lone reports", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
    // Accounts of people take the places of contracts: what matters here is what the ledger lets them do.
    await d.kernel.rounds.changeJudge(d.kernel.council, true);
    await d.kernel.rounds.changeLoneReports(d.kernel.council);
  });

  const judge = () => d.kernel.rounds.connect(d.kernel.council);
  const hold = (round: number, federation = 1) => judge().hold(federation, round);
  const release = (round: number, attempt = 0, federation = 1) => judge().release(federation, round, attempt);
  const holds = async (round: number) => Number((await d.round(round)).holds);
  const voids = (round: number) => d.kernel.rounds.connect(d.kernel.outsider).void(1, round);

  it("test_judge_everyFunctionByStrangers_reverts", async () => {
    const { rounds, outsider, deployer } = d.kernel;
    await d.runRound();
    for (const caller of [outsider, deployer]) {
      const by = rounds.connect(caller);
      for (const call of [by.hold(1, 1), by.release(1, 1, 0), by.markPosted(1, 1, d.bytes32(), 0)]) await refused(call, rounds, "RoundsNotJudge", caller.address);
      await refused(by.reportAlone(1, (await d.prepareReport()).input), rounds, "RoundsNotLoneReports", caller.address);
    }
    await refused(rounds.connect(outsider).changeLoneReports(outsider), rounds, "OwnableUnauthorizedAccount", outsider.address);
    await expect(rounds.changeLoneReports(outsider)).to.emit(rounds, "LoneReportsChanged").withArgs(outsider.address);
    expect(await rounds.loneReports()).to.equal(outsider.address);
  });

  // --- holds ---

  it("test_hold_roundIsNotFinalUntilReleased_succeeds", async () => {
    const { rounds, council } = d.kernel;
    await d.runRound();
    await expect(hold(1)).to.emit(rounds, "RoundHeld").withArgs(1, 1, council.address, 1);
    await hold(1);
    await d.untilDeadline(1);
    await refused(rounds.finalise(1, 1), rounds, "RoundsHeld", 2);
    await release(1);
    await refused(rounds.finalise(1, 1), rounds, "RoundsHeld", 1);
    await expect(release(1)).to.emit(rounds, "RoundReleased").withArgs(1, 1, council.address, 0);
    await mined(rounds.finalise(1, 1));
    expect(await d.live()).to.equal(0n);
  });

  it("test_hold_nextSealDoesNotFinaliseIt_succeeds", async () => {
    await d.runRound();
    await hold(1);
    await d.untilDeadline(1);
    await d.seal();
    expect([await d.state(1), await d.state(2)]).to.deep.equal([State.Reported, State.Sealed]);
  });

  it("test_hold_outsideTheChallengeWindow_reverts", async () => {
    const { rounds } = d.kernel;
    await refused(hold(1), rounds, "RoundsWrongState", 1, 1, State.None);
    await d.seal();
    await refused(hold(1), rounds, "RoundsWrongState", 1, 1, State.Sealed);
    await d.report();
    const { deadline } = await d.round(1);
    await d.at(deadline);
    await refused(hold(1), rounds, "RoundsDeadlinePassed", deadline);
    await d.finalise(1);
    await refused(hold(1), rounds, "RoundsWrongState", 1, 1, State.Final);
  });

  it("test_release_notHeld_reverts", async () => {
    const { rounds } = d.kernel;
    await refused(release(1), rounds, "RoundsWrongState", 1, 1, State.None);
    await d.runRound();
    await refused(release(1), rounds, "RoundsNotHeld", 1, 1, 0);
    await hold(1);
    await refused(release(1, 1), rounds, "RoundsNotHeld", 1, 1, 1);
    await d.overturn(1);
    expect(await holds(1)).to.equal(0);
    await refused(release(1), rounds, "RoundsWrongState", 1, 1, State.Sealed);
    await d.report();
    await refused(release(1, 1), rounds, "RoundsNotHeld", 1, 1, 1);
    await hold(1);
    await refused(release(1), rounds, "RoundsNotHeld", 1, 1, 0);
  });

  it("test_overturn_heldRoundAfterItsDeadline_succeeds", async () => {
    // Who does not answer a demand must not be saved by the clock.
    await d.runRound();
    await hold(1);
    const { deadline } = await d.round(1);
    await d.overturn(1, Fault.Report, 1, deadline + 100n);
    const round = await d.round(1);
    expect([round.state, round.attempt, round.holds]).to.deep.equal([State.Sealed, 1n, 0n]);
  });

  it("test_overturn_releasedRoundAfterItsDeadline_reverts", async () => {
    await d.runRound();
    await hold(1);
    await release(1);
    const { deadline } = await d.round(1);
    await refused(d.prove(1, Fault.Report, 1, deadline), d.kernel.rounds, "RoundsDeadlinePassed", deadline);
  });

  it("test_void_heldFarTooLong_succeeds", async () => {
    const { rounds } = d.kernel;
    await d.runRound();
    await hold(1);
    const end = (await d.round(1)).deadline + BigInt(CONFIG.reportWindow);
    await d.at(end - 1n);
    await refused(voids(1), rounds, "RoundsNotVoidable", 1, 1);
    await d.at(end);
    await expect(voids(1)).to.emit(rounds, "RoundVoided").withArgs(1, 1, VoidReason.NeverReleased);
    expect(await d.live()).to.equal(0n);
  });

  it("test_void_heldRoundUnderOthers_succeeds", async () => {
    // The chain goes on from its parent, and what was built on it ends too.
    const { rounds } = d.kernel;
    for (let i = 0; i < 3; ++i) await d.runRound();
    await hold(2);
    await d.untilDeadline(3);
    await mined(rounds.finalise(1, 1));
    await refused(voids(3), rounds, "RoundsNotVoidable", 1, 3);
    await d.at((await d.round(2)).deadline + BigInt(CONFIG.reportWindow));
    await mined(voids(2));
    expect((await d.head()).tip).to.equal(1n);
    await refused(d.prove(3, Fault.Report), rounds, "RoundsDeadlinePassed");
    await expect(voids(3)).to.emit(rounds, "RoundVoided").withArgs(1, 3, VoidReason.ParentVoid);
    expect([(await d.head()).tip, await d.live()]).to.deep.equal([1n, 0n]);
    expect(await d.runRound()).to.equal(4);
    expect((await d.round(4)).parentRound).to.equal(1n);
  });

  it("test_void_notHeldLongAfter_reverts", async () => {
    await d.runRound();
    await d.at((await d.round(1)).deadline + 10_000n);
    await refused(voids(1), d.kernel.rounds, "RoundsNotVoidable", 1, 1);
  });

  for (const [name, finality] of [["attested", 1], ["governed", 2]] as const) {
    it(`test_report_${name}FederationStartsHeld_succeeds`, async () => {
      const { rounds } = d.kernel;
      await rounds.reconfigure(1, { ...CONFIG, finality, approvalWindow: 50 });
      await d.runRound();
      expect(await holds(1)).to.equal(finality);
      await d.untilDeadline(1);
      await refused(rounds.finalise(1, 1), rounds, "RoundsHeld", finality);
      await d.at((await d.round(1)).deadline + BigInt(CONFIG.reportWindow) + 49n);
      await refused(voids(1), rounds, "RoundsNotVoidable", 1, 1);
      for (let i = 0; i < finality; ++i) await release(1);
      await mined(rounds.finalise(1, 1));
    });
  }

  it("test_void_attestationNeverCame_succeeds", async () => {
    await d.kernel.rounds.reconfigure(1, { ...CONFIG, finality: 1, approvalWindow: 50 });
    await d.runRound();
    await d.at((await d.round(1)).deadline + BigInt(CONFIG.reportWindow) + 50n);
    await expect(voids(1)).to.emit(d.kernel.rounds, "RoundVoided").withArgs(1, 1, VoidReason.NeverReleased);
  });

  // --- payloads on chain ---

  it("test_report_excludesAPostedEntry_reverts", async () => {
    const { rounds } = d.kernel;
    await d.seal(SIX);
    const { hash } = await d.round(1);
    await expect(judge().markPosted(1, 1, hash, 2)).to.emit(rounds, "PayloadPosted").withArgs(1, 1, 2, hash);
    await judge().markPosted(1, 1, hash, 0);
    expect(await rounds.postedOf(hash)).to.equal(5n);
    const excluding = async (excluded: bigint) => d.sendReport(await d.prepareReport(1, { excluded }));
    await refused(excluding(4n), rounds, "RoundsExcludedPosted", 4);
    // One that was posted and one that was not.
    await refused(d.sendReport(await d.prepareReport(1, { excluded: 1n })), rounds, "RoundsExcludedPosted", 1);
    await mined(excluding(2n));
  });

  it("test_markPosted_secondHalfOfTheReportWindow_reverts", async () => {
    // A late posting could make every report fail.
    const { rounds } = d.kernel;
    await d.seal(SIX);
    const { hash, deadline } = await d.round(1);
    const half = deadline - 300n;
    await d.at(half - 1n);
    await mined(judge().markPosted(1, 1, hash, 0));
    await refused(judge().markPosted(1, 1, hash, 1), rounds, "RoundsPostingClosed", half);
    expect(await rounds.postedOf(hash)).to.equal(1n);
  });

  it("test_markPosted_otherSealOrState_reverts", async () => {
    const { rounds } = d.kernel;
    await refused(judge().markPosted(1, 1, d.bytes32(), 0), rounds, "RoundsWrongState", 1, 1, State.None);
    await d.seal(SIX);
    const { hash } = await d.round(1);
    await refused(judge().markPosted(1, 1, d.bytes32(), 0), rounds, "RoundsHashMismatch");
    await d.report();
    await refused(judge().markPosted(1, 1, hash, 0), rounds, "RoundsWrongState", 1, 1, State.Reported);
  });

  // --- a report by one party alone ---

  const alone = async (prepared?: PreparedReport) => judge().reportAlone(1, (prepared ?? (await d.prepareReport())).input);
  const halfTime = async () => (await d.round(1)).deadline - BigInt(CONFIG.reportWindow) / 2n;

  it("test_reportAlone_redoneRound_succeeds", async () => {
    const { rounds } = d.kernel;
    await d.runRound();
    await d.overturn(1);
    await d.at((await halfTime()) - 1n);
    await refused(alone(), rounds, "RoundsQuorumFirst", await halfTime());
    await d.at(await halfTime());
    await mined(alone());
    const round = await d.round(1);
    expect([round.state, round.attempt, round.reporters, round.reportEpoch]).to.deep.equal([State.Reported, 1n, 2n ** 32n - 1n, 0n]);
    // The sealers' unit is still bound; nobody's for the report.
    expect(await d.live()).to.equal(1n);
    await d.finalise(1);
    expect(await d.live()).to.equal(0n);
  });

  it("test_reportAlone_afterASealFault_succeeds", async () => {
    await d.seal();
    await d.overturn(1, Fault.Seal);
    await d.seal();
    expect(await d.live()).to.equal(2n);
    await d.at(await halfTime());
    await mined(alone());
    expect(await d.live()).to.equal(1n);
    await d.finalise(1);
    expect(await d.live()).to.equal(0n);
  });

  it("test_reportAlone_firstReport_reverts", async () => {
    const { rounds } = d.kernel;
    await refused(alone(), rounds, "RoundsWrongState", 1, 0, State.Final);
    await d.seal();
    await d.at(await halfTime());
    await refused(alone(), rounds, "RoundsNotRedone", 1, 1);
  });

  it("test_reportAlone_checksWhatEveryReportMust_reverts", async () => {
    const { rounds } = d.kernel;
    await d.seal(ALL_SEATS);
    await d.report();
    await d.overturn(1);
    await d.at(await halfTime());
    await refused(alone(await d.prepareReport(1, { excluded: 1n << 8n })), rounds, "RoundsExcludedOutOfRange");
    await d.withdrawConsent();
    await refused(alone(), rounds, "RoundsConsentChanged");
    await d.at((await d.round(1)).deadline);
    await refused(alone(), rounds, "RoundsDeadlinePassed");
  });

  it("test_overturn_loneReportTakesItsBondOnly_succeeds", async () => {
    const { rounds, operators, operatorKeys, ethers, outsider } = d.kernel;
    const lone = await ethers.deployContract("MockLoneReports");
    await rounds.changeLoneReports(lone);
    await d.runRound();
    await d.overturn(1);
    await d.at(await halfTime());
    const prepared = await d.prepareReport();
    await mined(lone.report(rounds, 1, prepared.input));
    d.reports.set("1/1", prepared.report);
    const stakes = async () => await Promise.all(operatorKeys.map(async ({ address }) => (await operators.operatorOf(address)).stake));
    const before = await stakes();
    await expect(d.prove(1, Fault.Report)).to.emit(lone, "LoneSlashed").withArgs(1, 1, 1, outsider.address);
    expect(await stakes()).to.deep.equal(before);
    expect(await d.live()).to.equal(1n);
    // A quorum may report again, and then answers for it.
    await d.report();
    expect(await d.live()).to.equal(2n);
    await d.overturn(1);
    expect([await d.state(1), await d.live()]).to.deep.equal([State.Void, 0n]);
    expect(await stakes()).not.to.deep.equal(before);
  });

  it("test_overturn_sealUnderALoneReportTakesTheSealers_succeeds", async () => {
    const { operators, operatorKeys } = d.kernel;
    await d.runRound();
    await d.overturn(1);
    await d.at(await halfTime());
    await mined(alone());
    const first = must(operatorKeys[0]).address;
    const before = (await operators.operatorOf(first)).stake;
    await d.overturn(1, Fault.Seal);
    expect((await operators.operatorOf(first)).stake).to.be.below(before);
    expect([await d.state(1), await d.live()]).to.deep.equal([State.Open, 0n]);
  });
});
