import { expect } from "chai";

import type { Hex } from "../../../protocol/bytes.ts";
import { configHash, digestOf, reportHash, type FederationConfig } from "../../../protocol/index.ts";
import { EMPTY_REPORT, fresh, type Driver } from "./driver.ts";
import { refused } from "./refused.ts";
import { ALL_SEATS, ARTEFACT, CONFIG, Fault, mined, MODEL_ROOT, RHO, ROTATION_DELAY, State, VoidReason } from "./world.ts";

describe("Rounds: federations and their configuration", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
  });

  const create = (change: Partial<FederationConfig> = {}) => d.kernel.rounds.createFederation({ ...CONFIG, ...change }, MODEL_ROOT, ARTEFACT);
  const reconfigure = (change: Partial<FederationConfig> = {}) => d.kernel.rounds.reconfigure(1, { ...CONFIG, ...change });

  it("test_createFederation_genesisIsFinal_succeeds", async () => {
    const { rounds } = d.kernel;
    const genesis = reportHash({ ...EMPTY_REPORT, federation: 3, modelRoot: MODEL_ROOT, artefact: ARTEFACT });
    await expect(create()).to.emit(rounds, "FederationCreated").withArgs(3, configHash(CONFIG), Object.values(CONFIG), genesis, MODEL_ROOT, ARTEFACT);
    const round = await d.round(0, 3);
    expect([round.state, round.hash]).to.deep.equal([State.Final, genesis]);
    expect(await rounds.configHashOf(3)).to.equal(configHash(CONFIG));
    expect(await rounds.federationCount()).to.equal(3n);
    const head = await d.head(3);
    expect([head.last, head.tip, head.forced, head.forceUntil]).to.deep.equal([0n, 0n, 0n, BigInt((await d.now()) + 60)]);
    expect([...(await rounds.weightRuleOf(3))]).to.deep.equal([10n, 64n]);
    expect([...(await rounds.settlementRuleOf(3))]).to.deep.equal([CONFIG.poolPerRound, 1n, 300n]);
  });

  it("test_createFederation_notOwner_reverts", async () => {
    const { rounds, outsider } = d.kernel;
    await refused(rounds.connect(outsider).createFederation(CONFIG, MODEL_ROOT, ARTEFACT), rounds, "OwnableUnauthorizedAccount", outsider.address);
    await refused(rounds.connect(outsider).reconfigure(1, CONFIG), rounds, "OwnableUnauthorizedAccount", outsider.address);
  });

  it("test_views_unknownFederation_reverts", async () => {
    const { rounds } = d.kernel;
    for (const call of [rounds.headOf(9), rounds.weightRuleOf(9), rounds.settlementRuleOf(9)]) await refused(call, rounds, "RoundsUnknownFederation", 9);
    await refused(rounds.reconfigure(9, CONFIG), rounds, "RoundsUnknownFederation", 9);
    expect((await d.round(1, 9)).state).to.equal(State.None);
  });

  /** Longest report window beside a force window of 60 and a challenge window of 300: an attempt may need it twice. */
  const HALF_DELAY = (ROTATION_DELAY - 360) / 2;
  const ZERO_HASH: Hex = `0x${"00".repeat(32)}`;
  const REFUSED: [Partial<FederationConfig>, string][] = [
    [{ ruleId: 0 }, "ruleId"],
    [{ ruleId: 5 }, "ruleId"],
    [{ scoringId: 0 }, "scoringId"],
    [{ scoringId: 3 }, "scoringId"],
    [{ scoringId: 2, termsHash: ZERO_HASH }, "termsHash"],
    [{ privacyMode: 3 }, "privacyMode"],
    [{ elementWidth: 3 }, "elementWidth"],
    [{ elementWidth: 4 }, "elementWidth"],
    [{ recordsPerWeight: 0 }, "recordsPerWeight"],
    [{ maxSeats: 0 }, "maxSeats"],
    [{ maxSeats: 257 }, "maxSeats"],
    [{ minContributors: 0 }, "minContributors"],
    [{ minContributors: 65 }, "minContributors"],
    [{ maxExcludedBps: 10_000 }, "maxExcludedBps"],
    [{ rhoPerRound: 2 ** 48 - 1 }, "rhoPerRound"],
    [{ reportWindow: 0 }, "reportWindow"],
    [{ challengeWindow: 0 }, "challengeWindow"],
    [{ maxAttempts: 0 }, "maxAttempts"],
    [{ settleEvery: 0 }, "settleEvery"],
    [{ settleEvery: 257 }, "settleEvery"],
    [{ ruleParam: 1n }, "ruleParam"],
    [{ ruleId: 4, ruleParam: 1n }, "ruleParam"],
    [{ ruleId: 2, ruleParam: 0n }, "ruleParam"],
    [{ ruleId: 3, ruleParam: 0n }, "ruleParam"],
    [{ ruleId: 3, ruleParam: 2n, minContributors: 4 }, "ruleParam"],
    [{ forceWindow: ROTATION_DELAY }, "windows exceed the key rotation delay"],
    [{ reportWindow: HALF_DELAY + 1 }, "windows exceed the key rotation delay"],
    [{ reportWindow: HALF_DELAY }, "windows exceed the unbonding period"],
    [{ finality: 3, approvalWindow: 1 }, "finality"],
    [{ finality: 1 }, "approvalWindow"],
    [{ approvalWindow: 1 }, "approvalWindow"],
    [{ finality: 1, approvalWindow: ROTATION_DELAY }, "windows exceed the key rotation delay"],
    [{ finality: 1, approvalWindow: 2 ** 32 - 1 }, "windows exceed 2^24 seconds"],
    [{ depth: 26 }, "depth"],
    [{ depth: 19, maxSeats: 177 }, "maxSeats and depth exceed a proof's size"],
    [{ depth: 13, maxSeats: 243 }, "maxSeats and depth exceed a proof's size"],
    [{ reportWindow: 2 ** 24 }, "windows exceed 2^24 seconds"],
    [{ challengeWindow: 2 ** 32 - 1 }, "windows exceed 2^24 seconds"],
  ];
  for (const [change, field] of REFUSED) {
    const name = Object.entries(change).map(([key, value]) => `${key}${value}`).join("_");
    it(`test_createFederation_${name}_reverts`, async () => {
      await refused(create(change), d.kernel.rounds, "RoundsBadConfig", field);
    });
  }

  it("test_createFederation_extremes_succeeds", async () => {
    for (const change of [
      { maxSeats: 256, minContributors: 256, settleEvery: 256, maxExcludedBps: 9_999, rhoPerRound: 2 ** 48 - 2, forceWindow: 0 },
      { ruleId: 2, ruleParam: 1n, privacyMode: 2 },
      { ruleId: 3, ruleParam: 2n, minContributors: 5 },
      { reportWindow: HALF_DELAY, maxAttempts: 2 },
      { reportWindow: HALF_DELAY - 1, maxAttempts: 2, finality: 2, approvalWindow: 2 },
      { scoringId: 2, termsHash: ARTEFACT },
      { scoringId: 1, termsHash: ARTEFACT },
      { depth: 25 },
      { depth: 19, maxSeats: 176 },
      { depth: 12, maxSeats: 256 },
      { poolPerRound: 2n ** 96n - 1n, normSqBound: 2n ** 64n - 1n, recordsPerWeight: 2 ** 32 - 1 },
    ]) {
      await mined(create(change));
    }
    const federation = Number(await d.kernel.rounds.federationCount());
    expect([...(await d.kernel.rounds.settlementRuleOf(federation))][0]).to.equal(2n ** 96n - 1n);
  });

  // --- reconfigure ---

  it("test_reconfigure_betweenRounds_succeeds", async () => {
    const { rounds } = d.kernel;
    await d.runRound();
    const next = { ...CONFIG, minContributors: 2, forceWindow: 30, settleEvery: 7 };
    await expect(rounds.reconfigure(1, next)).to.emit(rounds, "FederationReconfigured").withArgs(1, configHash(next), Object.values(next));
    const head = await d.head();
    expect([head.last, head.tip, head.forceUntil]).to.deep.equal([1n, 1n, BigInt((await d.now()) + 30)]);
    expect([...(await rounds.settlementRuleOf(1))][1]).to.equal(7n);
    await d.seal([0, 1]);
    await d.report();
    for (const round of [1, 2]) await d.finalise(round);
  });

  it("test_headOf_forceWindowThroughALife_succeeds", async () => {
    const until = async () => Number((await d.head()).forceUntil);
    const now = async () => await d.now();
    await d.seal(ALL_SEATS);
    expect(await until()).to.equal(0);
    await d.report();
    const reported = await now();
    expect(await until()).to.equal(reported + 60);
    // A configuration with other windows opens the round anew, whatever the old ones were.
    await reconfigure({ challengeWindow: 30, forceWindow: 100 });
    expect(await until()).to.equal((await now()) + 100);
    await d.runRound(ALL_SEATS);
    await d.overturn(2);
    expect(await until()).to.equal(0);
    await d.report();
    expect(await until()).to.equal((await now()) + 100);
    await d.overturn(2, Fault.Seal);
    expect(await until()).to.equal((await now()) + 100);
    await d.seal(ALL_SEATS);
    await d.withdrawConsent();
    await d.kernel.rounds.reopen(1);
    expect(await until()).to.equal(0);
    await d.untilDeadline(2);
    await d.kernel.rounds.void(1, 2);
    expect(await until()).to.equal((await now()) + 100);
    const round = await d.runRound([0, 1, 2]);
    const again = await now();
    for (const each of [1, round]) await d.finalise(each).catch(() => null);
    expect(await d.state(round)).to.equal(State.Final);
    expect(await until()).to.equal(again + 100);
  });

  it("test_reconfigure_dropsWhatWasForced_succeeds", async () => {
    await d.runRound();
    const forced = await d.force(5);
    await reconfigure({ settleEvery: 2 });
    expect((await d.head()).forced).to.equal(0n);
    await refused(d.kernel.rounds.forceInclude(forced, d.sign(forced)), d.kernel.rounds, "RoundsBadContribution", "configHash");
    await d.force(5);
    expect((await d.head()).forced).to.equal(1n);
  });

  it("test_seal_signedForTheOldConfiguration_reverts", async () => {
    await d.untilSealable();
    const open = await d.openRound();
    const sent = d.prepareSeal(open, d.entries(ALL_SEATS, open));
    await reconfigure({ settleEvery: 2 });
    await d.untilSealable();
    await refused(d.sendSeal(sent), d.kernel.operators, "OperatorsBadSignature");
  });

  it("test_reconfigure_whileSealedOrOpen_reverts", async () => {
    await d.seal(ALL_SEATS);
    await refused(reconfigure(), d.kernel.rounds, "RoundsRedoInProgress", 1, 1);
    await d.withdrawConsent();
    await d.kernel.rounds.reopen(1);
    await refused(reconfigure(), d.kernel.rounds, "RoundsRedoInProgress", 1, 1);
    await d.untilDeadline(1);
    await d.kernel.rounds.void(1, 1);
    await mined(reconfigure());
  });

  it("test_reconfigure_maxSeats_reverts", async () => {
    // The weights of 64 seats fit 16 bits together; those of more seats at the old weights might not.
    for (const maxSeats of [63, 65, 256]) await refused(reconfigure({ maxSeats }), d.kernel.rounds, "RoundsBadConfig", "maxSeats");
  });

  it("test_reconfigure_badConfig_reverts", async () => {
    await refused(reconfigure({ minContributors: 65 }), d.kernel.rounds, "RoundsBadConfig", "minContributors");
  });

  it("test_overturn_sealedUnderAnotherConfiguration_succeeds", async () => {
    // It was charged for less than it would now spend, and holds entries forced in on other terms: nobody may do it again.
    const { rounds, seats } = d.kernel;
    for (const kind of [Fault.Seal, Fault.Report]) {
      await reconfigure({ rhoPerRound: RHO });
      await d.untilSealable();
      const round = await d.runRound(ALL_SEATS);
      await reconfigure({ rhoPerRound: 5 * RHO });
      await expect(d.prove(round, kind)).to.emit(rounds, "RoundVoided").withArgs(1, round, VoidReason.Reconfigured);
      expect(await d.live()).to.equal(0n);
      expect((await d.head()).forceUntil).to.equal(BigInt((await d.now()) + 60));
    }
    const before = (await seats.laneOf(1, 2)).remaining;
    await d.runRound(ALL_SEATS);
    expect((await seats.laneOf(1, 2)).remaining).to.equal(before - BigInt(5 * RHO));
  });

  it("test_finalise_sealedUnderAnotherConfiguration_succeeds", async () => {
    await d.runRound(ALL_SEATS);
    await reconfigure({ challengeWindow: 500 });
    await d.runRound(ALL_SEATS);
    await d.finalise(1);
    await d.finalise(2);
    expect(await d.live()).to.equal(0n);
  });

  it("test_overturn_fewerAttemptsThanBefore_succeeds", async () => {
    await d.runRound();
    await d.overturn(1);
    await d.report();
    await reconfigure({ maxAttempts: 1 });
    await d.overturn(1);
    const { state, attempt } = await d.round(1);
    expect([state, attempt]).to.deep.equal([State.Void, 2n]);
    expect(await d.live()).to.equal(0n);
  });

  it("test_digests_sameAsProtocol_succeeds", async () => {
    const { rounds, domain } = d.kernel;
    const open = await d.openRound();
    const contribution = d.contribution(3, open);
    const { seal } = d.prepareSeal(open, d.entries(ALL_SEATS, open));
    const { report } = await d.prepareReport();
    expect(await rounds.contributionDigest(contribution)).to.equal(digestOf(domain, "Contribution", contribution));
    expect(await rounds.sealDigest(seal)).to.equal(digestOf(domain, "Seal", seal));
    expect(await rounds.reportDigest(report)).to.equal(digestOf(domain, "Report", report));
    expect(domain.verifyingContract).to.equal((await rounds.getAddress()) as Hex);
  });
});
