import { expect } from "chai";
import { ethers as E } from "ethers";
import { BOND, SHU, must, openChain, plain, type Chain } from "./helpers.ts";
import { FEDERATION, POOL, State, WINDOW, deploySettlement, evidenceOf } from "./settlement-world.ts";

describe("Settlement: what judges may do", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  const deploy = () => deploySettlement(chain);
  const fixture = () => chain.helpers.loadFixture(deploy);

  // --- overturn ---

  it("test_judges_notAppointed_reverts", async () => {
    const { settlement, propose, owner, stranger, keys } = await fixture();
    await propose();
    for (const caller of [owner, stranger, must(keys[0])]) {
      const as = settlement.connect(caller);
      await expect(as.overturn(FEDERATION, stranger)).to.be.revertedWithCustomError(settlement, "SettlementNotJudge").withArgs(caller);
      await expect(as.freeze(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementNotJudge").withArgs(caller);
      await expect(as.unfreeze(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementNotJudge").withArgs(caller);
    }
  });

  it("test_overturn_nothingUnderWay_reverts", async () => {
    const { settlement, judge, challenger } = await fixture();
    await expect(settlement.connect(judge).overturn(FEDERATION, challenger)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay");
  });

  it("test_overturn_atDeadline_reverts", async () => {
    const { settlement, propose, judge, challenger } = await fixture();
    await propose();
    const { deadline } = await settlement.accountOf(FEDERATION);
    await chain.helpers.time.setNextBlockTimestamp(deadline);
    await expect(settlement.connect(judge).overturn(FEDERATION, challenger)).to.be.revertedWithCustomError(settlement, "SettlementDeadlinePassed").withArgs(deadline);
  });

  it("test_overturn_afterFinality_reverts", async () => {
    const { settlement, propose, judge, challenger, pass } = await fixture();
    await propose();
    await pass();
    await settlement.finalise(FEDERATION);
    await expect(settlement.connect(judge).overturn(FEDERATION, challenger)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay");
  });

  it("test_overturn_aSecondBeforeDeadline_slashesAndReopens_succeeds", async () => {
    const { settlement, propose, judge, challenger, operators, keys, token, treasury } = await fixture();
    await propose();
    const { deadline } = await settlement.accountOf(FEDERATION);
    await chain.helpers.time.setNextBlockTimestamp(deadline - 1n);
    await expect(settlement.connect(judge).overturn(FEDERATION, challenger))
      .to.emit(settlement, "SettlementOverturned").withArgs(FEDERATION, 1, 0, challenger, 0b1111)
      .and.to.emit(operators, "Slashed").withArgs(await evidenceOf(settlement, 1, 0), 1, 0b1111, challenger, [BOND, BOND, BOND, BOND], 160n * SHU, 160n * SHU, 80n * SHU);
    await operators.collect(await evidenceOf(settlement, 1, 0));
    expect(await token.balanceOf(challenger)).to.equal(160n * SHU);
    expect((await operators.operatorOf(must(keys[0]))).stake).to.equal(9n * BOND);
    expect((await operators.operatorOf(must(keys[4]))).stake).to.equal(10n * BOND);
    expect((await operators.currentEpoch()).settlementUnits).to.equal(3);
    expect(await treasury.creditedOf(FEDERATION)).to.equal(0);
    expect(plain(await settlement.accountOf(FEDERATION))).to.deep.include({
      nextIndex: 1n, attempt: 1n, state: 0n, settledThrough: 0n, proposedThrough: 0n, signers: 0n, carry: 0n, pool: 0n, distributed: 0n, total: 0n, statementHash: E.ZeroHash, rewardsRoot: E.ZeroHash,
    });
    expect(await settlement.liveUnits()).to.equal(0);
    await expect(settlement.connect(judge).overturn(FEDERATION, challenger)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay");
  });

  it("test_overturn_sameRoundsAgain_succeeds", async () => {
    const { settlement, propose, judge, challenger, pass, operators, treasury } = await fixture();
    await propose();
    await settlement.connect(judge).overturn(FEDERATION, challenger);
    // The overturned statement cannot come back: its signatures name attempt 0.
    await expect(propose()).to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs("attempt");
    await propose({ attempt: 1, lastRound: 3, lastReportHash: E.id("report 3") });
    await settlement.connect(judge).overturn(FEDERATION, challenger);
    expect(await operators.evidenceUsed(await evidenceOf(settlement, 1, 1))).to.equal(true);
    await propose({ attempt: 2 });
    await pass();
    await settlement.finalise(FEDERATION);
    expect(await treasury.creditedOf(FEDERATION)).to.equal(200n * SHU);
    expect((await settlement.accountOf(FEDERATION)).attempt).to.equal(0);
  });

  it("test_overturn_liableAreTheEpochThatSigned_succeeds", async () => {
    const { settlement, propose, judge, challenger, operators, keys, form } = await fixture();
    await propose(); // signed by members 0–3 of epoch 1
    await form(keys.slice(1), 4);
    await operators.connect(must(keys[0])).startUnbonding(10n * BOND); // leaves, and stays liable
    await settlement.connect(judge).overturn(FEDERATION, challenger);
    const stakes = await Promise.all(keys.map(async (key) => (await operators.operatorOf(key)).stake / BOND));
    expect(stakes).to.deep.equal([9n, 9n, 9n, 9n, 10n, 10n, 10n]);
  });

  it("test_overturn_keepsCarryOfTheLastFinalOne_succeeds", async () => {
    const { settlement, propose, judge, challenger, pass } = await fixture();
    await propose({ distributed: 1n, total: 1n });
    await pass();
    await settlement.finalise(FEDERATION);
    const second = { index: 2, firstRound: 3, lastRound: 4, lastReportHash: E.id("report 4"), distributed: 5n, total: 6n };
    await propose(second);
    await settlement.connect(judge).overturn(FEDERATION, challenger);
    expect(await settlement.poolThrough(FEDERATION, 4)).to.deep.equal([400n * SHU - 1n, 2n]);
    await propose({ ...second, attempt: 1 });
  });

  it("test_overturn_attemptsRunOut_goesOnUnderANewIndex_succeeds", async () => {
    const { settlement, propose, judge, challenger, operators } = await fixture();
    await propose();
    await settlement.connect(judge).overturn(FEDERATION, challenger);
    // The attempt is the byte behind nextIndex in the account's first word; nobody could afford to get to 255 by being overturned.
    const slots = Array.from({ length: 10 }, (_, i) => E.keccak256(E.AbiCoder.defaultAbiCoder().encode(["uint32", "uint256"], [FEDERATION, i])));
    for (const slot of slots) {
      const word = BigInt(await chain.ethers.provider.getStorage(settlement, slot));
      if (word !== 0n) await chain.helpers.setStorageAt(await settlement.getAddress(), slot, E.toBeHex(word | (0xffn << 32n), 32));
    }
    expect((await settlement.accountOf(FEDERATION)).attempt).to.equal(255);
    await propose({ attempt: 255 });
    await settlement.connect(judge).overturn(FEDERATION, challenger);
    expect(await operators.evidenceUsed(await evidenceOf(settlement, 1, 255))).to.equal(true);
    const account = await settlement.accountOf(FEDERATION);
    expect([account.nextIndex, account.attempt, account.settledThrough]).to.deep.equal([2n, 0n, 0n]);
    await propose({ index: 2 });
    await settlement.connect(judge).overturn(FEDERATION, challenger);
    expect(await operators.evidenceUsed(await evidenceOf(settlement, 2, 0))).to.equal(true);
  });

  // --- freeze ---

  it("test_freeze_keepsFromFinality_succeeds", async () => {
    const { settlement, propose, judge, pass } = await fixture();
    await propose();
    await expect(settlement.connect(judge).freeze(FEDERATION)).to.emit(settlement, "SettlementFreezeChanged").withArgs(FEDERATION, 1, 0, true);
    expect((await settlement.accountOf(FEDERATION)).frozen).to.equal(true);
    await expect(settlement.connect(judge).freeze(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementFrozen").withArgs(FEDERATION);
    await expect(propose()).to.be.revertedWithCustomError(settlement, "SettlementUnderWay");
    await pass();
    await expect(settlement.finalise(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementFrozen").withArgs(FEDERATION);
  });

  it("test_unfreeze_deadlineIsWhatItWas_succeeds", async () => {
    const { settlement, propose, judge, pass, challenger } = await fixture();
    await propose();
    const { deadline } = await settlement.accountOf(FEDERATION);
    await settlement.connect(judge).freeze(FEDERATION);
    await expect(settlement.connect(judge).unfreeze(FEDERATION)).to.emit(settlement, "SettlementFreezeChanged").withArgs(FEDERATION, 1, 0, false);
    await expect(settlement.connect(judge).unfreeze(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementNotFrozen").withArgs(FEDERATION);
    await expect(settlement.finalise(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementWindowOpen").withArgs(deadline);
    await settlement.connect(judge).freeze(FEDERATION); // still before the deadline
    await pass();
    await settlement.connect(judge).unfreeze(FEDERATION);
    expect((await settlement.accountOf(FEDERATION)).deadline).to.equal(deadline);
    await expect(settlement.connect(judge).overturn(FEDERATION, challenger)).to.be.revertedWithCustomError(settlement, "SettlementDeadlinePassed").withArgs(deadline);
    await settlement.finalise(FEDERATION);
  });

  it("test_freeze_atDeadline_reverts", async () => {
    const { settlement, propose, judge } = await fixture();
    await propose();
    const { deadline } = await settlement.accountOf(FEDERATION);
    await chain.helpers.time.setNextBlockTimestamp(deadline);
    await expect(settlement.connect(judge).freeze(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementDeadlinePassed").withArgs(deadline);
  });

  it("test_freeze_nothingUnderWay_reverts", async () => {
    const { settlement, propose, judge, challenger, pass } = await fixture();
    const nothing = async () => {
      await expect(settlement.connect(judge).freeze(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay").withArgs(FEDERATION);
      await expect(settlement.connect(judge).unfreeze(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay").withArgs(FEDERATION);
    };
    await nothing();
    await propose();
    await settlement.connect(judge).overturn(FEDERATION, challenger);
    await nothing();
    await propose({ attempt: 1 });
    await pass();
    await settlement.finalise(FEDERATION);
    await nothing();
  });

  it("test_overturn_frozenBeyondTheDeadline_succeeds", async () => {
    const { settlement, propose, judge, challenger, pass } = await fixture();
    await propose();
    await settlement.connect(judge).freeze(FEDERATION);
    await pass();
    await expect(settlement.connect(judge).overturn(FEDERATION, challenger)).to.emit(settlement, "SettlementOverturned").withArgs(FEDERATION, 1, 0, challenger, 0b1111);
    expect((await settlement.accountOf(FEDERATION)).frozen).to.equal(false);
    await propose({ attempt: 1 }); // not frozen: becomes final in its own time
    await pass();
    await settlement.finalise(FEDERATION);
  });

  it("test_freeze_isOfOneFederation_succeeds", async () => {
    const { settlement, propose, rounds, treasury, owner, judge, pass } = await fixture();
    await rounds.setRule(6, POOL, 1, WINDOW);
    await rounds.setRound(6, 1, State.Final, E.id("r"));
    await treasury.connect(owner).reserve(6, SHU);
    await propose();
    await propose({ federation: 6, lastRound: 1, lastReportHash: E.id("r"), distributed: 3n, total: 3n });
    await settlement.connect(judge).freeze(FEDERATION);
    await pass();
    await settlement.finalise(6);
  });

  it("test_governance_notOwner_reverts", async () => {
    const { settlement, stranger, judge, owner } = await fixture();
    for (const caller of [stranger, judge]) {
      await expect(settlement.connect(caller).changeJudge(stranger, true)).to.be.revertedWithCustomError(settlement, "OwnableUnauthorizedAccount");
    }
    await expect(settlement.connect(owner).changeJudge(stranger, true)).to.emit(settlement, "JudgeChanged").withArgs(stranger, true);
    expect([await settlement.isJudge(stranger), await settlement.isJudge(judge)]).to.deep.equal([true, true]);
  });

  it("test_changeJudge_dismissed_canDoNothing_succeeds", async () => {
    const { settlement, propose, judge, stranger, owner, challenger } = await fixture();
    await propose();
    await settlement.connect(owner).changeJudge(stranger, true);
    await settlement.connect(judge).freeze(FEDERATION);
    await expect(settlement.connect(owner).changeJudge(judge, false)).to.emit(settlement, "JudgeChanged").withArgs(judge, false);
    await expect(settlement.connect(judge).unfreeze(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementNotJudge").withArgs(judge);
    await expect(settlement.connect(judge).overturn(FEDERATION, challenger)).to.be.revertedWithCustomError(settlement, "SettlementNotJudge").withArgs(judge);
    await settlement.connect(stranger).unfreeze(FEDERATION); // its freezes are its successor's
  });
});
