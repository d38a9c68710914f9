import { expect } from "chai";
import { ethers as E } from "ethers";
import { fresh as freshLedger, type Driver } from "../rounds/driver.ts";
import { CONFIG, Fault, SEATS, must } from "../rounds/world.ts";
import { SHU, accounts, deployTreasury, openChain, type Chain } from "../value/helpers.ts";

const BOND = 500n * SHU;
const FEDERATION = 1;
const ROUND = 7;
const INPUT = { modelRoot: E.id("model"), metricsHash: E.id("metrics"), excluded: 0, artefact: E.id("artefact") };
const State = { None: 0, Open: 1, Sealed: 2, Reported: 3, Final: 4, Void: 5 };

describe("LoneReports", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  /** `Rounds` is played by a mock: its own part of a lone report is tested with it. */
  async function deploy() {
    const { ethers } = chain;
    const { reporter, challenger, stranger } = accounts(chain, "_", "_1", "reporter", "challenger", "stranger");
    const { token, treasury, owner } = await deployTreasury(chain, [reporter.address, stranger.address]);
    const rounds = await ethers.deployContract("MockLoneRounds");
    const lone = await ethers.deployContract("LoneReports", [rounds, token, treasury, BOND]);
    for (const account of [reporter, stranger]) await token.connect(account).approve(lone, E.MaxUint256);
    const at = (state: number, attempt = 1, round = ROUND) => rounds.setRound(FEDERATION, round, state, attempt);
    const slash = (attempt = 1, by = challenger.address) => rounds.slash(lone, FEDERATION, ROUND, attempt, by);
    const release = (attempt = 1, from = stranger) => lone.connect(from).release(FEDERATION, ROUND, attempt);
    const held = () => token.balanceOf(lone);
    return { lone, rounds, token, treasury, owner, reporter, challenger, stranger, at, slash, release, held };
  }
  async function deployReported() {
    const world = await deploy();
    await world.at(State.Sealed);
    await world.lone.connect(world.reporter).report(FEDERATION, INPUT);
    return world;
  }
  const fresh = () => chain.helpers.loadFixture(deploy);
  const reported = () => chain.helpers.loadFixture(deployReported);

  it("test_constructor_zeroBond_reverts", async () => {
    const { rounds, token, treasury, lone } = await fresh();
    await expect(chain.ethers.deployContract("LoneReports", [rounds, token, treasury, 0])).to.be.revertedWithCustomError(lone, "LoneReportsZeroBond");
  });

  it("test_constructor_keepsItsParameters_succeeds", async () => {
    const { lone, rounds, token, treasury } = await fresh();
    expect([await lone.ROUNDS(), await lone.token(), await lone.treasury(), await lone.bond()])
      .to.deep.equal([await rounds.getAddress(), await token.getAddress(), await treasury.getAddress(), BOND]);
  });

  // --- report ---

  it("test_report_pullsTheBondAndRecordsTheReporter_succeeds", async () => {
    const { lone, rounds, token, reporter, at } = await fresh();
    await at(State.Sealed, 2);
    await expect(lone.connect(reporter).report(FEDERATION, INPUT))
      .to.emit(lone, "LoneReported").withArgs(FEDERATION, ROUND, 2, reporter)
      .and.to.emit(token, "Transfer").withArgs(reporter, lone, BOND);
    expect(await lone.reporterOf(FEDERATION, ROUND, 2)).to.equal(reporter.address);
    expect(await lone.isBonded(FEDERATION, ROUND, 2)).to.equal(true);
    for (const [federation, round, attempt] of [[2, ROUND, 2], [FEDERATION, ROUND + 1, 2], [FEDERATION, ROUND, 1]] as const) {
      expect(await lone.reporterOf(federation, round, attempt)).to.equal(E.ZeroAddress);
      expect(await lone.isBonded(federation, round, attempt)).to.equal(false);
    }
    // What was reported is what the caller gave.
    const input = E.AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32", "uint256", "bytes32"], Object.values(INPUT));
    expect((await rounds.roundOf(FEDERATION, ROUND)).hash).to.equal(E.keccak256(input));
  });

  it("test_report_withoutAllowanceOrBalance_reverts", async () => {
    const { lone, token, rounds, challenger, reporter, at } = await fresh();
    await at(State.Sealed);
    await expect(lone.connect(challenger).report(FEDERATION, INPUT)).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
    await token.connect(challenger).approve(lone, E.MaxUint256);
    await expect(lone.connect(challenger).report(FEDERATION, INPUT)).to.be.revertedWithCustomError(token, "ERC20InsufficientBalance");
    await token.connect(reporter).approve(lone, BOND - 1n);
    await expect(lone.connect(reporter).report(FEDERATION, INPUT)).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
    expect((await rounds.roundOf(FEDERATION, ROUND)).state).to.equal(State.Sealed);
  });

  it("test_report_refusedByRounds_takesNoBond_reverts", async () => {
    const { lone, rounds, stranger, held } = await reported();
    await expect(lone.connect(stranger).report(FEDERATION, INPUT))
      .to.be.revertedWithCustomError(rounds, "RoundsWrongState").withArgs(FEDERATION, ROUND, State.Reported);
    expect(await held()).to.equal(BOND);
  });

  // --- release ---

  for (const state of ["Final", "Void"] as const) {
    it(`test_release_${state.toLowerCase()}_succeeds`, async () => {
      const { lone, token, reporter, at, release, held } = await reported();
      await at(State[state]);
      await expect(release())
        .to.emit(lone, "BondReleased").withArgs(FEDERATION, ROUND, 1, reporter)
        .and.to.emit(token, "Transfer").withArgs(lone, reporter, BOND);
      expect(await held()).to.equal(0);
      expect(await lone.isBonded(FEDERATION, ROUND, 1)).to.equal(false);
      expect(await lone.reporterOf(FEDERATION, ROUND, 1)).to.equal(reporter.address);
    });
  }

  it("test_release_whileReported_reverts", async () => {
    const { lone, reporter, release } = await reported();
    await expect(release(1, reporter)).to.be.revertedWithCustomError(lone, "LoneReportsUndecided").withArgs(FEDERATION, ROUND, 1);
  });

  it("test_release_twice_reverts", async () => {
    const { lone, stranger, at, release, held } = await reported();
    // Another bond lies here that a second release could pay out.
    await at(State.Sealed, 1, ROUND + 1);
    await lone.connect(stranger).report(FEDERATION, INPUT);
    await at(State.Final);
    await release();
    await expect(release()).to.be.revertedWithCustomError(lone, "LoneReportsNoBond").withArgs(FEDERATION, ROUND, 1);
    expect(await held()).to.equal(BOND);
  });

  it("test_release_nobodyReportedAlone_reverts", async () => {
    const { lone, release, at } = await reported();
    await at(State.Final, 0);
    for (const attempt of [0, 2]) {
      await expect(release(attempt)).to.be.revertedWithCustomError(lone, "LoneReportsNoBond").withArgs(FEDERATION, ROUND, attempt);
    }
  });

  it("test_release_afterSlash_reverts", async () => {
    const { lone, at, slash, release, held } = await reported();
    await slash();
    for (const [state, attempt] of [[State.Sealed, 2], [State.Void, 2], [State.Final, 1]] as const) {
      await at(state, attempt);
      await expect(release()).to.be.revertedWithCustomError(lone, "LoneReportsNoBond");
    }
    expect(await held()).to.equal(BOND);
  });

  // A fault of the seal ends the attempt; the reporter is not liable for it, and no slash comes. Whatever follows, the bond is free.
  for (const [after, state, attempt] of [["open", State.Open, 2], ["sealed", State.Sealed, 2], ["reported", State.Reported, 3], ["final", State.Final, 3], ["void", State.Void, 255]] as const) {
    it(`test_release_sealOverturned_then_${after}_succeeds`, async () => {
      const { lone, token, reporter, at, release, held } = await reported();
      const before = await token.balanceOf(reporter);
      await at(state, attempt);
      await release();
      expect((await token.balanceOf(reporter)) - before).to.equal(BOND);
      expect(await held()).to.equal(0);
      await expect(release()).to.be.revertedWithCustomError(lone, "LoneReportsNoBond");
    });
  }

  it("test_release_eachAttemptItsOwnReporter_succeeds", async () => {
    const { lone, token, reporter, stranger, at, release, held } = await reported();
    await at(State.Sealed, 2); // the first was ended by a fault of the seal
    await lone.connect(stranger).report(FEDERATION, INPUT);
    await release(1);
    await expect(release(2)).to.be.revertedWithCustomError(lone, "LoneReportsUndecided").withArgs(FEDERATION, ROUND, 2);
    expect(await held()).to.equal(BOND);
    await at(State.Final, 2);
    await expect(release(2)).to.emit(token, "Transfer").withArgs(lone, stranger, BOND);
    expect(await lone.reporterOf(FEDERATION, ROUND, 1)).to.equal(reporter.address);
  });

  // --- slash ---

  it("test_slash_notRounds_reverts", async () => {
    const { lone, owner, reporter, challenger, stranger } = await reported();
    for (const caller of [owner, reporter, challenger, stranger]) {
      await expect(lone.connect(caller).slash(FEDERATION, ROUND, 1, caller)).to.be.revertedWithCustomError(lone, "LoneReportsNotRounds").withArgs(caller);
    }
    expect(await lone.isBonded(FEDERATION, ROUND, 1)).to.equal(true);
  });

  it("test_slash_dividesFortyFortyTwenty_succeeds", async () => {
    const { lone, token, reporter, challenger, slash, held } = await reported();
    await expect(slash())
      .to.emit(lone, "BondSlashed").withArgs(FEDERATION, ROUND, 1, reporter, challenger, 200n * SHU, 200n * SHU, 100n * SHU)
      .and.not.to.emit(token, "Transfer");
    expect(await held()).to.equal(BOND);
    expect(await lone.creditOf(challenger)).to.equal(200n * SHU);
    expect(await lone.unsettled()).to.deep.equal([200n * SHU, 100n * SHU]);
    expect(await lone.reporterOf(FEDERATION, ROUND, 1)).to.equal(reporter.address);
  });

  it("test_slash_roundingToTheLastWei_succeeds", async () => {
    const { rounds, token, treasury, reporter, challenger, at } = await fresh();
    for (const bond of [1n, 4n, 7n, 10n ** 18n + 9n]) {
      const lone = await chain.ethers.deployContract("LoneReports", [rounds, token, treasury, bond]);
      await token.connect(reporter).approve(lone, bond);
      await at(State.Sealed);
      await lone.connect(reporter).report(FEDERATION, INPUT);
      await rounds.slash(lone, FEDERATION, ROUND, 1, challenger);
      const [toPool, burnt] = await lone.unsettled();
      expect([toPool, burnt, await lone.creditOf(challenger)]).to.deep.equal([(bond / 5n) * 2n, bond / 5n, bond - (bond / 5n) * 3n]);
      await lone.collect(challenger);
      if (burnt !== 0n) await lone.settleSlashes();
      expect(await token.balanceOf(lone)).to.equal(0);
    }
  });

  it("test_slash_whereNoBondWaits_takesNothing_succeeds", async () => {
    // A proven fault takes effect all the same: reported through another contract, slashed before, or released.
    const { lone, rounds, stranger, challenger, at, slash, release, held } = await reported();
    await at(State.Sealed, 1, ROUND + 1);
    await lone.connect(stranger).report(FEDERATION, INPUT);
    const nothing = async (call: Promise<unknown>, credit: bigint) => {
      await expect(call).not.to.emit(lone, "BondSlashed");
      expect(await lone.creditOf(challenger)).to.equal(credit);
    };
    await nothing(slash(2), 0n);
    await nothing(rounds.slash(lone, 2, ROUND, 1, challenger), 0n);
    await slash();
    await nothing(slash(), 200n * SHU);
    await at(State.Final, 1, ROUND + 1);
    await lone.release(FEDERATION, ROUND + 1, 1);
    await nothing(rounds.slash(lone, FEDERATION, ROUND + 1, 1, challenger), 200n * SHU);
    expect(await lone.unsettled()).to.deep.equal([200n * SHU, 100n * SHU]);
    expect(await held()).to.equal(BOND);
    await expect(release()).to.be.revertedWithCustomError(lone, "LoneReportsNoBond");
  });

  it("test_slash_reporterConvictsItself_stillLoses_succeeds", async () => {
    const { lone, token, reporter, slash } = await reported();
    const before = (await token.balanceOf(reporter)) + BOND;
    await slash(1, reporter.address);
    await lone.collect(reporter);
    expect(before - (await token.balanceOf(reporter))).to.equal((BOND * 60n) / 100n);
  });

  it("test_slash_gas_succeeds", async () => {
    const { lone, rounds, challenger } = await reported();
    const used = await rounds.slash.estimateGas(lone, FEDERATION, ROUND, 1, challenger);
    console.log(`      slash of a lone report, the first: ${used} gas as a transaction`);
    expect(Number(used)).to.be.at.most(90_000);
  });

  // --- payment ---

  it("test_collect_byAnyonePaysTheChallengerOnce_succeeds", async () => {
    const { lone, token, reporter, stranger, challenger, at, slash } = await reported();
    await slash();
    await at(State.Sealed, 2);
    await lone.connect(reporter).report(FEDERATION, INPUT);
    await slash(2);
    await expect(lone.connect(stranger).collect(challenger))
      .to.emit(lone, "AwardCollected").withArgs(challenger, 400n * SHU)
      .and.to.emit(token, "Transfer").withArgs(lone, challenger, 400n * SHU);
    for (const account of [challenger, stranger, reporter]) {
      await expect(lone.connect(account).collect(account)).to.be.revertedWithCustomError(lone, "LoneReportsNothingToCollect").withArgs(account);
    }
    expect(await token.balanceOf(challenger)).to.equal(400n * SHU);
  });

  it("test_settleSlashes_byAnyoneForAllSinceTheLastTime_succeeds", async () => {
    const { lone, token, treasury, reporter, stranger, at, slash, held } = await reported();
    await expect(lone.settleSlashes()).to.be.revertedWithCustomError(lone, "LoneReportsNothingToSettle");
    const supply = await token.totalSupply();
    await slash();
    for (const attempt of [2, 3]) {
      await at(State.Sealed, attempt);
      await lone.connect(reporter).report(FEDERATION, INPUT);
      await slash(attempt);
      if (attempt === 2) {
        await expect(lone.connect(stranger).settleSlashes())
          .to.emit(lone, "SlashesSettled").withArgs(400n * SHU, 200n * SHU)
          .and.to.emit(treasury, "Recycled").withArgs(lone, 400n * SHU);
        await expect(lone.settleSlashes()).to.be.revertedWithCustomError(lone, "LoneReportsNothingToSettle");
      }
    }
    expect(await lone.unsettled()).to.deep.equal([200n * SHU, 100n * SHU]);
    await lone.settleSlashes();
    expect(await token.totalSupply()).to.equal(supply - 300n * SHU);
    expect(await treasury.totalRecycled()).to.equal(600n * SHU);
    expect(await held()).to.equal(600n * SHU); // the challenger's
  });

  it("test_lone_donationBelongsToNobody_succeeds", async () => {
    const { lone, token, owner, challenger, stranger, at, slash, held } = await reported();
    await token.connect(owner).transfer(lone, 3n * SHU);
    await slash();
    await at(State.Sealed, 2);
    await lone.connect(stranger).report(FEDERATION, INPUT);
    await at(State.Void, 2);
    await lone.release(FEDERATION, ROUND, 2);
    await lone.collect(challenger);
    await lone.settleSlashes();
    expect(await held()).to.equal(3n * SHU);
  });

  it("test_lone_everyPathEmptiesTheContract_succeeds", async () => {
    // All that can become of an attempt, over several rounds at once: what was paid in is paid out, to the last wei, in any order.
    const { lone, rounds, reporter, challenger, at, held } = await fresh();
    const ends = [
      { slashed: false, state: State.Final, attempt: 1 },
      { slashed: false, state: State.Void, attempt: 1 },
      { slashed: true, state: State.Sealed, attempt: 2 },
      { slashed: true, state: State.Void, attempt: 2 },
      { slashed: false, state: State.Open, attempt: 2 },
      { slashed: false, state: State.Void, attempt: 2 },
    ];
    for (const round of ends.keys()) {
      await at(State.Sealed, 1, round);
      await lone.connect(reporter).report(FEDERATION, INPUT);
    }
    expect(await held()).to.equal(BOND * BigInt(ends.length));
    for (const [round, end] of ends.entries()) {
      await at(end.state, end.attempt, round);
      if (end.slashed) await rounds.slash(lone, FEDERATION, round, 1, challenger);
      else await lone.release(FEDERATION, round, 1);
      expect(await lone.isBonded(FEDERATION, round, 1)).to.equal(false);
    }
    await lone.collect(challenger);
    await lone.settleSlashes();
    expect(await held()).to.equal(0);
  });
});

