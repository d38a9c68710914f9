import { expect } from "chai";
import { ethers as E } from "ethers";
import { RewardsTree, SHU, STATEMENT_TYPES, ZERO, must, openChain, plain, type Chain } from "./helpers.ts";
import { FEDERATION, POOL, SCORES, State, WINDOW, deploySettlement, entitlementsOf, type Fields } from "./settlement-world.ts";

describe("Settlement", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  const deploy = () => deploySettlement(chain);
  const fixture = () => chain.helpers.loadFixture(deploy);

  // --- propose ---

  it("test_propose_honest_succeeds", async () => {
    const { settlement, statement, sign, send, keys } = await fixture();
    const value = statement();
    const sent = send(value, sign(value, [1, 2, 4, 6]), settlement.connect(must(chain.signers[9]))); // anyone may bring it
    const at = (await (await sent).getBlock())?.timestamp ?? 0;
    const log = must((await settlement.queryFilter(settlement.filters.SettlementProposed()))[0]).args;
    expect([log.federation, log.index, log.pool, log.signers, log.deadline]).to.deep.equal([5n, 1n, 2n * POOL, 0b1010110n, BigInt(at + WINDOW)]);
    expect(plain(log.statement)).to.deep.include({ firstRound: 1n, lastRound: 2n, rewardsRoot: value.rewardsRoot, artefact: value.artefact });
    const account = await settlement.accountOf(FEDERATION);
    expect(plain(account)).to.deep.equal({
      nextIndex: 1n, attempt: 0n, state: 1n, deadline: BigInt(at + WINDOW), settledThrough: 0n, proposedThrough: 2n, signers: 0b1010110n, operatorEpoch: 1n, frozen: false,
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
    const wrong: [string, Partial<Fields>][] = [
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
    const { settlement, statement, sign, send, operators } = await fixture();
    const value = statement();
    // The fields that the contract cannot compare with anything of its own.
    for (const field of ["rewardsRoot", "artefact"]) {
      await expect(send({ ...value, [field]: E.id("changed") }, sign(value)), field).to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
    }
    // Another column, with the hash that fits it.
    const scores = E.concat([E.toBeHex(1, 8), E.toBeHex(3, 8), E.toBeHex(0, 8)]);
    await expect(settlement.propose({ ...value, scoresHash: E.keccak256(scores) }, scores, entitlementsOf(value.distributed), sign(value)))
      .to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
    const entitlements = E.concat([E.toBeHex(value.distributed, 12), E.toBeHex(0, 12)]);
    await expect(settlement.propose({ ...value, entitlementsHash: E.keccak256(entitlements) }, SCORES, entitlements, sign(value)))
      .to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
    await expect(send(statement({ distributed: 1n, total: 1n }), sign(value))).to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
  });

  // --- columns ---

  it("test_propose_otherColumnsThanSigned_reverts", async () => {
    const { settlement, statement, sign } = await fixture();
    const value = statement();
    const entitlements = entitlementsOf(value.distributed);
    const changed = (column: string) => `0x01${column.slice(4)}`;
    const sent = (scores: string, column: string) => settlement.propose(value, scores, column, sign(value));
    await expect(sent(changed(SCORES), entitlements)).to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs("scoresHash");
    await expect(sent("0x", entitlements)).to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs("scoresHash");
    await expect(sent(SCORES, changed(entitlements))).to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs("entitlementsHash");
    await expect(sent(SCORES, "0x")).to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs("entitlementsHash");
  });

  it("test_propose_columnsOfOtherLengths_reverts", async () => {
    const { settlement, statement, sign } = await fixture();
    for (const [scores, entitlements] of [[23, 24], [24, 23], [24, 25], [25, 24], [8, 24], [16, 24], [32, 24], [24, 12], [0, 0], [0, 1], [0, 12], [7, 0], [8, 1], [16, 0]] as const) {
      const columns = [scores, entitlements].map((length) => `0x${"00".repeat(length)}`) as [string, string];
      const value = { ...statement({ distributed: 0n, total: 0n }), scoresHash: E.keccak256(columns[0]), entitlementsHash: E.keccak256(columns[1]) };
      await expect(settlement.propose(value, ...columns, sign(value)), `${scores} ${entitlements}`)
        .to.be.revertedWithCustomError(settlement, "SettlementColumnLength").withArgs(scores, entitlements);
    }
  });

  it("test_propose_phantomSeat_reverts", async () => {
    const { settlement, seats, propose } = await fixture();
    await seats.setSeatCount(FEDERATION, 1);
    await expect(propose()).to.be.revertedWithCustomError(settlement, "SettlementTooManySeats").withArgs(2, 1);
    await seats.setSeatCount(FEDERATION, 3); // one was granted since, and is not paid
    await propose();
  });

  it("test_propose_entitlementsDoNotSum_reverts", async () => {
    const { settlement, statement, sign } = await fixture();
    for (const distributed of [200n * SHU - 1n, 199n * SHU]) {
      const value = statement({ distributed, total: distributed, entitlementsHash: E.keccak256(entitlementsOf(distributed + 1n)) });
      await expect(settlement.propose(value, SCORES, entitlementsOf(distributed + 1n), sign(value)))
        .to.be.revertedWithCustomError(settlement, "SettlementBadField").withArgs("distributed");
    }
  });

  it("test_propose_noSeats_succeeds", async () => {
    const { settlement, statement, sign } = await fixture();
    // Nobody's score is all there is.
    const scores = E.toBeHex(5, 8);
    const value = { ...statement({ distributed: 0n, total: 0n }), scoresHash: E.keccak256(scores), entitlementsHash: E.keccak256("0x") };
    await settlement.propose(value, scores, "0x", sign(value));
  });

  it("test_propose_twoHundredFiftySixSeats_succeeds", async () => {
    const { settlement, seats, statement, sign } = await fixture();
    await seats.setSeatCount(FEDERATION, 256);
    const scores = E.concat(Array.from({ length: 257 }, (_, i) => E.toBeHex(i + 1, 8)));
    const entitlements = E.concat(Array.from({ length: 256 }, () => E.toBeHex(SHU / 2n, 12)));
    const value = statement({ scoresHash: E.keccak256(scores), entitlementsHash: E.keccak256(entitlements), distributed: 128n * SHU, total: 128n * SHU });
    const sent = await settlement.propose(value, scores, entitlements, sign(value));
    expect((await sent.wait())?.gasUsed).to.be.below(600_000n);
  });

  it("test_propose_anotherDomain_reverts", async () => {
    const { statement, sign, send, operators, rounds, seats, owner, treasury } = await fixture();
    const value = statement();
    const other = await chain.ethers.deployContract("Settlement", [owner, rounds, operators, treasury, seats]);
    for (const domain of [{ chainId: 1 }, { verifyingContract: await other.getAddress() }, { version: "2" }, { name: "Other" }]) {
      await expect(send(value, sign(value, [0, 1, 2, 3], domain))).to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
    }
    await expect(send(value, sign(value), other)).to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
  });

  it("test_propose_belowThreshold_reverts", async () => {
    const { statement, sign, send, operators } = await fixture();
    await expect(send(statement(), sign(statement(), [0, 1, 2]))).to.be.revertedWithCustomError(operators, "OperatorsNoQuorum").withArgs(3, 4);
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
    const value = { federation: 6, lastRound: 1, lastReportHash: E.id("r"), distributed: 0n, total: 0n };
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
    const value = { lastRound: 1, lastReportHash: E.id("r"), distributed: 1n, total: 1n };
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
    const nothing = { lastReportHash: E.ZeroHash, distributed: 0n, total: 0n };
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
    const { settlement, propose, pass, treasury, owner, operators, rounds, seats, judge, form, keys } = await fixture();
    await propose();
    await treasury.connect(owner).reserve(77, (await treasury.available()) - (await treasury.totalReserved()));
    await rounds.setRule(FEDERATION, 0, 0, 0);
    await rounds.setRound(FEDERATION, 1, State.Void, E.ZeroHash);
    await form(keys.slice(0, 4), 3, 0, 0);
    await operators.connect(owner).changeLedgers(ZERO, ZERO);
    await seats.setSeatCount(FEDERATION, 0);
    await settlement.connect(owner).changeJudge(judge, false);
    await pass();
    await settlement.finalise(FEDERATION);
    expect(await treasury.creditedOf(FEDERATION)).to.equal(200n * SHU);
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
    const { treasury, token, vault, keys, owner, judge } = await fixture();
    for (const caller of [must(keys[0]), owner, judge]) {
      await expect(treasury.connect(caller).credit(FEDERATION, E.id("mine"), SHU)).to.be.revertedWithCustomError(treasury, "TreasuryNotSettlement");
      await expect(token.connect(caller).mint(caller, SHU)).to.be.revertedWithCustomError(token, "TokenNotMinter");
      await expect(vault.connect(caller).update(E.id("mine"), SHU)).to.be.revertedWithCustomError(vault, "VaultNotTreasury");
    }
  });
});
