import { expect } from "chai";
import { ethers as E } from "ethers";

import { fresh, type Driver } from "../rounds/driver.ts";
import { refused } from "../rounds/refused.ts";
import { ARTEFACT, CONFIG, MODEL_ROOT, SEATS, State, type Kernel } from "../rounds/world.ts";

const SIX = [...SEATS.exempt, ...SEATS.budgeted];

/** Over the real rounds: when a holdout was chosen, as the ledger saw it. */
describe("Holdouts", () => {
  let d: Driver;
  let holdouts: Kernel["holdouts"];
  let custodian: Kernel["outsider"];
  beforeEach(async () => {
    d = await fresh();
    ({ holdouts, outsider: custodian } = d.kernel);
    for (const federation of [1, 3]) await holdouts.changeCustodian(federation, custodian, true);
  });

  const first = async (federation = 1) => Number(await holdouts.firstUnknownRound(federation));
  const commit = (name: string, federation = 1) => holdouts.connect(custodian).commit(federation, E.id(name));

  it("test_changeCustodian_appointsByFederation_succeeds", async () => {
    await expect(holdouts.changeCustodian(2, custodian, true)).to.emit(holdouts, "CustodianChanged").withArgs(2, custodian, true);
    expect([await holdouts.isCustodian(2, custodian), await holdouts.isCustodian(4, custodian)]).to.deep.equal([true, false]);
    await commit("for the second", 2);
  });

  it("test_changeCustodian_notGovernance_reverts", async () => {
    await refused(holdouts.connect(custodian).changeCustodian(2, custodian, true), holdouts, "OwnableUnauthorizedAccount", custodian.address);
  });

  it("test_commit_notCustodianOfThatFederation_reverts", async () => {
    await refused(commit("a", 2), holdouts, "HoldoutsNotCustodian", 2, custodian.address);
    await refused(holdouts.commit(1, E.id("a")), holdouts, "HoldoutsNotCustodian", 1, d.kernel.deployer.address);
    await holdouts.changeCustodian(1, custodian, false);
    await refused(commit("a"), holdouts, "HoldoutsNotCustodian", 1, custodian.address);
  });

  it("test_commit_nothing_reverts", async () => {
    await refused(holdouts.connect(custodian).commit(1, E.ZeroHash), holdouts, "HoldoutsEmpty");
  });

  it("test_commit_remembersWhoAndSinceWhen_succeeds", async () => {
    await expect(commit("a")).to.emit(holdouts, "HoldoutCommitted").withArgs(1, E.id("a"), custodian, 2);
    expect([...(await holdouts.holdoutOf(E.id("a")))]).to.deep.equal([custodian.address, 1n, 2n]);
    expect([...(await holdouts.holdoutOf(E.id("b")))]).to.deep.equal([E.ZeroAddress, 0n, 0n]);
    // A dismissed custodian's commitment was fixed in time, and stands.
    await holdouts.changeCustodian(1, custodian, false);
    expect((await holdouts.holdoutOf(E.id("a"))).custodian).to.equal(custodian.address);
  });

  it("test_attack_commitmentUsedTwice_inAnyFederationByAnyone_reverts", async () => {
    await commit("a");
    const other = d.kernel.council;
    await holdouts.changeCustodian(2, other, true);
    for (const attempt of [commit("a"), commit("a", 3), holdouts.connect(other).commit(2, E.id("a"))]) {
      await refused(attempt, holdouts, "HoldoutsCommitted", E.id("a"));
    }
    // What stands is the first.
    expect([...(await holdouts.holdoutOf(E.id("a")))]).to.deep.equal([custodian.address, 1n, 2n]);
  });

  it("test_commit_beforeTheFederationExists_judgesItsFirstRound_succeeds", async () => {
    expect(await first(3)).to.equal(1);
    await commit("genesis", 3);
    await d.kernel.rounds.createFederation(CONFIG, MODEL_ROOT, ARTEFACT);
    expect((await holdouts.holdoutOf(E.id("genesis"))).fromRound).to.equal(1n);
    // Round 1 is open from then on: what is committed now is too late for it.
    expect(await first(3)).to.equal(2);
  });

  it("test_attack_holdoutChosenWhileTheRoundIsOpen_doesNotJudgeIt_succeeds", async () => {
    // Contributions to an open round may be known to whoever gathers them.
    expect(await first()).to.equal(2);
    await d.force(2);
    expect(await first()).to.equal(2);
  });

  it("test_firstUnknownRound_walk_succeeds", async () => {
    const { round } = await d.seal(SIX);
    // Sealed: nobody can sign for round 2 before round 1 is reported.
    expect([round, await first()]).to.deep.equal([1, 2]);
    await d.report();
    expect(await first()).to.equal(3);
    await d.finalise(1);
    expect(await first()).to.equal(3);
    await d.seal(SIX);
    expect(await first()).to.equal(3);
  });

  it("test_attack_reportOverturnedAndSealedAgain_doesNotMakeTheNextRoundUnknown_succeeds", async () => {
    // Round 2 was open once: its number may be on contributions that somebody knows, and they may be signed anew.
    await d.seal(SIX);
    await d.report();
    expect(await first()).to.equal(3);
    await d.overturn(1);
    expect(await d.state(1)).to.equal(State.Sealed);
    expect(await first()).to.equal(3);
  });

  it("test_attack_roundOverturnedBelowTheNewest_neverLowersWhatIsUnknown_succeeds", async () => {
    await d.seal(SIX);
    await d.report();
    await d.seal(SIX);
    expect(await first()).to.equal(3);
    // Round 1 falls, and with it round 2, whose payloads are public by now: the next number is 3, and it was not open. Its
    // contributions may be those of round 2, signed anew.
    await d.overturn(1);
    expect((await d.head()).last).to.equal(2n);
    expect(await first()).to.equal(4);
  });

  it("test_firstUnknownRound_consentChangedAfterTheSeal_staysTheNext_succeeds", async () => {
    await d.seal([...SIX, SEATS.other]);
    await d.withdrawConsent();
    await d.kernel.rounds.reopen(1);
    expect(await d.state(1)).to.equal(State.Open);
    // Round 1 was never reported, so nobody was ever able to sign for round 2.
    expect(await first()).to.equal(2);
    await d.seal(SIX);
    expect(await first()).to.equal(2);
  });

  it("test_firstUnknownRound_neverFalls_alongAnyRun_succeeds", async () => {
    let least = await first();
    const steps = [
      () => d.seal(SIX), () => d.report(), () => d.seal(SIX), () => d.report(), () => d.finalise(1), () => d.finalise(2),
      () => d.seal([...SIX, SEATS.other]), () => d.withdrawConsent(), () => d.kernel.rounds.reopen(1), () => d.seal(SIX), () => d.report(),
    ];
    for (const step of steps) {
      await step();
      const now = await first();
      expect(now).to.be.at.least(least);
      expect(now).to.be.greaterThan(Number((await d.head()).last));
      least = now;
    }
  });
});
