import { expect } from "chai";
import { ethers as E } from "ethers";

import { toHex, type Hex } from "../../../protocol/bytes.ts";
import { encodeRewardsProof, findRewardsFault, type ProposedSettlement, type RewardsFault } from "../../../protocol/faults/rewards-proof.ts";
import {
  accumulate, buildRewardsTree, buildSettlementBundle, columnHash, computeEntitlements, createDomain, digestOf, packScores, packUints, ZERO_ADDRESS,
  type SettlementBundle, type SettlementStatement,
} from "../../../protocol/index.ts";
import { Driver, fresh } from "./driver.ts";
import { refused } from "./refused.ts";
import { BOND, DATASETS, loadTen, mined, must, ROTATION_DELAY, SHU } from "./world.ts";

const ALLOTTED = 5_000n * SHU;
const SIX = [0, 1, 2, 3, 4, 5];

/** A settlement as it is proposed, with the bundle that it comes from. */
interface Prepared extends ProposedSettlement {
  readonly bundle: SettlementBundle;
}

/** Settlement, treasury and vault over the real rounds: from final rounds to claims, with disputes on the way. */
describe("Settled rounds", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
    await d.kernel.treasury.reserve(1, ALLOTTED);
  });

  const vaultAddress = async () => (await d.kernel.treasury.vaultOf(1)) as Hex;
  const settlementAddress = async () => (await d.kernel.settlement.getAddress()) as Hex;
  const payees = async (time: bigint, seats: number): Promise<Hex[]> =>
    await Promise.all(
      Array.from({ length: seats }, async (_, seat) => (await d.kernel.contributors.payeeAt((await d.kernel.seats.seatOf(1, seat)).contributor, time)) as Hex),
    );

  /** Two more final rounds of seats 0 to 5, and the settlement of every round since the last one. */
  async function prepare(previous: Prepared | null = null, weights: readonly number[] = SIX.map(() => 25)): Promise<Prepared> {
    for (const round of [await d.runRound(SIX), await d.runRound(SIX)]) await d.finalise(round);
    return await prepareFinal(previous, weights);
  }

  async function prepareFinal(previous: Prepared | null, weights: readonly number[] = SIX.map(() => 25)): Promise<Prepared> {
    const { kernel } = d;
    const account = await kernel.settlement.accountOf(1);
    const first = Number(account.settledThrough) + 1;
    const { last } = await d.head();
    const [pool] = await kernel.settlement.poolThrough(1, last);
    const numbers = Array.from({ length: Number(last) - first + 1 }, (_, i) => first + i);
    const rounds = await Promise.all(numbers.map(async (round) => ({ round, state: "Final" as const, reportHash: (await d.round(round)).hash, artefact: E.ZeroHash as Hex })));
    const seats = Number(await kernel.seats.seatCount(1));
    const bundle = await buildSettlementBundle({
      domain: { chainId: kernel.chainId, vault: await vaultAddress(), federation: 1 },
      settlement: await settlementAddress(),
      index: Number(account.nextIndex),
      attempt: Number(account.attempt),
      rounds,
      previous: previous === null ? null : { index: previous.statement.index, artefact: previous.statement.artefact },
      scoringId: 1,
      pool,
      scored: numbers.map((round) => ({ round, seats: SIX, weights })),
      payees: await payees((await d.round(Number(last))).deadline, seats),
      previousMembers: previous?.bundle.computed.columns.members ?? new Uint8Array(),
    });
    const { scores, entitlements } = bundle.computed.columns;
    return { statement: { ...bundle.statement, artefact: E.id("settlement") as Hex }, finalRound: Number(last), scores, entitlements, bundle };
  }

  const sign = async (statement: SettlementStatement) =>
    d.quorum(digestOf(createDomain(d.kernel.chainId, await settlementAddress()), "SettlementStatement", statement));
  const send = async ({ statement, scores, entitlements }: ProposedSettlement) =>
    await d.kernel.settlement.propose(statement, toHex(scores), toHex(entitlements), await sign(statement));
  const propose = async (prepared: ProposedSettlement) => await mined(send(prepared));
  const finalise = async () => {
    await d.at((await d.kernel.settlement.accountOf(1)).deadline);
    await mined(d.kernel.settlement.finalise(1));
  };

  /** Commits to a proof, and proves it in the next block. */
  async function prove(verifier: { getAddress(): Promise<string> }, proof: string, at?: bigint) {
    const { disputes, outsider, settlement } = d.kernel;
    const address = await verifier.getAddress();
    const { nextIndex } = await settlement.accountOf(1);
    await mined(disputes.connect(outsider).commit(await disputes.commitmentOf(outsider, 1, nextIndex, address, E.keccak256(proof))));
    if (at !== undefined) await d.at(at);
    return await disputes.connect(outsider).proveSettlement(1, address, proof);
  }

  /** The real verifier, appointed. */
  async function appoint() {
    const { ethers, rounds, seats, contributors, treasury, disputes } = d.kernel;
    const verifier = await ethers.deployContract("RewardsVerifier", [rounds, seats, contributors, treasury]);
    await disputes.changeVerifier(verifier, true);
    return verifier;
  }

  const factsOf = async ({ bundle, entitlements }: Prepared, previous: Prepared | null) => ({
    domain: { chainId: d.kernel.chainId, vault: await vaultAddress(), federation: 1 },
    pool: bundle.manifest.pool,
    payees: await payees((await d.round(bundle.manifest.rounds.at(-1)?.round ?? 0)).deadline, entitlements.length / 12),
    previousMembers: previous?.bundle.computed.columns.members ?? new Uint8Array(),
  });
  const stakes = () => Promise.all(d.kernel.operatorKeys.map(async ({ address }) => (await d.kernel.operators.operatorOf(address)).stake));
  const proofOf = (settlement: ProposedSettlement, fault: RewardsFault) => toHex(encodeRewardsProof(settlement, fault));
  /** The settlement with these amounts instead, signed as if they were right. */
  function withAmounts(prepared: Prepared, amounts: readonly bigint[]): Prepared {
    const entitlements = packUints(amounts, 12);
    const distributed = amounts.reduce((a, b) => a + b, 0n);
    const { statement } = prepared;
    const total = statement.total - statement.distributed + distributed;
    return { ...prepared, entitlements, statement: { ...statement, entitlementsHash: columnHash(entitlements), distributed, total } };
  }

  it("test_propose_finalise_claim_overRealRounds_succeeds", async () => {
    const { kernel } = d;
    const prepared = await prepare();
    await propose(prepared);
    await finalise();
    const vault = await kernel.ethers.getContractAt("RewardsVault", await vaultAddress());
    expect(await kernel.token.balanceOf(vault)).to.equal(prepared.statement.total);
    await refused(send(prepared), kernel.settlement, "SettlementBadField", "index");

    let paid = 0n;
    for (const [seat, amount] of prepared.bundle.computed.amounts.entries()) {
      if (amount === 0n) continue;
      const payee = must(kernel.contributorKeys[seat]).connect(kernel.ethers.provider);
      await kernel.helpers.setBalance(payee.address, 10n ** 18n);
      await mined(vault.connect(payee).claim(seat, amount, prepared.bundle.computed.tree.proofFor(seat)));
      expect(await kernel.token.balanceOf(payee.address)).to.equal(amount);
      paid += amount;
    }
    expect(paid).to.equal(prepared.statement.distributed);
    expect(await kernel.token.balanceOf(vault)).to.equal(0n);
    expect(paid <= (await kernel.treasury.reservedOf(1))).to.equal(true);
  });

  it("test_propose_roundNotFinal_reverts", async () => {
    const { kernel } = d;
    const prepared = await prepare();
    await d.runRound([0, 1, 2]);
    await refused(send({ ...prepared, statement: { ...prepared.statement, lastRound: 3 } }), kernel.settlement, "SettlementRoundNotFinal", 1, 3);
  });

  it("test_propose_whilePayeesCanChange_reverts", async () => {
    // Payees are those at the deadline of the last final round: in that very second a change could still come after the proposal.
    const { kernel } = d;
    const round = await d.runRound(SIX);
    const { deadline, hash } = await d.round(round);
    const pool = 1_000n * SHU;
    const [scores, entitlements] = [packScores({ seats: [1n], nobody: 0n }), packUints([pool], 12)];
    const statement: SettlementStatement = {
      federation: 1, index: 1, attempt: 0, firstRound: 1, lastRound: 1, lastReportHash: hash, scoresHash: columnHash(scores), entitlementsHash: columnHash(entitlements),
      rewardsRoot: E.id("root") as Hex, distributed: pool, total: pool, artefact: E.id("settlement") as Hex,
    };
    const quorum = await sign(statement);
    const { provider } = kernel.ethers;
    await provider.send("evm_setAutomine", [false]);
    const gasLimit = 5_000_000;
    await kernel.rounds.finalise(1, round, { gasLimit });
    const early = await kernel.settlement.propose(statement, toHex(scores), toHex(entitlements), quorum, { gasLimit });
    await d.at(deadline);
    await provider.send("evm_mine", []);
    await provider.send("evm_setAutomine", [true]);
    const [block, receipt] = [must(await provider.getBlock("latest")), must(await provider.getTransactionReceipt(early.hash))];
    expect([BigInt(block.timestamp), block.transactions.length, receipt.status]).to.deep.equal([deadline, 2, 0]);
    const args = [statement, toHex(scores), toHex(entitlements), quorum] as const;
    await expect(kernel.settlement.propose.staticCall(...args, { blockTag: block.number })).to.be.revertedWithCustomError(kernel.settlement, "SettlementTooEarly").withArgs(deadline);
    await mined(kernel.settlement.propose(...args)); // a second later
  });

  it("test_proveSettlement_slashesSignersAndSettlesAgain_succeeds", async () => {
    const { kernel } = d;
    const prepared = await prepare();
    await propose(prepared);
    const before = await stakes();
    await expect(prove(kernel.verifier, "0x01"))
      .to.emit(kernel.disputes, "SettlementDisputeWon")
      .withArgs(1, 1, await kernel.verifier.getAddress())
      .and.to.emit(kernel.settlement, "SettlementOverturned").withArgs(1, 1, 0, kernel.outsider.address, 2 ** kernel.threshold - 1);
    const after = await stakes();
    before.forEach((stake, i) => expect(stake - must(after[i])).to.equal(i < kernel.threshold ? BOND : 0n));
    expect(await kernel.settlement.liveUnits()).to.equal(0n);

    // The overturned statement's signatures are worth nothing for the next attempt; a new one settles the same rounds.
    await refused(send(prepared), kernel.settlement, "SettlementBadField", "attempt");
    const again = { ...prepared, statement: { ...prepared.statement, attempt: 1 } };
    await propose(again);
    await finalise();
    const vault = await kernel.ethers.getContractAt("RewardsVault", await vaultAddress());
    expect(await vault.rewardsRoot()).to.equal(again.statement.rewardsRoot);
  });

  it("test_proveSettlement_noFaultStrangerOrTooLate_reverts", async () => {
    const { kernel } = d;
    const prepared = await prepare();
    await refused(prove(kernel.verifier, "0x01"), kernel.settlement, "SettlementNotUnderWay", 1);
    await propose(prepared);
    await refused(prove(kernel.verifier, "0x00"), kernel.disputes, "DisputesNoFault", await kernel.verifier.getAddress());
    await refused(kernel.disputes.proveSettlement(1, kernel.outsider.address, "0x01"), kernel.disputes, "DisputesVerifierUnknown", kernel.outsider.address);
    await refused(kernel.settlement.connect(kernel.outsider).overturn(1, kernel.outsider), kernel.settlement, "SettlementNotJudge", kernel.outsider.address);
    const { deadline } = await kernel.settlement.accountOf(1);
    await refused(prove(kernel.verifier, "0x01", deadline), kernel.settlement, "SettlementDeadlinePassed", deadline);
  });

  it("test_proveSettlement_contextIsTheLedgers_succeeds", async () => {
    const { kernel } = d;
    const prepared = await prepare();
    await propose(prepared);
    const { statementHash, pool } = await kernel.settlement.accountOf(1);
    const context = E.AbiCoder.defaultAbiCoder().encode(["uint32", "uint32", "uint8", "bytes32", "uint128"], [1, 1, 0, statementHash, pool]);
    const digest = E.keccak256(context).slice(2);
    await refused(prove(kernel.verifier, `0x01${"11".repeat(32)}`), kernel.verifier, "MockVerifierOtherContext", `0x${digest}`);
    await mined(prove(kernel.verifier, `0x01${digest}`));
  });

  // --- the real verifier ---

  it("test_proveSettlement_honest_everyProofIsRefused_succeeds", async () => {
    const { kernel } = d;
    const verifier = await appoint();
    const first = await prepare();
    await propose(first);
    expect(await findRewardsFault(first, await factsOf(first, null))).to.equal(null);
    const refuse = async (settlement: Prepared, previousMembers: Uint8Array) => {
      for (let seat = 0; seat < settlement.entitlements.length / 12; seat++) {
        await refused(prove(verifier, proofOf(settlement, { kind: "entitlement", seat })), kernel.disputes, "DisputesNoFault", await verifier.getAddress());
      }
      await refused(prove(verifier, proofOf(settlement, { kind: "table", previousMembers })), kernel.disputes, "DisputesNoFault", await verifier.getAddress());
    };
    await refuse(first, new Uint8Array());
    await finalise();
    const second = await prepare(first, [1, 2, 3, 4, 5, 6]);
    await propose(second);
    expect(await findRewardsFault(second, await factsOf(second, first))).to.equal(null);
    await refuse(second, first.bundle.computed.columns.members);
    // The table of two settlements ago is not what the vault pays by.
    await refused(prove(verifier, proofOf(second, { kind: "table", previousMembers: new Uint8Array() })), verifier, "RewardsTableMismatch",
      first.statement.rewardsRoot, E.ZeroHash);
    await finalise();
  });

  it("test_proveSettlement_seatGrantedAfterTheReport_disprovesNothing_succeeds", async () => {
    const { kernel } = d;
    const verifier = await appoint();
    const first = await prepare();
    await propose(first);
    await finalise();
    const second = await prepare(first);
    // Once while it can only be signed, once while it is under way: each seat has a payee, and none is in the columns.
    const count = second.entitlements.length / 12;
    await mined(kernel.seats.grant(1, 3, DATASETS.exempt, 0));
    await propose(second);
    await mined(kernel.seats.grant(1, 4, DATASETS.exempt, 0));
    expect(await kernel.seats.seatCount(1)).to.equal(BigInt(count + 2));
    expect(await findRewardsFault(second, await factsOf(second, first))).to.equal(null);
    const previousMembers = first.bundle.computed.columns.members;
    for (const fault of [...Array.from({ length: count }, (_, seat) => ({ kind: "entitlement", seat }) as const), { kind: "table", previousMembers } as const]) {
      await refused(prove(verifier, proofOf(second, fault)), kernel.disputes, "DisputesNoFault", await verifier.getAddress());
    }
    for (const seat of [count, count + 1]) {
      await refused(prove(verifier, proofOf(second, { kind: "entitlement", seat })), verifier, "RewardsNoSuchSeat", seat, count);
    }
    await finalise();
  });

  it("test_proveSettlement_nobodysShare_rollsOver_succeeds", async () => {
    const { kernel } = d;
    const verifier = await appoint();
    const prepared = await prepare();
    const { manifest, computed } = prepared.bundle;
    const { pool } = manifest;
    // Half of all score is nobody's; each seat then earns half of what it would have.
    const scores = { seats: computed.scores.seats, nobody: computed.scores.seats.reduce((a, b) => a + b, 0n) };
    const { domain, payees: paid, previousMembers } = await factsOf(prepared, null);
    const { amounts, distributed, carry } = computeEntitlements(pool, scores, paid);
    expect(carry >= pool / 2n).to.equal(true);
    const { root } = await buildRewardsTree(domain, accumulate(previousMembers, amounts, paid));
    const column = packScores(scores);
    const halved = withAmounts({ ...prepared, scores: column, statement: { ...prepared.statement, scoresHash: columnHash(column), rewardsRoot: root } }, amounts);
    await propose(halved);
    for (let seat = 0; seat < amounts.length; seat++) {
      await refused(prove(verifier, proofOf(halved, { kind: "entitlement", seat })), kernel.disputes, "DisputesNoFault", await verifier.getAddress());
    }
    await refused(prove(verifier, proofOf(halved, { kind: "table", previousMembers })), kernel.disputes, "DisputesNoFault", await verifier.getAddress());
    await finalise();
    const account = await kernel.settlement.accountOf(1);
    expect([account.distributed, account.carry]).to.deep.equal([distributed, carry]);
    const round = await d.runRound(SIX);
    await d.finalise(round);
    expect(await kernel.settlement.poolThrough(1, round)).to.deep.equal([carry + 1_000n * SHU, 1n]);
  });

  it("test_proveSettlement_nobodysScoreLeftOutOfTheSum_isOverturned_succeeds", async () => {
    const { kernel } = d;
    const verifier = await appoint();
    const prepared = await prepare();
    // A quorum signs nobody's score and pays as if it had not.
    const column = packScores({ ...prepared.bundle.computed.scores, nobody: 1n });
    const wrong = { ...prepared, scores: column, statement: { ...prepared.statement, scoresHash: columnHash(column) } };
    await propose(wrong);
    const fault = must(await findRewardsFault(wrong, await factsOf(wrong, null)));
    expect(fault).to.deep.equal({ kind: "entitlement", seat: 0 });
    await expect(prove(verifier, proofOf(wrong, fault))).to.emit(kernel.settlement, "SettlementOverturned");
  });

  it("test_proveSettlement_wrongEntitlement_isOverturned_succeeds", async () => {
    const { kernel } = d;
    const verifier = await appoint();
    const prepared = await prepare();
    const { amounts } = prepared.bundle.computed;
    const wrong = withAmounts(prepared, amounts.with(2, must(amounts[2]) - 1n));
    await propose(wrong);
    const fault = must(await findRewardsFault(wrong, await factsOf(wrong, null)));
    expect(fault).to.deep.equal({ kind: "entitlement", seat: 2 });
    const before = await stakes();
    await expect(prove(verifier, proofOf(wrong, fault))).to.emit(kernel.settlement, "SettlementOverturned").withArgs(1, 1, 0, kernel.outsider.address, 2 ** kernel.threshold - 1);
    const after = await stakes();
    before.forEach((stake, i) => expect(stake - must(after[i])).to.equal(i < kernel.threshold ? BOND : 0n));
    await propose({ ...prepared, statement: { ...prepared.statement, attempt: 1 } });
    await finalise();
  });

  it("test_proveSettlement_wrongRootOverAnEarlierTable_isOverturned_succeeds", async () => {
    const { kernel } = d;
    const verifier = await appoint();
    const first = await prepare();
    await propose(first);
    await finalise();
    const second = await prepare(first);
    // The first table's root once more: what the second settlement gives is kept from everybody.
    const wrong = { ...second, statement: { ...second.statement, rewardsRoot: first.statement.rewardsRoot } };
    await propose(wrong);
    const fault = must(await findRewardsFault(wrong, await factsOf(wrong, first)));
    expect(fault.kind).to.equal("table");
    await expect(prove(verifier, proofOf(wrong, fault))).to.emit(kernel.settlement, "SettlementOverturned");
  });

  it("test_proveSettlement_payeesAreThoseOfTheDeadline_succeeds", async () => {
    const { kernel } = d;
    const verifier = await appoint();
    const { contributors, helpers, ethers } = kernel;
    const change = async (seat: number, payee: string) => {
      const key = must(kernel.contributorKeys[seat]).connect(ethers.provider);
      await helpers.setBalance(key.address, 10n ** 18n);
      await contributors.connect(key).changePayee(seat + 1, payee);
    };
    await change(0, ZERO_ADDRESS); // declines, before the deadline
    await change(1, kernel.council.address); // moves, before the deadline
    await helpers.time.increase(ROTATION_DELAY);
    await contributors.completePayeeChange(1);
    await contributors.completePayeeChange(2);
    await change(2, ZERO_ADDRESS);
    await helpers.time.increase(ROTATION_DELAY - 200);
    const round = await d.runRound(SIX);
    await d.finalise(round);
    await contributors.completePayeeChange(3); // declines, after the deadline: it is paid for what came before
    const prepared = await prepareFinal(null);
    const { computed } = prepared.bundle;
    expect([computed.amounts[0], must(computed.amounts[2]) > 0n]).to.deep.equal([0n, true]);
    expect(await contributors.payeeOf(3)).to.equal(ZERO_ADDRESS);
    await propose(prepared);
    for (let seat = 0; seat < 6; seat++) {
      await refused(prove(verifier, proofOf(prepared, { kind: "entitlement", seat })), kernel.disputes, "DisputesNoFault", await verifier.getAddress());
    }
    await refused(prove(verifier, proofOf(prepared, { kind: "table", previousMembers: new Uint8Array() })), kernel.disputes, "DisputesNoFault", await verifier.getAddress());
    await finalise();
    const vault = await ethers.getContractAt("RewardsVault", await vaultAddress());
    await mined(vault.connect(kernel.council).claim(1, must(computed.amounts[1]), computed.tree.proofFor(1)));

    // Paying who declined is a fault, and so is not paying who had not.
    await d.runRound(SIX);
    await d.finalise(round + 1);
    const next = await prepareFinal(prepared);
    const amounts = next.bundle.computed.amounts;
    expect([amounts[0], amounts[2], must(amounts[1]) > 0n]).to.deep.equal([0n, 0n, true]);
    const wrong = withAmounts(next, amounts.with(0, must(amounts[1])));
    await propose(wrong);
    await expect(prove(verifier, proofOf(wrong, { kind: "entitlement", seat: 0 }))).to.emit(kernel.settlement, "SettlementOverturned");
    const unpaid = withAmounts({ ...next, statement: { ...next.statement, attempt: 1 } }, amounts.with(1, 0n));
    await propose(unpaid);
    await expect(prove(verifier, proofOf(unpaid, { kind: "entitlement", seat: 1 }))).to.emit(kernel.settlement, "SettlementOverturned");
  });

  it("test_proveSettlement_gasOfAnEntitlement_sixteenSeatsSevenSigners_succeeds", async () => {
    d = new Driver(await loadTen());
    const { kernel } = d;
    await kernel.treasury.reserve(1, ALLOTTED);
    const verifier = await appoint();
    for (const contributor of [3, 4, 5, 6, 7, 8]) await kernel.seats.grant(1, contributor, DATASETS.exempt, 0);
    for (const contributor of [1, 2]) await kernel.seats.grant(1, contributor, DATASETS.budgeted, 0);
    const prepared = await prepare();
    expect(prepared.entitlements.length / 12).to.equal(16);
    const { amounts } = prepared.bundle.computed;
    const meter = await kernel.ethers.deployContract("RewardsWorld");
    // An amount that is neither the share nor nothing is wrong whoever the payee is; for nothing in place of the share, the registries are asked.
    for (const [attempt, [wrong, alone, whole]] of ([[must(amounts[5]) + 1n, 10_000n, 151_000n], [0n, 45_000n, 190_000n]] as const).entries()) {
      const settlement = withAmounts({ ...prepared, statement: { ...prepared.statement, attempt } }, amounts.with(5, wrong));
      await propose(settlement);
      const { statementHash, pool } = await kernel.settlement.accountOf(1);
      const proof = proofOf(settlement, { kind: "entitlement", seat: 5 });
      const [used, faulty] = await meter.gasOf(verifier, { context: { federation: 1, index: 1, attempt, statementHash, pool }, proof });
      expect(faulty).to.equal(true);
      expect(used, "the verifier, asked alone").to.be.below(alone);
      expect((await mined(prove(verifier, proof))).gasUsed, "the whole transaction").to.be.below(whole);
    }
  });
});
