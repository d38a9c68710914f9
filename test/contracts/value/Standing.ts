import { expect } from "chai";
import { ethers as E } from "ethers";

import { reputationOf, UNKNOWN, updateReputation, type Evidence } from "../../../protocol/reputation/beta.ts";
import { OVERTURNED, UPHELD } from "../../../protocol/reputation/operators.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { accounts, BOND, deployOperators, must, openChain, SHU, UNBONDING, type Chain } from "./helpers.ts";
import { deploySettlement } from "./settlement-world.ts";

const ALL = 0b1111111;
const FLOOR = 500_000n;

describe("Operators: standing", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  async function deployFormed() {
    const base = await deployOperators(chain);
    const { challenger, stranger } = accounts(chain, "_", "_1", "_2", "challenger", "stranger");
    await base.form();
    let count = 0;
    const slash = async (signers: number, epoch = 1) => await base.operators.connect(base.rounds).slash(E.toBeHex(++count, 32), epoch, signers, challenger);
    const uphold = async (signers: number, epoch = 1) => await base.operators.connect(base.settlement).uphold(epoch, signers);
    const evidenceOf = async (i: number): Promise<Evidence> => {
      const { upheld, overturned } = await base.operators.operatorOf(must(base.keys[i]));
      return { alpha: Number(upheld), beta: Number(overturned) };
    };
    return { ...base, challenger, stranger, slash, uphold, evidenceOf };
  }
  const formed = () => chain.helpers.loadFixture(deployFormed);

  it("test_uphold_raisesItsSignersOnly_succeeds", async () => {
    const { operators, uphold, evidenceOf, keys } = await formed();
    await expect(uphold(0b1010)).to.emit(operators, "Upheld").withArgs(1, 0b1010);
    for (const [i] of keys.entries()) expect(await evidenceOf(i)).to.deep.equal([1, 3].includes(i) ? { alpha: 1_000_000, beta: 0 } : UNKNOWN);
    const { stake, unbonding, organisation, lastEpoch, admitted } = await operators.operatorOf(must(keys[1]));
    expect([stake, unbonding, organisation, lastEpoch, admitted]).to.deep.equal([10n * BOND, 0n, 2n, 1n, true]);
  });

  it("test_uphold_notSettlement_reverts", async () => {
    // Rounds may slash and not praise; nobody praises itself.
    const { operators, rounds, owner, keys, stranger } = await formed();
    for (const caller of [rounds, owner, stranger, must(keys[0])]) {
      await expect(operators.connect(caller).uphold(1, 1)).to.be.revertedWithCustomError(operators, "OperatorsNotLedger").withArgs(caller);
    }
  });

  it("test_uphold_unknownSignersOrEpoch_reverts", async () => {
    const { operators, uphold } = await formed();
    await expect(uphold(128)).to.be.revertedWithCustomError(operators, "OperatorsUnknownSigners").withArgs(128, 7);
    await expect(uphold(1, 2)).to.be.revertedWithCustomError(operators, "OperatorsNoEpoch");
  });

  it("test_slash_lowersTheLiableOnly_succeeds", async () => {
    const { slash, uphold, evidenceOf } = await formed();
    await uphold(ALL);
    await slash(0b1);
    expect(await evidenceOf(0)).to.deep.equal({ alpha: 900_000, beta: 1_000_000 });
    expect(await evidenceOf(1)).to.deep.equal({ alpha: 1_000_000, beta: 0 });
  });

  it("test_standing_anyCourse_isWhatTypeScriptComputes_succeeds", async () => {
    const { operators, keys, slash, uphold, evidenceOf } = await formed();
    const random = createRandom(17);
    const expected: Evidence[] = keys.map(() => UNKNOWN);
    for (let step = 0; step < 60; step++) {
      const [signers, good] = [Math.floor(random() * 128), random() < 0.6];
      await (good ? uphold(signers) : slash(signers));
      expected.forEach((evidence, i) => {
        if ((signers >> i) & 1) expected[i] = updateReputation(evidence, good ? UPHELD : OVERTURNED);
      });
    }
    for (const [i, key] of keys.entries()) {
      const evidence = must(expected[i]);
      expect(await evidenceOf(i)).to.deep.equal(evidence);
      const { mean, uncertainty } = reputationOf(evidence);
      expect(await operators.standingOf(key)).to.deep.equal([BigInt(mean), BigInt(uncertainty)]);
    }
  });

  it("test_standingOf_nobodyKnown_isUnknown_succeeds", async () => {
    const { operators, stranger } = await formed();
    expect(await operators.standingOf(stranger)).to.deep.equal([500_000n, 1_000_000n]);
    expect(await operators.STANDING_FLOOR()).to.equal(FLOOR);
  });

  it("test_formEpoch_newcomer_succeeds", async () => {
    const { form, uphold, keys } = await formed();
    await uphold(0b1);
    await form(keys);
  });

  it("test_formEpoch_certainlyWorseThanEven_reverts", async () => {
    const { operators, form, slash, evidenceOf, keys } = await formed();
    for (let i = 0; i < 4; i++) await slash(0b1);
    await form(keys, 4, 1, 1); // four in a row may still be bad luck
    await slash(0b1, 2);
    const { upper } = reputationOf(await evidenceOf(0));
    expect(upper).to.be.lessThan(Number(FLOOR));
    await expect(form(keys, 4, 1, 1)).to.be.revertedWithCustomError(operators, "OperatorsStandingTooLow").withArgs(keys[0], upper, FLOOR);
    await form(keys.slice(1), 4, 1, 1);
  });

  it("test_attack_goodRecordCoversFaults_doesNotForEver_succeeds", async () => {
    const { operators, form, slash, uphold, keys, token, owner } = await formed();
    for (let i = 0; i < 60; i++) await uphold(0b1);
    for (let i = 0; i < 12; i++) await slash(0b1);
    await token.connect(owner).transfer(must(keys[0]), 1000n * 10n ** 18n);
    await operators.connect(must(keys[0])).bond(8n * BOND);
    await expect(form(keys, 4, 1, 1)).to.be.revertedWithCustomError(operators, "OperatorsStandingTooLow");
  });

  it("test_attack_leaveAndComeBack_keepsItsStanding_succeeds", async () => {
    const { operators, owner, form, slash, evidenceOf, keys } = await formed();
    const key = must(keys[0]);
    for (let i = 0; i < 5; i++) await slash(0b1);
    const before = await evidenceOf(0);
    await form(keys.slice(1), 4, 1, 1);
    await operators.connect(owner).remove(key);
    expect(await evidenceOf(0)).to.deep.equal(before);
    // Even after taking out all of its stake, which empties the rest of the slot, and under another organisation.
    await operators.connect(key).startUnbonding(5n * BOND);
    await chain.helpers.time.increase(UNBONDING);
    await operators.connect(key).withdraw();
    await operators.connect(owner).admit(key, 3);
    expect(await evidenceOf(0)).to.deep.equal(before);
    await operators.connect(key).bond(5n * BOND);
    expect(await evidenceOf(0)).to.deep.equal(before);
    await expect(form(keys, 4, 1, 1)).to.be.revertedWithCustomError(operators, "OperatorsStandingTooLow");
  });

  it("test_slash_withoutStakeLeft_stillLowersStanding_succeeds", async () => {
    const { slash, evidenceOf } = await formed();
    for (let i = 0; i < 11; i++) await slash(0b1); // ten bonds
    expect((await evidenceOf(0)).beta).to.equal(Array.from({ length: 11 }).reduce<Evidence>((e) => updateReputation(e, OVERTURNED), UNKNOWN).beta);
  });

  it("test_uphold_sevenSignersWithinItsGas_succeeds", async () => {
    const { uphold } = await formed();
    await uphold(ALL);
    const receipt = await (await uphold(ALL)).wait();
    console.log(`      uphold, 7 signers: ${receipt?.gasUsed} gas with the transaction`);
    expect(Number(receipt?.gasUsed)).to.be.at.most(71_000);
  });

  it("test_finalise_ledgerReplacedMeanwhile_paysWithoutStanding_succeeds", async () => {
    const s = await deploySettlement(chain);
    await s.propose();
    await s.operators.connect(s.owner).changeLedgers(s.stranger, s.stranger);
    await s.pass();
    await expect(s.settlement.finalise(5)).to.emit(s.settlement, "SettlementFinalised").and.not.to.emit(s.operators, "Upheld");
    expect(await s.treasury.creditedOf(5)).to.equal(200n * SHU);
  });

  it("test_attack_finaliseWithTooLittleGas_cannotSkipStandingAlone_succeeds", async () => {
    const s = await deploySettlement(chain);
    await s.propose();
    await s.pass();
    const snapshot = await chain.helpers.takeSnapshot();
    // Whatever gas is sent: either both happen, or neither.
    const outcomes = new Set<boolean>();
    for (let gasLimit = 60_000; gasLimit <= 330_000; gasLimit += 5_000) {
      const done = await s.settlement.finalise(5, { gasLimit }).then(async (sent) => (await sent.wait())?.status === 1, () => false);
      if (done) expect((await s.operators.operatorOf(must(s.keys[0]))).upheld, String(gasLimit)).to.equal(1_000_000n);
      outcomes.add(done);
      await snapshot.restore();
    }
    expect([...outcomes]).to.deep.equal([false, true]);
  });

  it("test_settlementFinalised_upholdsItsSigners_overturnedLowersThem_succeeds", async () => {
    const s = await deploySettlement(chain);
    await s.propose();
    await s.settlement.connect(s.judge).overturn(5, s.challenger);
    await s.propose({ attempt: 1 });
    await s.pass();
    await expect(s.settlement.finalise(5)).to.emit(s.operators, "Upheld").withArgs(1, 0b1111);
    const expected = updateReputation(updateReputation(UNKNOWN, OVERTURNED), UPHELD);
    for (const [i, key] of s.keys.entries()) {
      const { upheld, overturned } = await s.operators.operatorOf(key);
      expect([Number(upheld), Number(overturned)]).to.deep.equal(i < 4 ? [expected.alpha, expected.beta] : [0, 0]);
    }
  });
});