describe("LoneReports on the real ledger", () => {
  /** A round whose report was overturned, in the second half of its new report window, and a reporter with the bond. */
  async function redone() {
    const d = await freshLedger();
    const { ethers, rounds, token, treasury, outsider } = d.kernel;
    const lone = await ethers.deployContract("LoneReports", [rounds, token, treasury, BOND]);
    await rounds.changeLoneReports(lone);
    const reporter = must((await ethers.getSigners())[9]);
    await token.connect(must(d.kernel.operatorKeys[0]).connect(ethers.provider)).transfer(reporter, 2n * BOND);
    await token.connect(reporter).approve(lone, E.MaxUint256);
    const round = await d.runRound([...SEATS.exempt, ...SEATS.budgeted]);
    await d.overturn(round);
    await d.kernel.helpers.time.increase(CONFIG.reportWindow / 2);
    return { d, lone, rounds, token, outsider, reporter, round };
  }
  const reportAlone = async (d: Driver, lone: Awaited<ReturnType<typeof redone>>["lone"], reporter: Awaited<ReturnType<typeof redone>>["reporter"]) => {
    const { report, input } = await d.prepareReport();
    await lone.connect(reporter).report(1, input);
    d.reports.set(`1/${report.round}`, report);
  };

  it("test_lone_reportsAndBecomesFinal_bondBack_succeeds", async () => {
    const { d, lone, token, reporter, round } = await redone();
    await reportAlone(d, lone, reporter);
    expect(await lone.reporterOf(1, round, 1)).to.equal(reporter.address);
    await expect(lone.release(1, round, 1)).to.be.revertedWithCustomError(lone, "LoneReportsUndecided");
    await d.finalise(round);
    await lone.release(1, round, 1);
    expect([await token.balanceOf(reporter), await token.balanceOf(lone)]).to.deep.equal([2n * BOND, 0n]);
  });

  it("test_lone_overturned_isSlashed_succeeds", async () => {
    const { d, lone, token, outsider, reporter, round } = await redone();
    await reportAlone(d, lone, reporter);
    const operatorsBefore = await d.kernel.operators.unsettled();
    const before = await token.balanceOf(outsider);
    await d.overturn(round);
    await expect(lone.release(1, round, 1)).to.be.revertedWithCustomError(lone, "LoneReportsNoBond");
    await lone.collect(outsider);
    expect((await token.balanceOf(outsider)) - before).to.equal((BOND * 40n) / 100n);
    expect(await lone.unsettled()).to.deep.equal([(BOND * 40n) / 100n, (BOND * 20n) / 100n]);
    expect(await d.kernel.operators.unsettled()).to.deep.equal(operatorsBefore); // no operator signed it
  });

  it("test_lone_sealOverturned_operatorsPayAndTheBondGoesBack_succeeds", async () => {
    const { d, lone, token, reporter, round } = await redone();
    await reportAlone(d, lone, reporter);
    const [, before] = await d.kernel.operators.unsettled();
    await d.overturn(round, Fault.Seal);
    const [, after] = await d.kernel.operators.unsettled();
    expect(after).to.be.greaterThan(before);
    await lone.release(1, round, 1);
    expect(await token.balanceOf(reporter)).to.equal(2n * BOND);
  });

  it("test_lone_overturnedForTheLastTime_isSlashedAndRoundVoid_succeeds", async () => {
    const { d, lone, token, reporter, round } = await redone();
    for (let attempt = 1; attempt < CONFIG.maxAttempts; ++attempt) {
      await reportAlone(d, lone, reporter);
      await d.overturn(round);
      await expect(lone.release(1, round, attempt)).to.be.revertedWithCustomError(lone, "LoneReportsNoBond");
      await d.kernel.helpers.time.increase(CONFIG.reportWindow / 2);
    }
    expect(await d.state(round)).to.equal(State.Void);
    await lone.collect(d.kernel.outsider);
    await lone.settleSlashes();
    expect([await token.balanceOf(reporter), await token.balanceOf(lone)]).to.deep.equal([0n, 0n]);
  });
});
