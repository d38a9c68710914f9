import { expect } from "chai";
import { ethers as E } from "ethers";
import { BOND, SHU, UNBONDING, accounts, deployOperators, must, openChain, type Chain } from "./helpers.ts";

const EVIDENCE = E.id("evidence");

describe("Operators: slash", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  async function deploy() {
    const base = await deployOperators(chain);
    const { challenger, stranger } = accounts(chain, "_", "_1", "_2", "challenger", "stranger");
    return { ...base, challenger, stranger };
  }
  async function deployFormed() {
    const base = await deploy();
    await base.form();
    return base;
  }
  const unformed = () => chain.helpers.loadFixture(deploy);
  const formed = () => chain.helpers.loadFixture(deployFormed);

  it("test_slash_notLedger_reverts", async () => {
    const { operators, owner, stranger, keys, treasury } = await formed();
    for (const caller of [owner, stranger, must(keys[0])]) {
      await expect(operators.connect(caller).slash(EVIDENCE, 1, 1, stranger)).to.be.revertedWithCustomError(operators, "OperatorsNotLedger").withArgs(caller);
    }
    expect(await treasury.totalRecycled()).to.equal(0);
  });

  it("test_slash_dividesFortyFortyTwenty_succeeds", async () => {
    const { operators, rounds, challenger, token, treasury, keys } = await formed();
    const supply = await token.totalSupply();
    const held = await token.balanceOf(operators);
    await expect(operators.connect(rounds).slash(EVIDENCE, 1, 0b1010, challenger))
      .to.emit(operators, "OperatorSlashed").withArgs(keys[1], EVIDENCE, BOND)
      .and.to.emit(operators, "OperatorSlashed").withArgs(keys[3], EVIDENCE, BOND)
      .and.to.emit(operators, "SlashDivided").withArgs(EVIDENCE, challenger, 80n * SHU, 80n * SHU, 40n * SHU)
      .and.to.emit(treasury, "Recycled").withArgs(operators, 80n * SHU);
    expect(await token.balanceOf(challenger)).to.equal(80n * SHU);
    expect(await token.balanceOf(treasury)).to.equal(80n * SHU);
    expect(await token.totalSupply()).to.equal(supply - 40n * SHU);
    expect(await token.balanceOf(operators)).to.equal(held - 200n * SHU);
    const stakes = await Promise.all(keys.map(async (key) => (await operators.operatorOf(key)).stake));
    expect(stakes).to.deep.equal([10n, 9n, 10n, 9n, 10n, 10n, 10n].map((bonds) => bonds * BOND));
    expect(await operators.evidenceUsed(EVIDENCE)).to.equal(true);
  });

  it("test_slash_sameEvidenceTwice_reverts", async () => {
    const { operators, rounds, settlement, challenger } = await formed();
    await operators.connect(rounds).slash(EVIDENCE, 1, 1, challenger);
    for (const ledger of [rounds, settlement]) {
      await expect(operators.connect(ledger).slash(EVIDENCE, 1, 2, challenger)).to.be.revertedWithCustomError(operators, "OperatorsEvidenceUsed").withArgs(EVIDENCE);
    }
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
    const { operators, rounds, challenger, keys, form, treasury } = await formed();
    const key = must(keys[0]);
    await form(keys.slice(1));
    await operators.connect(key).startUnbonding(10n * BOND);
    await chain.helpers.time.increase(UNBONDING);
    await operators.connect(key).withdraw();
    await operators.connect(key).bond(3); // three wei left to take
    await expect(operators.connect(rounds).slash(E.id("a"), 1, 1, challenger)).to.emit(operators, "SlashDivided").withArgs(E.id("a"), challenger, 1, 1, 1);
    // Nothing left: the slash still takes effect, or a proven fault could not be undone.
    const recycled = await treasury.totalRecycled();
    await expect(operators.connect(rounds).slash(E.id("b"), 1, 1, challenger)).to.emit(operators, "SlashDivided").withArgs(E.id("b"), challenger, 0, 0, 0);
    expect(await treasury.totalRecycled()).to.equal(recycled);
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
      const sum = (await operators.queryFilter(operators.filters.OperatorSlashed())).reduce((all, log) => all + log.args.amount, 0n);
      expect(sum).to.equal(taken);
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
    const lost = before - (await wealth());
    expect(lost).to.equal((4n * BOND * 60n) / 100n);
    // Alone, the challenger that is liable loses the same share of its own bond.
    const key = must(keys[5]);
    const alone = (await token.balanceOf(key)) + (await operators.operatorOf(key)).stake;
    await operators.connect(rounds).slash(E.id("alone"), 1, 1 << 5, key);
    expect(alone - (await token.balanceOf(key)) - (await operators.operatorOf(key)).stake).to.equal((BOND * 60n) / 100n);
  });

  it("test_slash_donationIsNotStake_succeeds", async () => {
    const { operators, rounds, token, owner, challenger, keys, form } = await formed();
    await token.connect(owner).transfer(operators, 500n * SHU);
    await operators.connect(rounds).slash(EVIDENCE, 1, 0b1111111, challenger);
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
