import { expect } from "chai";
import { ethers as E } from "ethers";
import { BOND, SHU, UNBONDING, deployOperators, must, openChain, operatorFixtures, type Chain } from "./helpers.ts";

const EVIDENCE = E.id("evidence");

describe("Operators: slash", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  const { unformed, formed } = operatorFixtures(() => chain);

  it("test_slash_notLedger_reverts", async () => {
    const { operators, owner, stranger, keys } = await formed();
    for (const caller of [owner, stranger, must(keys[0])]) {
      await expect(operators.connect(caller).slash(EVIDENCE, 1, 1, stranger)).to.be.revertedWithCustomError(operators, "OperatorsNotLedger").withArgs(caller);
    }
    expect(await operators.evidenceUsed(EVIDENCE)).to.equal(false);
    expect(await operators.unsettled()).to.deep.equal([0n, 0n]);
  });

  it("test_slash_noChallenger_reverts", async () => {
    // Nobody could be paid, and the evidence would not count as used.
    const { operators, rounds } = await formed();
    await expect(operators.connect(rounds).slash(EVIDENCE, 1, 1, E.ZeroAddress)).to.be.revertedWithCustomError(operators, "OperatorsNoChallenger");
  });

  it("test_slash_dividesFortyFortyTwenty_succeeds", async () => {
    const { operators, rounds, challenger, token, keys } = await formed();
    const supply = await token.totalSupply();
    const held = await token.balanceOf(operators);
    await expect(operators.connect(rounds).slash(EVIDENCE, 1, 0b1010, challenger))
      .to.emit(operators, "Slashed").withArgs(EVIDENCE, 1, 0b1010, challenger, [BOND, BOND], 80n * SHU, 80n * SHU, 40n * SHU)
      .and.not.to.emit(token, "Transfer");
    // Taken from the stakes at once; the shares wait here.
    expect(await operators.awardOf(EVIDENCE)).to.deep.equal([challenger.address, 80n * SHU]);
    expect(await operators.unsettled()).to.deep.equal([80n * SHU, 40n * SHU]);
    expect(await token.totalSupply()).to.equal(supply);
    expect(await token.balanceOf(operators)).to.equal(held);
    const stakes = await Promise.all(keys.map(async (key) => (await operators.operatorOf(key)).stake));
    expect(stakes).to.deep.equal([10n, 9n, 10n, 9n, 10n, 10n, 10n].map((bonds) => bonds * BOND));
    expect(await operators.evidenceUsed(EVIDENCE)).to.equal(true);
  });

  it("test_slash_sameEvidenceTwice_reverts", async () => {
    const { operators, rounds, settlement, challenger, stranger } = await formed();
    await operators.connect(rounds).slash(EVIDENCE, 1, 1, challenger);
    const refused = async () => {
      for (const ledger of [rounds, settlement]) {
        await expect(operators.connect(ledger).slash(EVIDENCE, 1, 2, stranger)).to.be.revertedWithCustomError(operators, "OperatorsEvidenceUsed").withArgs(EVIDENCE);
      }
    };
    await refused();
    await operators.collect(EVIDENCE);
    await operators.settleSlashes();
    await refused(); // paid out, it is used all the same
  });

  it("test_slash_anySubsetOfThirtyTwo_succeeds", async () => {
    const { operators, keys, rounds, form } = await deployOperators(chain, 32, 8n);
    const challenger = must(chain.signers[3]);
    await form(keys, 17, 4, 4);
    const owed = keys.map(() => 8n * BOND);
    for (const [i, bits] of [0, 1, 2 ** 31, 0xffffffff, 0xaaaaaaaa, 0x00ff0180].entries()) {
      const liable = keys.flatMap((_, k) => (Math.floor(bits / 2 ** k) % 2 ? [k] : []));
      await expect(operators.connect(rounds).slash(E.toBeHex(i, 32), 1, bits, challenger))
        .to.emit(operators, "Slashed").withArgs(E.toBeHex(i, 32), 1, bits, challenger, liable.map(() => BOND), 40n * SHU * BigInt(liable.length), 40n * SHU * BigInt(liable.length), 20n * SHU * BigInt(liable.length));
      for (const k of liable) owed[k] = must(owed[k]) - BOND;
      expect(await Promise.all(keys.map(async (key) => (await operators.operatorOf(key)).stake))).to.deep.equal(owed);
    }
  });

  it("test_slash_earlierEpoch_takesFromItsOwnSet_succeeds", async () => {
    const { operators, rounds, challenger, keys, form } = await formed();
    await form(keys.slice(1));
    await form(keys.slice(2));
    const stakes = async () => await Promise.all(keys.slice(0, 4).map(async (key) => (await operators.operatorOf(key)).stake / BOND));
    for (const [epoch, after] of [[1, [9n, 10n, 10n, 10n]], [2, [9n, 9n, 10n, 10n]], [3, [9n, 9n, 9n, 10n]]] as const) {
      await operators.connect(rounds).slash(E.toBeHex(epoch, 32), epoch, 1, challenger);
      expect(await stakes()).to.deep.equal(after);
    }
  });

  it("test_collect_byAnyonePaysTheChallengerOnce_succeeds", async () => {
    const { operators, rounds, challenger, stranger, token } = await formed();
    await operators.connect(rounds).slash(EVIDENCE, 1, 0b111, challenger);
    await expect(operators.connect(stranger).collect(EVIDENCE))
      .to.emit(operators, "AwardCollected").withArgs(EVIDENCE, challenger, 120n * SHU)
      .and.to.emit(token, "Transfer").withArgs(operators, challenger, 120n * SHU);
    expect(await token.balanceOf(challenger)).to.equal(120n * SHU);
    expect(await operators.awardOf(EVIDENCE)).to.deep.equal([challenger.address, 0n]);
    for (const caller of [challenger, stranger]) {
      await expect(operators.connect(caller).collect(EVIDENCE)).to.be.revertedWithCustomError(operators, "OperatorsNothingToCollect").withArgs(EVIDENCE);
    }
    expect(await operators.unsettled()).to.deep.equal([120n * SHU, 60n * SHU]);
  });

  it("test_collect_unknownEvidence_reverts", async () => {
    const { operators, rounds, challenger } = await formed();
    await operators.connect(rounds).slash(EVIDENCE, 1, 1, challenger);
    await expect(operators.collect(E.id("other"))).to.be.revertedWithCustomError(operators, "OperatorsNothingToCollect").withArgs(E.id("other"));
  });

  it("test_collect_eachEvidenceItsOwnChallenger_succeeds", async () => {
    const { operators, rounds, settlement, challenger, stranger, token } = await formed();
    await operators.connect(rounds).slash(E.id("a"), 1, 0b1, challenger);
    await operators.connect(settlement).slash(E.id("b"), 1, 0b11, stranger);
    await operators.collect(E.id("b"));
    expect([await token.balanceOf(challenger), await token.balanceOf(stranger)]).to.deep.equal([0n, 80n * SHU]);
    await operators.collect(E.id("a"));
    expect([await token.balanceOf(challenger), await token.balanceOf(stranger)]).to.deep.equal([40n * SHU, 80n * SHU]);
  });

  it("test_settleSlashes_byAnyoneForAllSinceTheLastTime_succeeds", async () => {
    const { operators, rounds, challenger, stranger, token, treasury } = await formed();
    await expect(operators.connect(stranger).settleSlashes()).to.be.revertedWithCustomError(operators, "OperatorsNothingToSettle");
    const supply = await token.totalSupply();
    await operators.connect(rounds).slash(E.id("a"), 1, 0b1, challenger);
    await operators.connect(rounds).slash(E.id("b"), 1, 0b11, challenger);
    await expect(operators.connect(stranger).settleSlashes())
      .to.emit(operators, "SlashesSettled").withArgs(120n * SHU, 60n * SHU)
      .and.to.emit(treasury, "Recycled").withArgs(operators, 120n * SHU);
    expect(await token.balanceOf(treasury)).to.equal(120n * SHU);
    expect(await token.totalSupply()).to.equal(supply - 60n * SHU);
    expect(await operators.unsettled()).to.deep.equal([0n, 0n]);
    await expect(operators.settleSlashes()).to.be.revertedWithCustomError(operators, "OperatorsNothingToSettle");
    // The ledgers' slot was not touched, awards wait as before, and the next slash counts from zero.
    expect(await operators.rounds()).to.equal(rounds.address);
    expect((await operators.awardOf(E.id("b"))).amount).to.equal(80n * SHU);
    await operators.connect(rounds).slash(E.id("c"), 1, 0b1, challenger);
    expect(await operators.unsettled()).to.deep.equal([40n * SHU, 20n * SHU]);
  });

  it("test_changeLedgers_keepsWhatIsUnsettled_succeeds", async () => {
    const { operators, owner, rounds, challenger, stranger } = await formed();
    await operators.connect(rounds).slash(EVIDENCE, 1, 0b1, challenger);
    await operators.connect(owner).changeLedgers(stranger, challenger);
    expect(await operators.unsettled()).to.deep.equal([40n * SHU, 20n * SHU]);
  });

  it("test_slash_sevenSignersColdWithinItsGas_succeeds", async () => {
    const { operators, owner, challenger } = await formed();
    const slasher = await chain.ethers.deployContract("MockSlasher");
    await operators.connect(owner).changeLedgers(slasher, owner);
    const used = Number(await slasher.gasOfSlash.staticCall(operators, EVIDENCE, 1, 0b1111111, challenger));
    console.log(`      slash, 7 signers, everything cold: ${used} gas with the call`);
    expect(used).to.be.at.most(86_500); // 150 of them a signer for its standing, in the slot that its stake is in
  });

  it("test_slash_unknownSignersOrEpoch_reverts", async () => {
    const { operators, rounds, challenger } = await formed();
    await expect(operators.connect(rounds).slash(EVIDENCE, 1, 128, challenger)).to.be.revertedWithCustomError(operators, "OperatorsUnknownSigners").withArgs(128, 7);
    await expect(operators.connect(rounds).slash(EVIDENCE, 2, 1, challenger)).to.be.revertedWithCustomError(operators, "OperatorsNoEpoch");
  });

  it("test_slash_takesOneUnitOfTheLedger_succeeds", async () => {
    const { operators, rounds, settlement, challenger } = await formed();
    const units = async () => {
      const epoch = await operators.currentEpoch();
      return [Number(epoch.roundUnits), Number(epoch.settlementUnits)];
    };
    await operators.connect(rounds).slash(E.id("a"), 1, 1, challenger);
    expect(await units()).to.deep.equal([5, 4]);
    await operators.connect(settlement).slash(E.id("b"), 1, 1, challenger);
    expect(await units()).to.deep.equal([5, 3]);
    // A ledger without units of its own takes from the other, so that what is left stays backed; below zero there is nothing.
    for (let i = 0; i < 3; i++) await operators.connect(settlement).slash(E.id(`c${i}`), 1, 1, challenger);
    expect(await units()).to.deep.equal([5, 0]);
    await operators.connect(settlement).slash(E.id("d"), 1, 1, challenger);
    expect(await units()).to.deep.equal([4, 0]);
    for (let i = 0; i < 6; i++) await operators.connect(rounds).slash(E.id(`e${i}`), 1, 1, challenger);
    expect(await units()).to.deep.equal([0, 0]);
  });

  it("test_slash_roundsWithoutUnits_takesFromSettlement_succeeds", async () => {
    const { operators, rounds, challenger, form, keys } = await unformed();
    await form(keys, 4, 0, 2);
    await operators.connect(rounds).slash(EVIDENCE, 1, 1, challenger);
    expect((await operators.currentEpoch()).settlementUnits).to.equal(1);
  });

  it("test_slash_currentSignersStayBacked_succeeds", async () => {
    const { operators, rounds, settlement, challenger, keys } = await formed();
    for (let i = 0; i < 10; i++) {
      await operators.connect(i % 3 ? rounds : settlement).slash(E.id(`${i}`), 1, 0b1111111, challenger);
      const epoch = await operators.currentEpoch();
      const needed = (epoch.roundUnits + epoch.settlementUnits) * BOND;
      for (const key of keys) {
        const { stake, unbonding } = await operators.operatorOf(key);
        expect(stake - unbonding).to.be.at.least(needed);
      }
    }
  });

  it("test_slash_bondedFirstUnbondingLast_succeeds", async () => {
    const { operators, rounds, challenger, keys, form, token } = await formed();
    const key = must(keys[0]);
    await form(keys.slice(1));
    await operators.connect(key).startUnbonding(10n * BOND - BOND / 2n);
    await operators.connect(rounds).slash(E.id("a"), 1, 1, challenger);
    let record = await operators.operatorOf(key);
    // Half a bond came from the bonded part, the other half from the part on its way out.
    expect([record.stake, record.unbonding]).to.deep.equal([9n * BOND, 9n * BOND]);
    await operators.connect(rounds).slash(E.id("b"), 1, 1, challenger);
    record = await operators.operatorOf(key);
    expect([record.stake, record.unbonding]).to.deep.equal([8n * BOND, 8n * BOND]);
    await chain.helpers.time.increase(UNBONDING);
    const before = await token.balanceOf(key);
    await operators.connect(key).withdraw();
    expect((await token.balanceOf(key)) - before).to.equal(8n * BOND);
  });

  it("test_slash_moreThanTheStake_succeeds", async () => {
    const { operators, rounds, challenger, keys, form } = await formed();
    const key = must(keys[0]);
    await form(keys.slice(1));
    await operators.connect(key).startUnbonding(10n * BOND);
    await chain.helpers.time.increase(UNBONDING);
    await operators.connect(key).withdraw();
    await operators.connect(key).bond(9); // nine wei left to take: the four of rounding are the challenger's
    await expect(operators.connect(rounds).slash(E.id("a"), 1, 1, challenger)).to.emit(operators, "Slashed").withArgs(E.id("a"), 1, 1, challenger, [9], 6, 2, 1);
    // Nothing left: the slash still takes effect, or a proven fault could not be undone.
    await expect(operators.connect(rounds).slash(E.id("b"), 1, 3, challenger))
      .to.emit(operators, "Slashed").withArgs(E.id("b"), 1, 3, challenger, [0, BOND], 40n * SHU, 40n * SHU, 20n * SHU);
    await expect(operators.connect(rounds).slash(E.id("c"), 1, 1, challenger)).to.emit(operators, "Slashed").withArgs(E.id("c"), 1, 1, challenger, [0], 0, 0, 0);
    expect(await operators.evidenceUsed(E.id("c"))).to.equal(true);
    await expect(operators.collect(E.id("c"))).to.be.revertedWithCustomError(operators, "OperatorsNothingToCollect");
    expect(await operators.unsettled()).to.deep.equal([40n * SHU + 2n, 20n * SHU + 1n]);
    expect((await operators.operatorOf(key)).stake).to.equal(0);
  });

  for (const [when, offset, taken] of [["aSecondBeforeExit", -1, BOND], ["atExit", 0, 0n], ["aSecondAfterExit", 1, 0n]] as const) {
    it(`test_slash_${when}_succeeds`, async () => {
      const { operators, rounds, challenger, keys, form } = await formed();
      const key = must(keys[0]);
      await form(keys.slice(1));
      await operators.connect(key).startUnbonding(10n * BOND);
      const at = (await chain.helpers.time.latest()) + UNBONDING;
      // The operator withdraws as early as it can; the slash comes right before, in the same second after it, or one later.
      if (offset >= 0) {
        await chain.ethers.provider.send("evm_setAutomine", [false]);
        const exit = await operators.connect(key).withdraw({ gasLimit: 200_000, gasPrice: 20n * 10n ** 9n });
        if (offset === 1) await chain.helpers.time.setNextBlockTimestamp(at).then(() => chain.helpers.mine());
        const slash = await operators.connect(rounds).slash(EVIDENCE, 1, 1, challenger, { gasLimit: 500_000, gasPrice: 10n * 10n ** 9n });
        await chain.helpers.time.setNextBlockTimestamp(at + offset);
        await chain.helpers.mine();
        await chain.ethers.provider.send("evm_setAutomine", [true]);
        expect((await exit.wait())?.status).to.equal(1);
        expect((await slash.wait())?.status).to.equal(1);
      } else {
        await chain.helpers.time.setNextBlockTimestamp(at + offset);
        await operators.connect(rounds).slash(EVIDENCE, 1, 1, challenger);
        await operators.connect(key).withdraw();
      }
      const slashes = await operators.queryFilter(operators.filters.Slashed());
      expect(slashes.map((log) => log.args.taken)).to.deep.equal([[taken]]);
      expect((await operators.operatorOf(key)).stake).to.equal(0);
    });
  }

  it("test_slash_signersConvictThemselves_stillLose_succeeds", async () => {
    // Prime: a validator received the slash that its own vote caused. Here the coalition keeps at most the challenger's 40 %.
    const { operators, rounds, token, keys } = await formed();
    const coalition = keys.slice(0, 4);
    const wealth = async () => {
      let sum = 0n;
      for (const key of coalition) sum += (await token.balanceOf(key)) + (await operators.operatorOf(key)).stake;
      return sum;
    };
    const before = await wealth();
    await operators.connect(rounds).slash(EVIDENCE, 1, 0b1111, must(coalition[0]));
    await operators.collect(EVIDENCE);
    const lost = before - (await wealth());
    expect(lost).to.equal((4n * BOND * 60n) / 100n);
    // Alone, the challenger that is liable loses the same share of its own bond.
    const key = must(keys[5]);
    const alone = (await token.balanceOf(key)) + (await operators.operatorOf(key)).stake;
    await operators.connect(rounds).slash(E.id("alone"), 1, 1 << 5, key);
    await operators.collect(E.id("alone"));
    expect(alone - (await token.balanceOf(key)) - (await operators.operatorOf(key)).stake).to.equal((BOND * 60n) / 100n);
  });

  it("test_slash_donationIsNotStake_succeeds", async () => {
    const { operators, rounds, token, owner, challenger, keys, form } = await formed();
    await token.connect(owner).transfer(operators, 500n * SHU);
    await operators.connect(rounds).slash(EVIDENCE, 1, 0b1111111, challenger);
    await operators.collect(EVIDENCE);
    await operators.settleSlashes();
    expect(await token.balanceOf(challenger)).to.equal(280n * SHU);
    await form(keys.slice(0, 4), 3, 1, 1);
    await form(keys.slice(0, 4), 3, 0, 0);
    for (const key of keys) {
      await operators.connect(key).startUnbonding(9n * BOND);
    }
    await chain.helpers.time.increase(UNBONDING);
    for (const key of keys) await operators.connect(key).withdraw();
    expect(await token.balanceOf(operators)).to.equal(500n * SHU); // everyone was paid, the donation belongs to nobody
  });

  it("test_operators_exitAndReturnCannotLoseLiability_succeeds", async () => {
    const { operators, rounds, challenger, keys, form, owner } = await formed();
    const key = must(keys[0]);
    await form(keys.slice(1));
    await operators.connect(owner).remove(key);
    await operators.connect(key).startUnbonding(10n * BOND);
    // Removed and leaving, it still answers for what it signed in epoch 1.
    await operators.connect(rounds).slash(EVIDENCE, 1, 1, challenger);
    expect((await operators.operatorOf(key)).stake).to.equal(9n * BOND);
  });
});
