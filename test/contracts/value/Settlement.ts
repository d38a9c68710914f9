import { expect } from "chai";
import { ethers as E } from "ethers";
import { BOND, DAY, RewardsTree, SHU, STATEMENT_TYPES, ZERO, accounts, deployOperators, domainOf, must, openChain, plain, quorumOf, type Chain } from "./helpers.ts";

const FEDERATION = 5;
const POOL = 100n * SHU;
const WINDOW = 2 * DAY;
const State = { Open: 1, Sealed: 2, Reported: 3, Final: 4, Void: 5 };

describe("Settlement", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  /** Everything real but the rounds; rounds 1–4 of the federation are final, two of them are enough for a settlement. */
  async function deploy() {
    const base = await deployOperators(chain);
    const { disputes, challenger, ada, ben, stranger } = accounts(chain, "_", "_1", "_2", "disputes", "challenger", "ada", "ben", "stranger");
    const rounds = await chain.ethers.deployContract("MockRounds");
    const settlement = await chain.ethers.deployContract("Settlement", [base.owner, rounds, base.operators, base.treasury]);
    await base.operators.connect(base.owner).changeLedgers(rounds, settlement);
    await base.treasury.connect(base.owner).changeSettlement(settlement);
    await settlement.connect(base.owner).changeDisputes(disputes);
    await rounds.setRule(FEDERATION, POOL, 2, WINDOW);
    for (let round = 1; round <= 4; round++) await rounds.setRound(FEDERATION, round, State.Final, E.id(`report ${round}`));
    await base.form();
    const vault = await base.openVault(FEDERATION, 1000n * SHU);
    const domain = await domainOf(chain, settlement);

    const statement = (over: object = {}) => ({
      federation: FEDERATION, index: 1, attempt: 0, firstRound: 1, lastRound: 2, lastReportHash: E.id("report 2"), scoresHash: E.id("scores"),
      entitlementsHash: E.id("entitlements"), rewardsRoot: E.id("root"), distributed: 200n * SHU, total: 200n * SHU, artefact: E.id("artefact"), ...over,
    });
    const sign = (value: object, chosen = [0, 1, 2, 3], domainOver: object = {}) =>
      quorumOf(E.TypedDataEncoder.hash({ ...domain, ...domainOver }, STATEMENT_TYPES, value), base.keys, chosen);
    const propose = (over: object = {}) => {
      const value = statement(over);
      return settlement.propose(value, sign(value));
    };
    const pass = () => chain.helpers.time.increase(WINDOW);
    return { ...base, rounds, settlement, vault, disputes, challenger, ada, ben, stranger, domain, statement, sign, propose, pass };
  }
  const fixture = () => chain.helpers.loadFixture(deploy);

  const evidenceOf = async (settlement: { getAddress(): Promise<string> }, index: number, attempt: number, federation = FEDERATION) =>
    E.keccak256(E.AbiCoder.defaultAbiCoder().encode(["address", "uint32", "uint32", "uint8"], [await settlement.getAddress(), federation, index, attempt]));

  // --- propose ---

  it("test_propose_honest_succeeds", async () => {
    const { settlement, statement, sign, keys } = await fixture();
    const value = statement();
    const sent = settlement.connect(must(chain.signers[9])).propose(value, sign(value, [1, 2, 4, 6])); // anyone may bring it
    const at = (await (await sent).getBlock())?.timestamp ?? 0;
    const log = must((await settlement.queryFilter(settlement.filters.SettlementProposed()))[0]).args;
    expect([log.federation, log.index, log.pool, log.signers, log.deadline]).to.deep.equal([5n, 1n, 2n * POOL, 0b1010110n, BigInt(at + WINDOW)]);
    expect(plain(log.statement)).to.deep.include({ firstRound: 1n, lastRound: 2n, rewardsRoot: value.rewardsRoot, artefact: value.artefact });
    const account = await settlement.accountOf(FEDERATION);
    expect(plain(account)).to.deep.equal({
      nextIndex: 1n, attempt: 0n, state: 1n, deadline: BigInt(at + WINDOW), settledThrough: 0n, proposedThrough: 2n, signers: 0b1010110n, operatorEpoch: 1n,
      carry: 0n, pool: 2n * POOL, distributed: 200n * SHU, total: 0n, statementHash: E.TypedDataEncoder.hashStruct("SettlementStatement", STATEMENT_TYPES, value), rewardsRoot: value.rewardsRoot,
    });
    expect(await settlement.liveUnits()).to.equal(1);
    expect(keys).to.have.length(7);
  });

  it("test_statementDigest_matchesEip712_succeeds", async () => {
    const { settlement, statement, domain } = await fixture();
    expect(await settlement.statementDigest(statement())).to.equal(E.TypedDataEncoder.hash(domain, STATEMENT_TYPES, statement()));
  });

  it("test_propose_everyWrongField_reverts", async () => {
    const { settlement, propose } = await fixture();
    const wrong: [string, object][] = [
      ["federation", { federation: FEDERATION + 1 }],
      ["index", { index: 0 }],
      ["index", { index: 2 }],
      ["attempt", { attempt: 1 }],
      ["firstRound", { firstRound: 0 }],
      ["firstRound", { firstRound: 2 }],
      ["lastRound", { lastRound: 0 }],
      ["lastRound", { lastRound: 257 }],
      ["lastReportHash", { lastReportHash: E.id("report 1") }],
      ["lastReportHash", { lastRound: 3 }],
      ["total", { total: 200n * SHU - 1n }],
      ["total", { total: 200n * SHU + 1n }],
    ];
    for (const [field, over] of wrong) {
      await expect(propose(over), JSON.stringify(over, (_, v) => `${v}`)).to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs(field);
    }
  });

  it("test_propose_everyFieldIsSigned_reverts", async () => {
    const { settlement, statement, sign, operators, rounds } = await fixture();
    await rounds.setRule(FEDERATION + 1, POOL, 2, WINDOW);
    const value = statement();
    // The fields that the contract cannot compare with anything of its own.
    for (const field of ["scoresHash", "entitlementsHash", "rewardsRoot", "artefact"]) {
      await expect(settlement.propose({ ...value, [field]: E.id("changed") }, sign(value)), field).to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
    }
    await expect(settlement.propose({ ...value, distributed: 1, total: 1 }, sign(value))).to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
  });

  it("test_propose_anotherDomain_reverts", async () => {
    const { settlement, statement, sign, operators, rounds, owner, treasury } = await fixture();
    const value = statement();
    const other = await chain.ethers.deployContract("Settlement", [owner, rounds, operators, treasury]);
    for (const domain of [{ chainId: 1 }, { verifyingContract: await other.getAddress() }, { version: "2" }, { name: "Other" }]) {
      await expect(settlement.propose(value, sign(value, [0, 1, 2, 3], domain))).to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
    }
    await expect(other.propose(value, sign(value))).to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
  });

  it("test_propose_belowThreshold_reverts", async () => {
    const { settlement, statement, sign, operators } = await fixture();
    await expect(settlement.propose(statement(), sign(statement(), [0, 1, 2]))).to.be.revertedWithCustomError(operators, "OperatorsNoQuorum").withArgs(3, 4);
  });

  it("test_propose_underWay_reverts", async () => {
    const { settlement, propose } = await fixture();
    await propose();
    await expect(propose()).to.be.revertedWithCustomError(settlement, "SettlementUnderWay").withArgs(FEDERATION, 1);
  });

  for (const state of ["Open", "Sealed", "Reported"] as const) {
    it(`test_propose_round${state}_reverts`, async () => {
      const { settlement, propose, rounds } = await fixture();
      for (const round of [1, 2]) {
        await rounds.setRound(FEDERATION, round, State[state], E.id(`report ${round}`));
        await expect(propose()).to.be.revertedWithCustomError(settlement, "SettlementRoundNotFinal").withArgs(FEDERATION, round);
        await rounds.setRound(FEDERATION, round, State.Final, E.id(`report ${round}`));
      }
    });
  }

  it("test_propose_roundThatDoesNotExist_reverts", async () => {
    const { settlement, propose } = await fixture();
    await expect(propose({ lastRound: 5 })).to.be.revertedWithCustomError(settlement, "SettlementRoundNotFinal").withArgs(FEDERATION, 5);
  });

  it("test_propose_voidRoundsAddNothing_succeeds", async () => {
    const { settlement, propose, rounds } = await fixture();
    await rounds.setRound(FEDERATION, 2, State.Void, E.id("void"));
    await expect(propose()).to.be.revertedWithCustomError(settlement, "SettlementTooFewRounds").withArgs(1, 2);
    await rounds.setRound(FEDERATION, 4, State.Void, E.id("void"));
    // 1 and 3 are final, 2 and 4 void: the last final report is pinned.
    await expect(propose({ lastRound: 4, lastReportHash: E.id("void") })).to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs("lastReportHash");
    await propose({ lastRound: 4, lastReportHash: E.id("report 3") });
    expect((await settlement.accountOf(FEDERATION)).pool).to.equal(2n * POOL);
    expect(await settlement.poolThrough(FEDERATION, 4)).to.deep.equal([2n * POOL, 2n]);
  });

  it("test_propose_abovePool_reverts", async () => {
    const { settlement, propose } = await fixture();
    const above = 200n * SHU + 1n;
    await expect(propose({ distributed: above, total: above })).to.be.revertedWithCustomError(settlement, "SettlementAbovePool").withArgs(above, 200n * SHU);
  });

  it("test_propose_aboveReserve_reverts", async () => {
    const { settlement, propose, rounds, treasury, owner, pass } = await fixture();
    await rounds.setRule(FEDERATION, 600n * SHU, 2, WINDOW);
    const value = { distributed: 1001n * SHU, total: 1001n * SHU };
    await expect(propose(value)).to.be.revertedWithCustomError(settlement, "SettlementAboveReserve").withArgs(1001n * SHU, 1000n * SHU);
    await treasury.connect(owner).reserve(FEDERATION, SHU);
    await propose(value);
    await pass();
    await settlement.finalise(FEDERATION); // what fitted when it was proposed fits when it is credited
    expect(await treasury.creditedOf(FEDERATION)).to.equal(1001n * SHU);
  });

  it("test_propose_noVault_reverts", async () => {
    const { settlement, propose, rounds } = await fixture();
    await rounds.setRule(6, POOL, 1, WINDOW);
    await rounds.setRound(6, 1, State.Final, E.id("r"));
    const value = { federation: 6, lastRound: 1, lastReportHash: E.id("r"), distributed: 0, total: 0 };
    await expect(propose(value)).to.be.revertedWithCustomError(settlement, "SettlementNoVault").withArgs(6);
  });

  it("test_propose_exposureExhausted_reverts", async () => {
    const { settlement, propose, rounds, treasury, owner, form, keys, pass } = await fixture();
    await form(keys, 4, 6, 2);
    for (const federation of [6, 7]) {
      await rounds.setRule(federation, POOL, 1, WINDOW);
      await rounds.setRound(federation, 1, State.Final, E.id("r"));
      await treasury.connect(owner).reserve(federation, SHU);
    }
    const value = { lastRound: 1, lastReportHash: E.id("r"), distributed: 1, total: 1 };
    await propose();
    await propose({ federation: 6, ...value });
    await expect(propose({ federation: 7, ...value })).to.be.revertedWithCustomError(settlement, "SettlementExposureExhausted").withArgs(2, 2);
    await pass();
    await settlement.finalise(6);
    await propose({ federation: 7, ...value });
    expect(await settlement.liveUnits()).to.equal(2);
  });

  it("test_propose_twoHundredFiftySixRounds_succeeds", async () => {
    const { settlement, propose, rounds } = await fixture();
    for (let round = 5; round <= 257; round++) await rounds.setRound(FEDERATION, round, State.Void, E.ZeroHash);
    await expect(propose({ lastRound: 257, lastReportHash: E.id("report 4") })).to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs("lastRound");
    const sent = await propose({ lastRound: 256, lastReportHash: E.id("report 4") });
    expect((await sent.wait())?.gasUsed).to.be.below(4_000_000n);
  });

  it("test_propose_longRunOfVoidRounds_isLeftBehind_succeeds", async () => {
    const { settlement, propose, rounds, pass } = await fixture();
    for (let round = 1; round <= 257; round++) await rounds.setRound(FEDERATION, round, State.Void, E.id("void"));
    const nothing = { lastReportHash: E.ZeroHash, distributed: 0, total: 0 };
    await expect(propose({ ...nothing, lastRound: 255 })).to.be.revertedWithCustomError(settlement, "SettlementTooFewRounds").withArgs(0, 2);
    await propose({ ...nothing, lastRound: 256 });
    await pass();
    await settlement.finalise(FEDERATION);
    expect((await settlement.accountOf(FEDERATION)).settledThrough).to.equal(256);
  });

  // --- finalise ---

  it("test_finalise_nothingUnderWay_reverts", async () => {
    const { settlement, propose, pass } = await fixture();
    await expect(settlement.finalise(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay").withArgs(FEDERATION);
    await propose();
    await pass();
    await settlement.finalise(FEDERATION);
    await expect(settlement.finalise(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay");
  });

  it("test_finalise_windowOpen_reverts", async () => {
    const { settlement, propose } = await fixture();
    await propose();
    const { deadline } = await settlement.accountOf(FEDERATION);
    await chain.helpers.time.setNextBlockTimestamp(deadline - 1n);
    await expect(settlement.finalise(FEDERATION)).to.be.revertedWithCustomError(settlement, "SettlementWindowOpen").withArgs(deadline);
    await chain.helpers.time.setNextBlockTimestamp(deadline);
    await settlement.finalise(FEDERATION);
  });

  it("test_finalise_creditsAndCarries_succeeds", async () => {
    const { settlement, propose, pass, treasury, vault, token, stranger } = await fixture();
    const paid = 150n * SHU;
    await propose({ distributed: paid, total: paid });
    expect(await treasury.creditedOf(FEDERATION)).to.equal(0); // nothing is claimable before it is final
    expect(await vault.rewardsRoot()).to.equal(E.ZeroHash);
    await pass();
    await expect(settlement.connect(stranger).finalise(FEDERATION))
      .to.emit(settlement, "SettlementFinalised").withArgs(FEDERATION, 1, E.id("root"), paid, 50n * SHU)
      .and.to.emit(treasury, "Credited").withArgs(FEDERATION, E.id("root"), paid, paid);
    expect(await token.balanceOf(vault)).to.equal(paid);
    const account = await settlement.accountOf(FEDERATION);
    expect([account.state, account.nextIndex, account.attempt, account.settledThrough, account.carry, account.total]).to.deep.equal([0n, 2n, 0n, 2n, 50n * SHU, paid]);
    expect(await settlement.liveUnits()).to.equal(0);
    expect(await settlement.poolThrough(FEDERATION, 4)).to.deep.equal([250n * SHU, 2n]);
    // The next one starts after the last covered round and may use the carry.
    await expect(propose({ index: 2, firstRound: 2, lastRound: 4, lastReportHash: E.id("report 4") })).to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs("firstRound");
    await propose({ index: 2, firstRound: 3, lastRound: 4, lastReportHash: E.id("report 4"), distributed: 250n * SHU, total: 400n * SHU, rewardsRoot: E.id("second") });
    await pass();
    await settlement.finalise(FEDERATION);
    expect(await treasury.creditedOf(FEDERATION)).to.equal(400n * SHU);
    expect((await settlement.accountOf(FEDERATION)).carry).to.equal(0);
  });

  it("test_finalise_reserveCannotShrinkMeanwhile_succeeds", async () => {
    // Governance does everything it can between proposal and finality; the settlement still becomes final.
    const { settlement, propose, pass, treasury, owner, operators, rounds, form, keys } = await fixture();
    await propose();
    await treasury.connect(owner).reserve(77, (await treasury.available()) - (await treasury.totalReserved()));
    await rounds.setRule(FEDERATION, 0, 0, 0);
    await rounds.setRound(FEDERATION, 1, State.Void, E.ZeroHash);
    await form(keys.slice(0, 4), 3, 0, 0);
    await operators.connect(owner).changeLedgers(ZERO, ZERO);
    await settlement.connect(owner).changeDisputes(ZERO);
    await pass();
    await settlement.finalise(FEDERATION);
    expect(await treasury.creditedOf(FEDERATION)).to.equal(200n * SHU);
  });

  // --- overturn ---

  it("test_overturn_notDisputes_reverts", async () => {
    const { settlement, propose, owner, stranger, keys } = await fixture();
    await propose();
    for (const caller of [owner, stranger, must(keys[0])]) {
      await expect(settlement.connect(caller).overturn(FEDERATION, stranger)).to.be.revertedWithCustomError(settlement, "SettlementNotDisputes").withArgs(caller);
    }
  });

  it("test_overturn_nothingUnderWay_reverts", async () => {
    const { settlement, disputes, challenger } = await fixture();
    await expect(settlement.connect(disputes).overturn(FEDERATION, challenger)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay");
  });

  it("test_overturn_atDeadline_reverts", async () => {
    const { settlement, propose, disputes, challenger } = await fixture();
    await propose();
    const { deadline } = await settlement.accountOf(FEDERATION);
    await chain.helpers.time.setNextBlockTimestamp(deadline);
    await expect(settlement.connect(disputes).overturn(FEDERATION, challenger)).to.be.revertedWithCustomError(settlement, "SettlementDeadlinePassed").withArgs(deadline);
  });

  it("test_overturn_afterFinality_reverts", async () => {
    const { settlement, propose, disputes, challenger, pass } = await fixture();
    await propose();
    await pass();
    await settlement.finalise(FEDERATION);
    await expect(settlement.connect(disputes).overturn(FEDERATION, challenger)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay");
  });

  it("test_overturn_aSecondBeforeDeadline_slashesAndReopens_succeeds", async () => {
    const { settlement, propose, disputes, challenger, operators, keys, token, treasury } = await fixture();
    await propose();
    const { deadline } = await settlement.accountOf(FEDERATION);
    await chain.helpers.time.setNextBlockTimestamp(deadline - 1n);
    await expect(settlement.connect(disputes).overturn(FEDERATION, challenger))
      .to.emit(settlement, "SettlementOverturned").withArgs(FEDERATION, 1, 0, challenger, 0b1111)
      .and.to.emit(operators, "SlashDivided").withArgs(await evidenceOf(settlement, 1, 0), challenger, 160n * SHU, 160n * SHU, 80n * SHU);
    expect(await token.balanceOf(challenger)).to.equal(160n * SHU);
    expect((await operators.operatorOf(must(keys[0]))).stake).to.equal(9n * BOND);
    expect((await operators.operatorOf(must(keys[4]))).stake).to.equal(10n * BOND);
    expect((await operators.currentEpoch()).settlementUnits).to.equal(3);
    expect(await treasury.creditedOf(FEDERATION)).to.equal(0);
    expect(plain(await settlement.accountOf(FEDERATION))).to.deep.include({
      nextIndex: 1n, attempt: 1n, state: 0n, settledThrough: 0n, proposedThrough: 0n, signers: 0n, carry: 0n, pool: 0n, distributed: 0n, total: 0n, statementHash: E.ZeroHash, rewardsRoot: E.ZeroHash,
    });
    expect(await settlement.liveUnits()).to.equal(0);
    await expect(settlement.connect(disputes).overturn(FEDERATION, challenger)).to.be.revertedWithCustomError(settlement, "SettlementNotUnderWay");
  });

  it("test_overturn_sameRoundsAgain_succeeds", async () => {
    const { settlement, propose, disputes, challenger, pass, operators, treasury } = await fixture();
    await propose();
    await settlement.connect(disputes).overturn(FEDERATION, challenger);
    // The overturned statement cannot come back: its signatures name attempt 0.
    await expect(propose()).to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs("attempt");
    await propose({ attempt: 1, lastRound: 3, lastReportHash: E.id("report 3") });
    await settlement.connect(disputes).overturn(FEDERATION, challenger);
    expect(await operators.evidenceUsed(await evidenceOf(settlement, 1, 1))).to.equal(true);
    await propose({ attempt: 2 });
    await pass();
    await settlement.finalise(FEDERATION);
    expect(await treasury.creditedOf(FEDERATION)).to.equal(200n * SHU);
    expect((await settlement.accountOf(FEDERATION)).attempt).to.equal(0);
  });

  it("test_overturn_liableAreTheEpochThatSigned_succeeds", async () => {
    const { settlement, propose, disputes, challenger, operators, keys, form } = await fixture();
    await propose(); // signed by members 0–3 of epoch 1
    await form(keys.slice(1), 4);
    await operators.connect(must(keys[0])).startUnbonding(10n * BOND); // leaves, and stays liable
    await settlement.connect(disputes).overturn(FEDERATION, challenger);
    const stakes = await Promise.all(keys.map(async (key) => (await operators.operatorOf(key)).stake / BOND));
    expect(stakes).to.deep.equal([9n, 9n, 9n, 9n, 10n, 10n, 10n]);
  });

  it("test_overturn_keepsCarryOfTheLastFinalOne_succeeds", async () => {
    const { settlement, propose, disputes, challenger, pass } = await fixture();
    await propose({ distributed: 1, total: 1 });
    await pass();
    await settlement.finalise(FEDERATION);
    const second = { index: 2, firstRound: 3, lastRound: 4, lastReportHash: E.id("report 4"), distributed: 5, total: 6 };
    await propose(second);
    await settlement.connect(disputes).overturn(FEDERATION, challenger);
    expect(await settlement.poolThrough(FEDERATION, 4)).to.deep.equal([400n * SHU - 1n, 2n]);
    await propose({ ...second, attempt: 1 });
  });

  it("test_overturn_attemptsRunOut_goesOnUnderANewIndex_succeeds", async () => {
    const { settlement, propose, disputes, challenger, operators } = await fixture();
    await propose();
    await settlement.connect(disputes).overturn(FEDERATION, challenger);
    // The attempt is the byte behind nextIndex in the account's first word; nobody could afford to get to 255 by being overturned.
    const slots = Array.from({ length: 10 }, (_, i) => E.keccak256(E.AbiCoder.defaultAbiCoder().encode(["uint32", "uint256"], [FEDERATION, i])));
    for (const slot of slots) {
      const word = BigInt(await chain.ethers.provider.getStorage(settlement, slot));
      if (word !== 0n) await chain.helpers.setStorageAt(await settlement.getAddress(), slot, E.toBeHex(word | (0xffn << 32n), 32));
    }
    expect((await settlement.accountOf(FEDERATION)).attempt).to.equal(255);
    await propose({ attempt: 255 });
    await settlement.connect(disputes).overturn(FEDERATION, challenger);
    expect(await operators.evidenceUsed(await evidenceOf(settlement, 1, 255))).to.equal(true);
    const account = await settlement.accountOf(FEDERATION);
    expect([account.nextIndex, account.attempt, account.settledThrough]).to.deep.equal([2n, 0n, 0n]);
    await propose({ index: 2 });
    await settlement.connect(disputes).overturn(FEDERATION, challenger);
    expect(await operators.evidenceUsed(await evidenceOf(settlement, 2, 0))).to.equal(true);
  });

  it("test_governance_notOwner_reverts", async () => {
    const { settlement, stranger, disputes, owner } = await fixture();
    for (const caller of [stranger, disputes]) {
      await expect(settlement.connect(caller).changeDisputes(stranger)).to.be.revertedWithCustomError(settlement, "OwnableUnauthorizedAccount");
    }
    await expect(settlement.connect(owner).changeDisputes(stranger)).to.emit(settlement, "DisputesChanged").withArgs(stranger);
    expect(await settlement.disputes()).to.equal(stranger.address);
  });

  it("test_accountOf_untouchedFederation_succeeds", async () => {
    const { settlement } = await fixture();
    expect((await settlement.accountOf(42)).nextIndex).to.equal(1);
  });

  // --- from rounds to tokens ---

  it("test_settlement_fromRoundsToClaims_succeeds", async () => {
    const { settlement, propose, pass, vault, token, ada, ben } = await fixture();
    const { chainId } = await chain.ethers.provider.getNetwork();
    const treeOf = (a: bigint, b: bigint) => new RewardsTree(chainId, vault.target as string, FEDERATION, [
      { index: 0, payee: ada.address, cumulative: a },
      { index: 1, payee: ben.address, cumulative: b },
    ]);
    const first = treeOf(120n * SHU, 79n * SHU);
    await propose({ rewardsRoot: first.root, distributed: first.total, total: first.total });
    const early = first.item(0);
    await expect(vault.connect(ada).claim(early.index, early.cumulative, early.proof)).to.be.revertedWithCustomError(vault, "VaultBadProof"); // claim before finality
    await pass();
    await settlement.finalise(FEDERATION);
    await vault.connect(ada).claim(early.index, early.cumulative, early.proof);
    const second = treeOf(200n * SHU, 199n * SHU);
    await propose({ index: 2, firstRound: 3, lastRound: 4, lastReportHash: E.id("report 4"), rewardsRoot: second.root, distributed: second.total - first.total, total: second.total });
    await pass();
    await settlement.finalise(FEDERATION);
    for (const [holder, index] of [[ada, 0], [ben, 1]] as const) {
      const item = second.item(index);
      await vault.connect(holder).claim(item.index, item.cumulative, item.proof);
    }
    expect(await token.balanceOf(ada)).to.equal(200n * SHU);
    expect(await token.balanceOf(ben)).to.equal(199n * SHU);
    expect(await token.balanceOf(vault)).to.equal(0);
  });

  it("test_credit_operatorsCannotCreditThemselves_reverts", async () => {
    // Gensyn: a reward written by the one who earns it. Only the settlement credits, and only what a quorum proposed and a window confirmed.
    const { treasury, token, vault, keys, owner, disputes } = await fixture();
    for (const caller of [must(keys[0]), owner, disputes]) {
      await expect(treasury.connect(caller).credit(FEDERATION, E.id("mine"), SHU)).to.be.revertedWithCustomError(treasury, "TreasuryNotSettlement");
      await expect(token.connect(caller).mint(caller, SHU)).to.be.revertedWithCustomError(token, "TokenNotMinter");
      await expect(vault.connect(caller).update(E.id("mine"), SHU)).to.be.revertedWithCustomError(vault, "VaultNotTreasury");
    }
  });
});
