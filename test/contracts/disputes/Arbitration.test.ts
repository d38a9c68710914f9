import { expect } from "chai";
import { ethers as E } from "ethers";

import { BOND, must, openChain, plain, SHU, UNBONDING, type Chain } from "../value/helpers.ts";
import { evidenceOf, FEDERATION } from "../value/settlement-world.ts";
import { deployArbitration, PERIOD, REASON, STAKE, WINDOW } from "./arbitration-world.ts";

describe("Arbitration", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  const deploy = () => deployArbitration(chain);
  type World = Awaited<ReturnType<typeof deploy>>;
  const fixture = () => chain.helpers.loadFixture(deploy);
  const signersOf = ({ keys }: World) => [0, 2, 3, 5, 6].map((i) => must(keys[i]));
  const stakesOf = ({ keys, operators }: World) => Promise.all(keys.map(async (key) => (await operators.operatorOf(key)).stake));
  /** Wei for each signer, for the pool, burnt: of a bond. */
  const division = (bond: bigint) => {
    const [each, pool] = [(bond * 40n) / 100n / 5n, (bond * 40n) / 100n];
    return [each, pool, bond - pool - 5n * each] as const;
  };

  // --- challenge ---

  it("test_challenge_freezesAndTakesTheBond_succeeds", async () => {
    const { settlement, arbitration, token, propose, challenge, account, ada, pass } = await fixture();
    await propose();
    const { deadline: window } = await account();
    const before = await token.balanceOf(ada);
    expect(await arbitration.bondOf(FEDERATION)).to.equal(STAKE);
    const sent = challenge();
    const deadline = BigInt(((await (await sent).getBlock())?.timestamp ?? 0) + PERIOD);
    await expect(sent).to.emit(arbitration, "SettlementChallenged").withArgs(FEDERATION, 1, 0, ada, STAKE, REASON, deadline)
      .and.to.emit(settlement, "SettlementFreezeChanged").withArgs(FEDERATION, 1, 0, true);
    expect(plain(await arbitration.challengeOf(FEDERATION))).to.deep.equal({ challenger: ada.address, deadline, index: 1n, attempt: 0n, bond: STAKE, signers: 0b1101101n, epoch: 1n });
    expect(before - (await token.balanceOf(ada))).to.equal(STAKE);
    expect(await token.balanceOf(arbitration)).to.equal(STAKE);
    await pass(WINDOW);
    await expect(settlement.finalise(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementFrozen");
    expect((await account()).deadline).to.equal(window);
  });

  it("test_challenge_nothingUnderWay_reverts", async () => {
    const { settlement, arbitration, challenge, propose, pass, ada, token } = await fixture();
    const before = await token.balanceOf(ada);
    await expect(challenge()).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay").withArgs(FEDERATION);
    await propose();
    await pass(WINDOW);
    await settlement.finalise(FEDERATION);
    await expect(challenge()).to.be.revertedWithCustomError(arbitration, "ArbitrationOtherSettlement").withArgs(2, 0);
    await expect(challenge(ada, 2)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay").withArgs(FEDERATION);
    expect(await token.balanceOf(ada)).to.equal(before);
  });

  it("test_challenge_atTheSettlementsDeadline_reverts", async () => {
    const { settlement, challenge, propose, account } = await fixture();
    await propose();
    const { deadline } = await account();
    await chain.helpers.time.setNextBlockTimestamp(deadline);
    await expect(challenge()).to.be.revertedWithCustomError(settlement, "SettlementDeadlinePassed").withArgs(deadline);
  });

  it("test_challenge_overtakenByAnotherSettlement_reverts", async () => {
    const { settlement, arbitration, challenge, propose, judge, stranger, ada } = await fixture();
    await propose();
    await expect(challenge(ada, 2)).to.be.revertedWithCustomError(arbitration, "ArbitrationOtherSettlement").withArgs(1, 0);
    await settlement.connect(judge).overturn(FEDERATION, stranger);
    await propose(); // the right one this time: a challenge of the wrong one must not cost its bond
    await expect(challenge()).to.be.revertedWithCustomError(arbitration, "ArbitrationOtherSettlement").withArgs(1, 1);
  });

  it("test_challenge_oneAtATime_reverts", async () => {
    const { arbitration, challenge, propose, ben } = await fixture();
    await propose();
    await propose(6);
    await challenge();
    const { deadline } = await arbitration.challengeOf(FEDERATION);
    await expect(challenge(ben)).to.be.revertedWithCustomError(arbitration, "ArbitrationChallengeOpen").withArgs(FEDERATION, deadline);
    await arbitration.connect(ben).challenge(6, 1, 0, REASON); // one for each federation
  });

  it("test_challenge_byWhoJudges_reverts", async () => {
    const { arbitration, challenge, propose, owner, token } = await fixture();
    await propose();
    await token.connect(owner).approve(arbitration, E.MaxUint256);
    await expect(challenge(owner)).to.be.revertedWithCustomError(arbitration, "ArbitrationOwnCause").withArgs(owner);
  });

  it("test_challenge_withoutTheBond_reverts", async () => {
    const { arbitration, settlement, challenge, propose, account, token, ada } = await fixture();
    await propose();
    await token.connect(ada).approve(arbitration, STAKE - 1n);
    await expect(challenge()).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
    expect((await account()).frozen).to.equal(false);
    await expect(arbitration.expire(FEDERATION)).to.be.revertedWithCustomError(arbitration, "ArbitrationNoChallenge").withArgs(FEDERATION);
    expect(await settlement.liveUnits()).to.equal(1);
  });

  it("test_challenge_frozenByAnotherJudge_reverts", async () => {
    const { settlement, challenge, propose, judge } = await fixture();
    await propose();
    await settlement.connect(judge).freeze(FEDERATION);
    await expect(challenge()).to.be.revertedWithCustomError(settlement, "SettlementFrozen").withArgs(FEDERATION);
  });

  // --- upheld ---

  it("test_rule_upheld_overturnsAndReturnsTheBond_succeeds", async () => {
    const world = await fixture();
    const { settlement, arbitration, token, operators, propose, challenge, rule, account, ada, pass } = world;
    await propose();
    await challenge();
    await pass(WINDOW + 1); // after the settlement's own deadline
    const stakes = await stakesOf(world);
    await expect(rule(true)).to.emit(arbitration, "ChallengeUpheld").withArgs(FEDERATION, 1, 0, ada)
      .and.to.emit(settlement, "SettlementOverturned").withArgs(FEDERATION, 1, 0, ada, 0b1101101)
      .and.to.emit(operators, "Slashed").withArgs(await evidenceOf(settlement, 1, 0), 1, 0b1101101, ada, Array(5).fill(BOND), 200n * SHU, 200n * SHU, 100n * SHU);
    const lost = (await stakesOf(world)).map((stake, i) => must(stakes[i]) - stake);
    expect(lost).to.deep.equal([BOND, 0n, BOND, BOND, 0n, BOND, BOND]);
    expect(await arbitration.owedTo(ada)).to.equal(STAKE);
    await expect(arbitration.connect(ada).withdraw()).to.emit(arbitration, "Withdrawn").withArgs(ada, STAKE);
    expect(await token.balanceOf(arbitration)).to.equal(0);
    expect(plain(await account())).to.deep.include({ state: 0n, attempt: 1n, frozen: false });
    await expect(rule(true)).to.be.revertedWithCustomError(arbitration, "ArbitrationNoChallenge").withArgs(FEDERATION);
    await propose(); // the same rounds again
    expect(await arbitration.bondOf(FEDERATION)).to.equal(STAKE);
  });

  // --- rejected ---

  for (const by of ["ruling", "expiry"] as const) {
    it(`test_rejected_by${by === "ruling" ? "Ruling" : "Expiry"}_dividesTheBond_succeeds`, async () => {
      const world = await fixture();
      const { settlement, arbitration, token, treasury, operators, propose, challenge, rule, account, ada, stranger, pass } = world;
      await propose();
      await challenge();
      if (by === "expiry") await chain.helpers.time.setNextBlockTimestamp((await arbitration.challengeOf(FEDERATION)).deadline);
      const before = { supply: await token.totalSupply(), recycled: await treasury.totalRecycled(), stakes: await stakesOf(world) };
      const [each, pool, burnt] = division(STAKE);
      expect((STAKE * 40n) / 100n % 5n, "there is dust").to.not.equal(0n);
      await expect(by === "ruling" ? rule(false) : arbitration.connect(stranger).expire(FEDERATION))
        .to.emit(arbitration, "ChallengeRejected").withArgs(FEDERATION, 1, 0, ada, by === "ruling", each, pool, burnt)
        .and.to.emit(settlement, "SettlementFreezeChanged").withArgs(FEDERATION, 1, 0, false)
        .and.to.emit(treasury, "Recycled").withArgs(arbitration, pool);
      expect(5n * each + pool + burnt).to.equal(STAKE);
      expect(before.supply - (await token.totalSupply())).to.equal(burnt);
      expect((await treasury.totalRecycled()) - before.recycled).to.equal(pool);
      expect(await stakesOf(world)).to.deep.equal(before.stakes);
      for (const signer of signersOf(world)) {
        const had = await token.balanceOf(signer);
        await arbitration.connect(signer).withdraw();
        expect((await token.balanceOf(signer)) - had).to.equal(each);
      }
      for (const other of [must(world.keys[1]), must(world.keys[4]), ada]) {
        await expect(arbitration.connect(other).withdraw()).to.be.revertedWithCustomError(arbitration, "ArbitrationNothingOwed").withArgs(other);
      }
      expect(await token.balanceOf(arbitration)).to.equal(0);
      expect(plain(await account())).to.deep.include({ state: 1n, attempt: 0n, frozen: false });
      expect(await arbitration.rejectedOf(FEDERATION, 1, 0)).to.equal(1);
      await expect(rule(true)).to.be.revertedWithCustomError(arbitration, "ArbitrationNoChallenge");
      // The original deadline: over already after an expiry, so it can be final at once; still ahead after an early ruling.
      if (by === "ruling") {
        await expect(settlement.finalise(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementWindowOpen");
        await pass(WINDOW);
      }
      await settlement.finalise(FEDERATION);
      expect(await operators.token()).to.equal(await token.getAddress());
    });
  }

  it("test_rejected_signersAreTheEpochThatSigned_succeeds", async () => {
    const world = await fixture();
    const { arbitration, propose, challenge, rule, form, keys } = world;
    await propose();
    await form(keys.slice(1), 4); // the bitmap's places now belong to others
    await challenge();
    await form(keys.slice(0, 6), 4);
    await rule(false);
    const owed = await Promise.all(keys.map(async (key) => (await arbitration.owedTo(key)) / SHU));
    expect(owed).to.deep.equal([8n, 0n, 8n, 8n, 0n, 8n, 8n]);
  });

  it("test_rejected_bondOfOneWei_isBurnt_succeeds", async () => {
    const { settlement, arbitration, operators, treasury, token, owner, ada, propose } = await fixture();
    const small = await chain.ethers.deployContract("Arbitration", [owner, settlement, operators, treasury, 1, PERIOD]);
    await settlement.connect(owner).changeJudge(small, true);
    await token.connect(ada).approve(small, E.MaxUint256);
    await propose();
    await small.connect(ada).challenge(FEDERATION, 1, 0, REASON);
    const supply = await token.totalSupply();
    await expect(small.connect(owner).rule(FEDERATION, 1, 0, false)).to.emit(small, "ChallengeRejected").withArgs(FEDERATION, 1, 0, ada, true, 0, 0, 1);
    expect(supply - (await token.totalSupply())).to.equal(1);
    expect(await arbitration.owedTo(ada)).to.equal(0);
  });

  it("test_rejected_bondDoublesForTheSameAttemptOnly_succeeds", async () => {
    const { settlement, arbitration, token, propose, challenge, rule, judge, ada, ben, pass } = await fixture();
    await propose();
    for (const [bond, by] of [[STAKE, ada], [2n * STAKE, ben], [4n * STAKE, ada]] as const) {
      expect(await arbitration.bondOf(FEDERATION)).to.equal(bond);
      const before = await token.balanceOf(by);
      await challenge(by);
      expect(before - (await token.balanceOf(by))).to.equal(bond);
      await rule(false);
    }
    expect(await arbitration.bondOf(FEDERATION)).to.equal(8n * STAKE);
    expect(await arbitration.bondOf(6)).to.equal(STAKE);
    await settlement.connect(judge).overturn(FEDERATION, ben);
    await propose();
    expect(await arbitration.bondOf(FEDERATION)).to.equal(STAKE);
    await challenge(ada, 1, 1);
    await rule(false, 1, 1);
    expect(await arbitration.bondOf(FEDERATION)).to.equal(2n * STAKE);
    await pass(WINDOW);
    await settlement.finalise(FEDERATION);
    expect(await arbitration.bondOf(FEDERATION)).to.equal(STAKE);
  });

  it("test_rejected_noChallengeAfterTheOriginalDeadline_reverts", async () => {
    const { settlement, arbitration, propose, challenge, account, ben, pass } = await fixture();
    await propose();
    await challenge();
    await pass();
    await arbitration.expire(FEDERATION);
    const { deadline } = await account();
    await expect(challenge(ben)).to.be.revertedWithCustomError(settlement, "SettlementDeadlinePassed").withArgs(deadline);
    await settlement.finalise(FEDERATION);
  });

  // --- who may rule, and when ---

  it("test_rule_notOwner_reverts", async () => {
    const world = await fixture();
    const { arbitration, propose, challenge, ada, judge } = world;
    await propose();
    await challenge();
    for (const caller of [ada, judge, ...signersOf(world)]) {
      await expect(arbitration.connect(caller).rule(FEDERATION, 1, 0, true)).to.be.revertedWithCustomError(arbitration, "OwnableUnauthorizedAccount").withArgs(caller);
    }
  });

  it("test_rule_fromTheDeadlineOn_reverts_expireBefore_reverts", async () => {
    const { arbitration, propose, challenge, rule, stranger } = await fixture();
    await propose();
    await challenge();
    const { deadline } = await arbitration.challengeOf(FEDERATION);
    await chain.helpers.time.setNextBlockTimestamp(deadline - 2n);
    await expect(arbitration.connect(stranger).expire(FEDERATION)).to.be.revertedWithCustomError(arbitration, "ArbitrationPeriodOpen").withArgs(deadline);
    const snapshot = await chain.helpers.takeSnapshot();
    await chain.helpers.time.setNextBlockTimestamp(deadline - 1n);
    await rule(true);
    await snapshot.restore();
    await chain.helpers.time.setNextBlockTimestamp(deadline);
    await expect(rule(true)).to.be.revertedWithCustomError(arbitration, "ArbitrationPeriodOver").withArgs(deadline);
    await arbitration.connect(stranger).expire(FEDERATION);
  });

  it("test_rule_voteOnASettlementThatIsGone_doesNotFallOnTheNext_reverts", async () => {
    // Governance votes to uphold; meanwhile a proof overturns the settlement, an honest one follows, and a friend of the voters' challenges that.
    const { settlement, arbitration, propose, challenge, rule, judge, ada, ben, account } = await fixture();
    await propose();
    await challenge();
    await settlement.connect(judge).overturn(FEDERATION, ben);
    await propose();
    await challenge(ben, 1, 1);
    await expect(rule(true)).to.be.revertedWithCustomError(arbitration, "ArbitrationOtherSettlement").withArgs(1, 1);
    await expect(rule(true, 2, 1)).to.be.revertedWithCustomError(arbitration, "ArbitrationOtherSettlement").withArgs(1, 1);
    expect((await account()).frozen).to.equal(true);
    await rule(false, 1, 1);
    expect(await arbitration.owedTo(ada)).to.equal(STAKE);
  });

  it("test_rule_expire_release_nothingChallenged_reverts", async () => {
    const { arbitration, propose, rule } = await fixture();
    await propose();
    await expect(rule(true)).to.be.revertedWithCustomError(arbitration, "ArbitrationNoChallenge").withArgs(FEDERATION);
    await expect(arbitration.expire(FEDERATION)).to.be.revertedWithCustomError(arbitration, "ArbitrationNoChallenge").withArgs(FEDERATION);
    await expect(arbitration.release(FEDERATION)).to.be.revertedWithCustomError(arbitration, "ArbitrationNoChallenge").withArgs(FEDERATION);
  });

  // --- moot ---

  it("test_release_overturnedByAProof_returnsTheWholeBond_succeeds", async () => {
    const { settlement, arbitration, token, propose, challenge, rule, judge, ada, ben, stranger, pass } = await fixture();
    await propose();
    await challenge();
    await expect(arbitration.release(FEDERATION)).to.be.revertedWithCustomError(arbitration, "ArbitrationNotMoot").withArgs(FEDERATION);
    await pass(WINDOW); // a proof is accepted as long as the freeze lasts
    await settlement.connect(judge).overturn(FEDERATION, ben);
    await expect(rule(true)).to.be.revertedWithCustomError(arbitration, "ArbitrationMoot").withArgs(FEDERATION);
    await pass();
    await expect(arbitration.expire(FEDERATION)).to.be.revertedWithCustomError(arbitration, "ArbitrationMoot").withArgs(FEDERATION);
    await expect(arbitration.connect(stranger).release(FEDERATION)).to.emit(arbitration, "ChallengeReleased").withArgs(FEDERATION, 1, 0, ada);
    await expect(arbitration.release(FEDERATION)).to.be.revertedWithCustomError(arbitration, "ArbitrationNoChallenge").withArgs(FEDERATION);
    await arbitration.connect(ada).withdraw();
    expect(await token.balanceOf(ada)).to.equal(2000n * SHU);
    await expect(arbitration.connect(ada).withdraw()).to.be.revertedWithCustomError(arbitration, "ArbitrationNothingOwed").withArgs(ada);
  });

  it("test_challenge_releasesAMootOne_succeeds", async () => {
    const { settlement, arbitration, propose, challenge, judge, ada, ben } = await fixture();
    await propose();
    await challenge();
    await settlement.connect(judge).overturn(FEDERATION, ben);
    await propose();
    await expect(challenge(ben, 1, 1)).to.emit(arbitration, "ChallengeReleased").withArgs(FEDERATION, 1, 0, ada);
    expect(await arbitration.owedTo(ada)).to.equal(STAKE);
    expect(plain(await arbitration.challengeOf(FEDERATION))).to.deep.include({ challenger: ben.address, attempt: 1n });
  });

  it("test_release_unfrozenByAnotherJudge_isMoot_succeeds", async () => {
    const { settlement, arbitration, propose, challenge, rule, judge, ada, pass } = await fixture();
    await propose();
    await challenge();
    await settlement.connect(judge).unfreeze(FEDERATION);
    await expect(rule(false)).to.be.revertedWithCustomError(arbitration, "ArbitrationMoot");
    await pass(WINDOW);
    await settlement.finalise(FEDERATION);
    await arbitration.release(FEDERATION);
    expect(await arbitration.owedTo(ada)).to.equal(STAKE);
  });

  for (const next of ["Attempt", "Index"] as const) {
    it(`test_release_anotherJudgeFrozeTheNext${next}_isMoot_succeeds`, async () => {
      const { settlement, arbitration, propose, challenge, rule, judge, ada, ben, pass } = await fixture();
      await propose();
      await challenge();
      if (next === "Attempt") await settlement.connect(judge).overturn(FEDERATION, ben);
      else {
        await settlement.connect(judge).unfreeze(FEDERATION);
        await pass(WINDOW);
        await settlement.finalise(FEDERATION);
      }
      await propose();
      await settlement.connect(judge).freeze(FEDERATION); // frozen, but not for this challenge
      await expect(rule(true)).to.be.revertedWithCustomError(arbitration, "ArbitrationMoot").withArgs(FEDERATION);
      await arbitration.release(FEDERATION);
      expect(await arbitration.owedTo(ada)).to.equal(STAKE);
    });
  }

  // --- interests ---

  it("test_challenge_friendlyChallengerGainsNothing_succeeds", async () => {
    // A signer takes the place against its own wrong settlement, with a reason that means nothing.
    const world = await fixture();
    const { settlement, arbitration, token, operators, propose, challenge, rule, pass, ben, judge } = world;
    const [accomplice] = signersOf(world) as [E.Wallet];
    await token.connect(accomplice).approve(arbitration, E.MaxUint256);
    await propose();
    const sum = (values: bigint[]) => values.reduce((rest, value) => rest + value, 0n);
    /** All that the signers have: tokens, stakes, and what waits for them. */
    const wealth = async () =>
      sum(await Promise.all(signersOf(world).map(async (key) => (await token.balanceOf(key)) + (await arbitration.owedTo(key))))) + sum(await stakesOf(world));
    const had = await wealth();
    await arbitration.connect(accomplice).challenge(FEDERATION, 1, 0, E.id("nothing in particular"));
    await expect(challenge(ben)).to.be.revertedWithCustomError(arbitration, "ArbitrationChallengeOpen");
    await pass(WINDOW + 1);
    // Governance judges the settlement. Even with the challenger's part in their hands, the signers are poorer by the pool's part and the burnt part.
    const snapshot = await chain.helpers.takeSnapshot();
    await rule(true);
    await operators.collect(await evidenceOf(settlement, 1, 0));
    expect(had - (await wealth())).to.equal(300n * SHU);
    // A proof does the same without governance, after the settlement's deadline too.
    await snapshot.restore();
    await settlement.connect(judge).overturn(FEDERATION, ben);
    // And when the challenge is rejected, 60 % of the bond is gone.
    await snapshot.restore();
    await rule(false);
    expect(had - (await wealth())).to.equal(STAKE - 5n * division(STAKE)[0]);
  });

  it("test_judging_whoJudgesNeverGains_succeeds", async () => {
    const { settlement, arbitration, token, propose, challenge, rule, owner, judge, ada, stranger, pass } = await fixture();
    const had = await token.balanceOf(owner);
    const same = async () => {
      expect(await token.balanceOf(owner)).to.equal(had);
      expect(await arbitration.owedTo(owner)).to.equal(0);
    };
    let attempt = 0;
    for (const end of ["uphold", "reject", "expire", "moot"] as const) {
      await propose();
      await challenge(ada, 1, attempt);
      await same();
      if (end === "uphold") await rule(true, 1, attempt);
      if (end === "reject") await rule(false, 1, attempt);
      if (end === "expire") {
        await pass();
        await arbitration.connect(stranger).expire(FEDERATION);
      }
      if (end === "moot") {
        await settlement.connect(judge).overturn(FEDERATION, stranger);
        await arbitration.connect(owner).release(FEDERATION);
      }
      await same();
      if (end === "reject") await settlement.connect(judge).overturn(FEDERATION, stranger);
      if (end === "expire") break;
      attempt++;
    }
    await expect(arbitration.connect(owner).withdraw()).to.be.revertedWithCustomError(arbitration, "ArbitrationNothingOwed").withArgs(owner);
  });

  it("test_rule_dismissedAsJudge_nothingIsLost_succeeds", async () => {
    const { settlement, arbitration, propose, challenge, rule, owner, pass, token } = await fixture();
    await propose();
    await challenge();
    await settlement.connect(owner).changeJudge(arbitration, false);
    await expect(rule(true)).to.be.revertedWithCustomError(settlement, "SettlementNotJudge").withArgs(arbitration);
    await pass();
    await expect(arbitration.expire(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementNotJudge").withArgs(arbitration);
    expect(await token.balanceOf(arbitration)).to.equal(STAKE);
    await settlement.connect(owner).changeJudge(arbitration, true);
    await arbitration.expire(FEDERATION);
    await settlement.finalise(FEDERATION);
  });

  it("test_constructor_badParameters_reverts", async () => {
    const { settlement, arbitration, operators, treasury, owner, token } = await fixture();
    const build = (bond: bigint, period: number) => chain.ethers.deployContract("Arbitration", [owner, settlement, operators, treasury, bond, period]);
    for (const [bond, period] of [[0n, PERIOD], [2n ** 128n, PERIOD], [STAKE, 0], [STAKE, UNBONDING]] as const) {
      await expect(build(bond, period), `${bond} ${period}`).to.be.revertedWithCustomError(arbitration, "ArbitrationBadParameters").withArgs(bond, period);
    }
    await build(2n ** 128n - 1n, UNBONDING - 1);
    expect([await arbitration.BOND(), await arbitration.PERIOD(), await arbitration.TOKEN()]).to.deep.equal([STAKE, BigInt(PERIOD), await token.getAddress()]);
  });
});
