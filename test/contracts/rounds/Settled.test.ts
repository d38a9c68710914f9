import { expect } from "chai";
import { ethers as E } from "ethers";

import type { Hex } from "../../../protocol/bytes.ts";
import { buildSettlementBundle, createDomain, digestOf, ZERO_ADDRESS, type SettlementStatement } from "../../../protocol/index.ts";
import { fresh, type Driver } from "./driver.ts";
import { refused } from "./refused.ts";
import { BOND, mined, must, SHU } from "./world.ts";

const ALLOTTED = 5_000n * SHU;

/** Settlement, treasury and vault over the real rounds: from final rounds to claims, with a dispute on the way. */
describe("Settled rounds", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
    await d.kernel.treasury.reserve(1, ALLOTTED);
  });

  /** Two final rounds of seats 0 to 5, and the statement that pays seat i by weight. */
  async function prepare() {
    const { kernel } = d;
    const seats = [0, 1, 2, 3, 4, 5];
    for (const round of [await d.runRound(seats), await d.runRound(seats)]) await d.finalise(round);
    const account = await kernel.settlement.accountOf(1);
    const [pool] = await kernel.settlement.poolThrough(1, 2);
    const vault = (await kernel.treasury.vaultOf(1)) as Hex;
    const rounds = await Promise.all([1, 2].map(async (round) => ({ round, state: "Final" as const, reportHash: (await d.round(round)).hash, artefact: E.ZeroHash as Hex })));
    const bundle = await buildSettlementBundle({
      domain: { chainId: kernel.chainId, vault, federation: 1 },
      settlement: (await kernel.settlement.getAddress()) as Hex,
      index: Number(account.nextIndex),
      attempt: Number(account.attempt),
      rounds,
      previous: null,
      scoringId: 1,
      pool,
      scored: rounds.map(({ round }) => ({ round, seats, weights: seats.map(() => 25) })),
      payees: kernel.contributorKeys.map(({ address }, seat) => (seat < 6 ? (address as Hex) : ZERO_ADDRESS)),
      previousMembers: new Uint8Array(),
    });
    const statement: SettlementStatement = { ...bundle.statement, artefact: E.id("settlement") as Hex };
    const domain = createDomain(kernel.chainId, (await kernel.settlement.getAddress()) as Hex);
    const quorum = d.quorum(digestOf(domain, "SettlementStatement", statement));
    return { statement, quorum, bundle, vault: await kernel.ethers.getContractAt("RewardsVault", vault) };
  }

  const propose = async (prepared: Awaited<ReturnType<typeof prepare>>) =>
    await mined(d.kernel.settlement.propose(prepared.statement, prepared.quorum));

  it("test_propose_finalise_claim_overRealRounds_succeeds", async () => {
    const { kernel } = d;
    const prepared = await prepare();
    await propose(prepared);
    const { deadline } = await kernel.settlement.accountOf(1);
    await d.at(deadline);
    await mined(kernel.settlement.finalise(1));
    expect(await kernel.token.balanceOf(prepared.vault)).to.equal(prepared.statement.total);
    await refused(kernel.settlement.propose(prepared.statement, prepared.quorum), kernel.settlement, "SettlementBadField", "index");

    let paid = 0n;
    for (const [seat, amount] of prepared.bundle.computed.amounts.entries()) {
      if (amount === 0n) continue;
      const payee = must(kernel.contributorKeys[seat]).connect(kernel.ethers.provider);
      await kernel.helpers.setBalance(payee.address, 10n ** 18n);
      await mined(prepared.vault.connect(payee).claim(seat, amount, prepared.bundle.computed.tree.proofFor(seat)));
      expect(await kernel.token.balanceOf(payee.address)).to.equal(amount);
      paid += amount;
    }
    expect(paid).to.equal(prepared.statement.distributed);
    expect(await kernel.token.balanceOf(prepared.vault)).to.equal(0n);
    expect(paid <= (await kernel.treasury.reservedOf(1))).to.equal(true);
  });

  it("test_propose_roundNotFinal_reverts", async () => {
    const { kernel } = d;
    const prepared = await prepare();
    await d.runRound([0, 1, 2]);
    const statement = { ...prepared.statement, lastRound: 3 };
    await refused(kernel.settlement.propose(statement, prepared.quorum), kernel.settlement, "SettlementRoundNotFinal", 1, 3);
  });

  it("test_proveSettlement_slashesSignersAndSettlesAgain_succeeds", async () => {
    const { kernel } = d;
    const prepared = await prepare();
    await propose(prepared);
    const before = await Promise.all(kernel.operatorKeys.map(async ({ address }) => (await kernel.operators.operatorOf(address)).stake));

    await expect(kernel.disputes.connect(kernel.outsider).proveSettlement(1, kernel.verifier, "0x01"))
      .to.emit(kernel.disputes, "SettlementDisputeWon")
      .withArgs(1, 1, 0, await kernel.verifier.getAddress(), kernel.outsider.address)
      .and.to.emit(kernel.settlement, "SettlementOverturned");
    const after = await Promise.all(kernel.operatorKeys.map(async ({ address }) => (await kernel.operators.operatorOf(address)).stake));
    before.forEach((stake, i) => expect(stake - must(after[i])).to.equal(i < kernel.threshold ? BOND : 0n));
    expect(await kernel.token.balanceOf(kernel.outsider)).to.equal((BOND * BigInt(kernel.threshold) * 40n) / 100n);
    expect(await kernel.settlement.liveUnits()).to.equal(0n);

    // The overturned statement's signatures are worth nothing for the next attempt; a new one settles the same rounds.
    await refused(kernel.settlement.propose(prepared.statement, prepared.quorum), kernel.settlement, "SettlementBadField", "attempt");
    const statement = { ...prepared.statement, attempt: 1 };
    const domain = createDomain(kernel.chainId, (await kernel.settlement.getAddress()) as Hex);
    await mined(kernel.settlement.propose(statement, d.quorum(digestOf(domain, "SettlementStatement", statement))));
    await d.at((await kernel.settlement.accountOf(1)).deadline);
    await mined(kernel.settlement.finalise(1));
    expect(await prepared.vault.rewardsRoot()).to.equal(statement.rewardsRoot);
  });

  it("test_proveSettlement_noFaultStrangerOrTooLate_reverts", async () => {
    const { kernel } = d;
    const prepared = await prepare();
    await refused(kernel.disputes.proveSettlement(1, kernel.verifier, "0x01"), kernel.settlement, "SettlementNotUnderWay", 1);
    await propose(prepared);
    await refused(kernel.disputes.proveSettlement(1, kernel.verifier, "0x00"), kernel.disputes, "DisputesNoFault", await kernel.verifier.getAddress());
    await refused(kernel.disputes.proveSettlement(1, kernel.outsider.address, "0x01"), kernel.disputes, "DisputesVerifierUnknown", kernel.outsider.address);
    await refused(kernel.settlement.connect(kernel.outsider).overturn(1, kernel.outsider), kernel.settlement, "SettlementNotDisputes", kernel.outsider.address);
    const { deadline } = await kernel.settlement.accountOf(1);
    await d.at(deadline);
    await refused(kernel.disputes.proveSettlement(1, kernel.verifier, "0x01"), kernel.settlement, "SettlementDeadlinePassed", deadline);
  });

  it("test_proveSettlement_contextIsTheLedgers_succeeds", async () => {
    const { kernel } = d;
    const prepared = await prepare();
    await propose(prepared);
    const { statementHash } = await kernel.settlement.accountOf(1);
    const context = E.AbiCoder.defaultAbiCoder().encode(
      ["uint32", "uint32", "uint8", "bytes32", "bytes32"],
      [1, 1, 0, statementHash, await kernel.rounds.configHashOf(1)],
    );
    const digest = E.keccak256(context).slice(2);
    await refused(kernel.disputes.proveSettlement(1, kernel.verifier, `0x01${"00".repeat(32)}`), kernel.verifier, "MockVerifierOtherContext", `0x${digest}`);
    await mined(kernel.disputes.proveSettlement(1, kernel.verifier, `0x01${digest}`));
  });
});
