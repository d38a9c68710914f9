import { expect } from "chai";

import { excludedBitmap } from "../../../protocol/index.ts";
import { fresh, type Driver } from "./driver.ts";
import { refused } from "./refused.ts";
import { ALL_SEATS, BOND, CONFIG, mined, must, ROUND_UNITS, SEATS, SHU, State } from "./world.ts";

describe("Rounds: report", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
  });

  it("test_report_sealedRound_succeeds", async () => {
    await d.seal();
    const sealed = await d.round(1);
    const prepared = await d.prepareReport();
    const call = d.sendReport(prepared, d.reportQuorum(prepared.report, [1, 2, 3]));
    await mined(call);
    const round = await d.round(1);
    const now = await d.now();
    expect(round.state).to.equal(State.Reported);
    expect(round.deadline).to.equal(BigInt(now + 300));
    expect([round.sealers, round.reporters, round.sealEpoch, round.reportEpoch]).to.deep.equal([7n, 14n, 1n, 1n]);
    expect([round.entries, round.accepted, round.consentEpoch]).to.deep.equal([sealed.entries, sealed.accepted, sealed.consentEpoch]);
    await expect(call).to.emit(d.kernel.rounds, "RoundReported").withArgs(1, 1, 0, round.hash, Object.values(prepared.input), 14, now + 300);
    expect(await d.live()).to.equal(2n);
    expect((await d.head()).forceUntil).to.equal(BigInt(now + 60));
  });

  it("test_report_unknownFederation_reverts", async () => {
    const { input, report } = await d.prepareReport();
    await refused(d.kernel.rounds.report(9, input, d.reportQuorum(report)), d.kernel.rounds, "RoundsUnknownFederation", 9);
  });

  it("test_report_beforeSeal_reverts", async () => {
    await refused(d.sendReport(await d.prepareReport()), d.kernel.rounds, "RoundsWrongState", 1, 0, State.Final);
  });

  it("test_report_twice_reverts", async () => {
    await d.seal();
    const prepared = await d.report();
    await refused(d.sendReport(prepared), d.kernel.rounds, "RoundsWrongState", 1, 1, State.Reported);
  });

  it("test_report_atTheDeadline_reverts", async () => {
    await d.seal();
    const { deadline } = await d.round(1);
    const prepared = await d.prepareReport();
    await d.at(deadline);
    await refused(d.sendReport(prepared), d.kernel.rounds, "RoundsDeadlinePassed", deadline);
  });

  it("test_report_oneSecondBeforeTheDeadline_succeeds", async () => {
    await d.seal();
    const prepared = await d.prepareReport();
    await d.at((await d.round(1)).deadline - 1n);
    await mined(d.sendReport(prepared));
  });

  it("test_report_withoutQuorum_reverts", async () => {
    await d.seal();
    const prepared = await d.prepareReport();
    await refused(d.sendReport(prepared, d.reportQuorum(prepared.report, [0, 3])), d.kernel.operators, "OperatorsNoQuorum", 2, 3);
  });

  it("test_report_oneFieldNotAsSigned_reverts", async () => {
    await d.seal(ALL_SEATS);
    const { report, input } = await d.prepareReport();
    const quorum = d.reportQuorum(report);
    for (const changed of [{ modelRoot: d.bytes32() }, { metricsHash: d.bytes32() }, { artefact: d.bytes32() }, { excluded: 1n }]) {
      await refused(d.kernel.rounds.report(1, { ...input, ...changed }, quorum), d.kernel.operators, "OperatorsBadSignature");
    }
    for (const signed of [{ federation: 2 }, { round: 2 }, { attempt: 1 }, { sealHash: d.bytes32() }]) {
      const wrong = d.reportQuorum({ ...report, ...signed });
      await refused(d.kernel.rounds.report(1, input, wrong), d.kernel.operators, "OperatorsBadSignature");
    }
  });

  describe("exclusions", () => {
    /** 33 % of eight entries: two. */
    const excluding = async (indices: readonly number[]) => d.sendReport(await d.prepareReport(1, { excluded: excludedBitmap(indices) }));

    it("test_report_excludesWithinTheShare_succeeds", async () => {
      await d.seal(ALL_SEATS);
      await mined(excluding([0, 7]));
    });

    it("test_report_excludesMoreThanTheShare_reverts", async () => {
      await d.seal(ALL_SEATS);
      await refused(excluding([0, 3, 7]), d.kernel.rounds, "RoundsTooManyExcluded", 3, 2);
    });

    it("test_report_excludesBelowMinContributors_reverts", async () => {
      await d.seal([0, 1, 2]);
      await refused(excluding([0]), d.kernel.rounds, "RoundsTooManyExcluded", 1, 0);
      await d.kernel.helpers.time.increase(600);
      await d.kernel.rounds.void(1, 1);
      await d.kernel.rounds.reconfigure(1, { ...CONFIG, minContributors: 8 });
      await d.seal(ALL_SEATS);
      await refused(excluding([0]), d.kernel.rounds, "RoundsTooFewContributors", 7, 8);
    });

    it("test_report_excludesWhatIsNotThere_reverts", async () => {
      await d.seal(ALL_SEATS);
      await refused(excluding([8]), d.kernel.rounds, "RoundsExcludedOutOfRange", 256n, 8);
      await refused(excluding([255]), d.kernel.rounds, "RoundsExcludedOutOfRange", 1n << 255n, 8);
    });

    it("test_report_excludesDroppedEntry_succeeds", async () => {
      // Counts like any other: the share is of entries with weight.
      await d.seal([...ALL_SEATS, 8]);
      await refused(excluding([6, 7, 8]), d.kernel.rounds, "RoundsTooManyExcluded", 3, 2);
      await mined(excluding([8]));
    });
  });

  it("test_report_consentChanged_reverts", async () => {
    await d.seal(ALL_SEATS);
    const prepared = await d.prepareReport();
    await d.withdrawConsent();
    await refused(d.sendReport(prepared), d.kernel.rounds, "RoundsConsentChanged", 0, 1);
  });

  it("test_report_consentChangedInAnotherFederation_succeeds", async () => {
    await d.seal(ALL_SEATS);
    await d.kernel.seats.revoke(2, 3);
    await d.report();
    expect(await d.state(1)).to.equal(State.Reported);
  });

  it("test_report_byTheNextEpoch_succeeds", async () => {
    const { operators, operatorKeys } = d.kernel;
    await d.seal();
    await operators.formEpoch(operatorKeys.map(({ address }) => address), 4, ROUND_UNITS, 4);
    const prepared = await d.prepareReport();
    await refused(d.sendReport(prepared), operators, "OperatorsNoQuorum", 3, 4);
    await mined(d.sendReport(prepared, d.reportQuorum(prepared.report, [0, 1, 2, 3])));
    const { sealEpoch, reportEpoch } = await d.round(1);
    expect([sealEpoch, reportEpoch]).to.deep.equal([1n, 2n]);
  });

  it("test_report_byTheNextEpochBeyondItsUnits_reverts", async () => {
    const { operators, operatorKeys, rounds } = d.kernel;
    await d.runRound();
    await d.seal();
    await operators.formEpoch(operatorKeys.map(({ address }) => address), 3, 3, 4);
    await refused(d.sendReport(await d.prepareReport()), rounds, "RoundsExposureExhausted", 4, 3);
    await d.finalise(1);
    await d.report();
    expect(await d.live()).to.equal(2n);
  });

  it("test_report_bySignerThatLeft_reverts", async () => {
    // Its bit is gone with the epoch.
    const { operators, operatorKeys, helpers, contributors, token, ethers } = d.kernel;
    await contributors.admitOrganisation(must(d.kernel.officers[0]).address, must(d.kernel.officers[0]).address, must(d.kernel.officers[1]).address, 0);
    const newcomer = ethers.Wallet.createRandom().connect(ethers.provider);
    await helpers.setBalance(newcomer.address, 10n ** 20n);
    await token.connect(must(operatorKeys[0]).connect(ethers.provider)).transfer(newcomer.address, 10_000n * SHU);
    await operators.admit(newcomer.address, 5);
    await token.connect(newcomer).approve(operators, BOND * 40n);
    await operators.connect(newcomer).bond(BOND * 40n);
    await d.seal();
    const set = [...operatorKeys.slice(1), newcomer].toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
    await operators.formEpoch(set.map(({ address }) => address), 3, ROUND_UNITS, 4);
    await refused(d.sendReport(await d.prepareReport()), operators, "OperatorsBadSignature");
  });

  it("test_report_everySeatCounted_succeeds", async () => {
    await d.seal([...SEATS.exempt, SEATS.short]);
    await d.report();
    expect((await d.round(1)).accepted).to.equal(3n);
  });
});
