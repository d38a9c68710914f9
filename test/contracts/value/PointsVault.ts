import { expect } from "chai";
import { ethers as E } from "ethers";
import { pointsDue, pointsWorth } from "../../../protocol/index.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { CLAIM_TYPES, DAY, RewardsTree, SHU, TOKEN_PARAMS, accounts, deployTreasury, domainOf, openChain, type Chain } from "./helpers.ts";
import { FEDERATION as SETTLED, POOL, WINDOW, deploySettlement } from "./settlement-world.ts";

const FEDERATION = 3;
const RATE = SHU / 3n; // a third of a SHU for a point: there is dust

describe("PointsVault", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  async function deploy() {
    const base = await deployTreasury(chain);
    const { owner, settlement } = base;
    const { ada, ben, cho, relayer } = accounts(chain, "_", "_1", "ada", "ben", "cho", "relayer");
    const { chainId } = await chain.ethers.provider.getNetwork();
    const treasury = base.treasury.connect(owner);
    await treasury.openPoints(FEDERATION);
    const vault = await chain.ethers.getContractAt("PointsVault", await treasury.vaultOf(FEDERATION));
    const address = await vault.getAddress();
    const treeOf = (...leaves: [number, string, bigint][]) =>
      new RewardsTree(chainId, address, FEDERATION, leaves.map(([index, payee, cumulative]) => ({ index, payee, cumulative })));
    const credit = (tree: RewardsTree) => treasury.connect(settlement).credit(FEDERATION, tree.root, tree.total);
    const tree = treeOf([0, ada.address, 100n * SHU + 1n], [1, ben.address, 200n * SHU + 1n], [4, ada.address, 300n * SHU + 1n]);
    await credit(tree);
    return { ...base, treasury, vault, tree, treeOf, credit, ada, ben, cho, relayer };
  }
  const fixture = () => chain.helpers.loadFixture(deploy);

  // --- without a token ---

  it("test_openPoints_notOwner_reverts", async () => {
    const { treasury, settlement, ada } = await fixture();
    for (const caller of [settlement, ada]) {
      await expect(treasury.connect(caller).openPoints(9)).to.be.revertedWithCustomError(treasury, "OwnableUnauthorizedAccount");
      await expect(treasury.connect(caller).attachToken(FEDERATION, RATE)).to.be.revertedWithCustomError(treasury, "OwnableUnauthorizedAccount");
    }
  });

  it("test_openPoints_vaultExists_reverts", async () => {
    const { treasury, openVault, vault } = await fixture();
    const ordinary = await openVault(7, SHU);
    await expect(treasury.openPoints(7)).to.be.revertedWithCustomError(treasury, "TreasuryVaultExists").withArgs(7, ordinary);
    await expect(treasury.openPoints(FEDERATION)).to.be.revertedWithCustomError(treasury, "TreasuryVaultExists").withArgs(FEDERATION, vault);
  });

  it("test_openPoints_reservesAndMovesNothing_succeeds", async () => {
    const { treasury, token, vault, tree } = await fixture();
    await expect(treasury.openPoints(8)).to.emit(treasury, "PointsOpened").withArgs(8).and.to.emit(treasury, "VaultOpened");
    expect([await treasury.inPoints(FEDERATION), await treasury.inPoints(8), await treasury.inPoints(1)]).to.deep.equal([true, true, false]);
    expect([await treasury.totalReserved(), await treasury.reservedOf(FEDERATION), await token.mintedEmission()]).to.deep.equal([0n, 0n, 0n]);
    expect([await treasury.creditedOf(FEDERATION), await vault.total(), await vault.rewardsRoot()]).to.deep.equal([tree.total, tree.total, tree.root]);
    expect([await treasury.worthOf(FEDERATION, tree.total), await treasury.worthOf(1, 5n), await treasury.rateOf(FEDERATION)]).to.deep.equal([0n, 5n, 0n]);
    expect([await vault.federation(), await vault.token(), await vault.treasury()]).to.deep.equal([BigInt(FEDERATION), await token.getAddress(), await treasury.getAddress()]);
  });

  it("test_claim_noTokenYet_revertsAndLosesNothing", async () => {
    const { treasury, vault, tree, ada, ben, relayer, seats, contributors, token } = await fixture();
    const [own, other] = [tree.item(4), tree.item(0)];
    const deadline = (await chain.helpers.time.latest()) + DAY;
    const signature = await ada.signTypedData(await domainOf(chain, vault), CLAIM_TYPES, { federation: FEDERATION, index: 4, recipient: ben.address, cumulative: own.cumulative, deadline });
    await seats.setSeat(FEDERATION, 0, 12);
    await contributors.setPayee(12, ben.address);
    const attempts = [
      () => vault.connect(ada).claim(4, own.cumulative, own.proof),
      () => vault.connect(ada).claimMany([own, other]),
      () => vault.connect(relayer).claimFor(ada, ben, own, deadline, signature),
      () => vault.connect(ben).claimRecovered(ada, other),
    ];
    for (const attempt of attempts) await expect(attempt()).to.be.revertedWithCustomError(vault, "VaultNoToken");
    expect(await vault.claimedOf(4)).to.equal(0n);
    // The very same claims pay once there is a token: the signature, too.
    await treasury.attachToken(FEDERATION, RATE);
    await vault.connect(relayer).claimFor(ada, ben, own, deadline, signature);
    await vault.connect(ben).claimRecovered(ada, other);
    expect(await token.balanceOf(ben)).to.equal(pointsWorth(own.cumulative, RATE) + pointsWorth(other.cumulative, RATE));
  });

  it("test_reserve_pointsWithoutAToken_reverts", async () => {
    const { treasury } = await fixture();
    await expect(treasury.reserve(FEDERATION, 1)).to.be.revertedWithCustomError(treasury, "TreasuryNoRate").withArgs(FEDERATION);
    await treasury.attachToken(FEDERATION, RATE);
    await treasury.reserve(FEDERATION, 1);
  });

  // --- attaching ---

  it("test_attachToken_twice_reverts", async () => {
    const { treasury } = await fixture();
    await treasury.attachToken(FEDERATION, RATE);
    for (const rate of [RATE, 1n, 2n ** 128n - 1n]) {
      await expect(treasury.attachToken(FEDERATION, rate)).to.be.revertedWithCustomError(treasury, "TreasuryRateFixed").withArgs(FEDERATION, RATE);
    }
  });

  it("test_attachToken_rateOfZero_reverts", async () => {
    const { treasury } = await fixture();
    await expect(treasury.attachToken(FEDERATION, 0)).to.be.revertedWithCustomError(treasury, "TreasuryZeroRate");
    await treasury.attachToken(FEDERATION, 1);
  });

  it("test_attachToken_notInPoints_reverts", async () => {
    const { treasury, openVault } = await fixture();
    await openVault(7, SHU);
    for (const federation of [7, 99]) {
      await expect(treasury.attachToken(federation, RATE)).to.be.revertedWithCustomError(treasury, "TreasuryNotPoints").withArgs(federation);
    }
  });

  it("test_attachToken_aboveTheEmission_revertsAndHistoryStays", async () => {
    const { treasury, tree, vault, token, ada } = await fixture();
    const released = TOKEN_PARAMS.emissionPerEpoch;
    const most = (released * SHU) / tree.total;
    await treasury.reserve(1, 100n * SHU);
    const worth = pointsWorth(tree.total, most);
    await expect(treasury.attachToken(FEDERATION, most)).to.be.revertedWithCustomError(treasury, "TreasuryAboveEmission").withArgs(worth + 100n * SHU, released);
    await expect(treasury.attachToken(FEDERATION, 2n ** 128n - 1n)).to.be.revertedWithCustomError(treasury, "TreasuryAboveEmission");
    expect([await vault.rate(), await treasury.rateOf(FEDERATION), await vault.total(), await vault.rewardsRoot()]).to.deep.equal([0n, 0n, tree.total, tree.root]);
    // With the next epoch's emission it fits; every point is worth what it would have been.
    await chain.helpers.time.increase(TOKEN_PARAMS.epochLength);
    await treasury.attachToken(FEDERATION, most);
    const { index, cumulative, proof } = tree.item(4);
    await vault.connect(ada).claim(index, cumulative, proof);
    expect(await token.balanceOf(ada)).to.equal(pointsWorth(cumulative, most));
  });

  it("test_attachToken_historyBeforeIsClaimableInFull_succeeds", async () => {
    const { treasury, vault, tree, treeOf, credit, token, ada, ben, cho } = await fixture();
    const second = treeOf([0, ada.address, 150n * SHU + 2n], [1, ben.address, 200n * SHU + 1n], [4, ada.address, 300n * SHU + 1n], [5, cho.address, 7n]);
    await credit(second);
    const worth = pointsWorth(second.total, RATE);
    await expect(treasury.attachToken(FEDERATION, RATE))
      .to.emit(treasury, "Reserved").withArgs(FEDERATION, worth)
      .and.to.emit(treasury, "TokenAttached").withArgs(FEDERATION, RATE, worth)
      .and.to.emit(vault, "RateFixed").withArgs(RATE)
      .and.to.emit(token, "Transfer").withArgs(E.ZeroAddress, vault, worth);
    expect([await treasury.reservedOf(FEDERATION), await treasury.totalReserved(), await token.balanceOf(vault)]).to.deep.equal([worth, worth, worth]);
    // The root is what it was, so proofs of before are good; an earlier root's are not, and lose nothing.
    const old = tree.item(0);
    await expect(vault.connect(ada).claim(0, old.cumulative, old.proof)).to.be.revertedWithCustomError(vault, "VaultBadProof");
    let paid = 0n;
    for (const [signer, index] of [[ada, 0], [ben, 1], [ada, 4], [cho, 5]] as const) {
      const { cumulative, proof } = second.item(index);
      const due = pointsWorth(cumulative, RATE);
      await expect(vault.connect(signer).claim(index, cumulative, proof))
        .to.emit(vault, "Claimed").withArgs(index, signer, signer, cumulative, cumulative)
        .and.to.emit(vault, "PointsPaid").withArgs(index, signer, cumulative, due)
        .and.to.emit(token, "Transfer").withArgs(vault, signer, due);
      paid += due;
      await expect(vault.connect(signer).claim(index, cumulative, proof)).to.be.revertedWithCustomError(vault, "VaultNothingToClaim");
    }
    const dust = await token.balanceOf(vault);
    expect(dust).to.equal(worth - paid);
    expect(dust < 4n).to.equal(true);
  });

  it("test_attachToken_recycledIsUsedFirst_succeeds", async () => {
    const { treasury, token, owner, tree, vault } = await fixture();
    await token.connect(owner).approve(treasury, 50n);
    await treasury.recycle(50n);
    await treasury.attachToken(FEDERATION, RATE);
    const worth = pointsWorth(tree.total, RATE);
    expect([await token.mintedEmission(), await token.balanceOf(vault)]).to.deep.equal([worth - 50n, worth]);
  });

  it("test_fixRate_notTreasury_reverts", async () => {
    const { vault, owner, settlement } = await fixture();
    for (const caller of [owner, settlement]) {
      await expect(vault.connect(caller).fixRate(1)).to.be.revertedWithCustomError(vault, "VaultNotTreasury").withArgs(caller);
      await expect(vault.connect(caller).update(E.ZeroHash, 1)).to.be.revertedWithCustomError(vault, "VaultNotTreasury").withArgs(caller);
    }
  });

  // --- afterwards ---

  it("test_credit_afterAttachment_movesWhatTheNewPointsAreWorth_succeeds", async () => {
    const { treasury, vault, tree, treeOf, credit, token, ada, ben } = await fixture();
    await treasury.attachToken(FEDERATION, RATE);
    const next = treeOf([0, ada.address, 100n * SHU + 1n], [1, ben.address, 200n * SHU + 2n], [4, ada.address, 400n * SHU]);
    const [before, after] = [pointsWorth(tree.total, RATE), pointsWorth(next.total, RATE)];
    await expect(credit(next)).to.be.revertedWithCustomError(treasury, "TreasuryAboveReserve").withArgs(FEDERATION, after, before);
    await treasury.reserve(FEDERATION, after - before - 1n);
    await expect(credit(next)).to.be.revertedWithCustomError(treasury, "TreasuryAboveReserve").withArgs(FEDERATION, after, after - 1n);
    await treasury.reserve(FEDERATION, 1n);
    await expect(credit(next)).to.emit(treasury, "Credited").withArgs(FEDERATION, next.root, next.total - tree.total, next.total);
    expect(await token.balanceOf(vault)).to.equal(after);
  });

  it("test_claim_pointsWorthLessThanAUnit_revertsAndKeepsThem", async () => {
    const { treasury, vault, treeOf, credit, token, ada, ben } = await fixture();
    const [first, second] = [treeOf([0, ada.address, 500n * SHU], [1, ben.address, 200n * SHU]), treeOf([0, ada.address, 500n * SHU + 1n], [1, ben.address, 200n * SHU + 2n])];
    await credit(first);
    await treasury.attachToken(FEDERATION, 1n); // 10^−18 SHU for a whole point
    await treasury.reserve(FEDERATION, SHU);
    await vault.connect(ada).claim(0, 500n * SHU, first.proof(0));
    await credit(second);
    await expect(vault.connect(ada).claim(0, 500n * SHU + 1n, second.proof(0))).to.be.revertedWithCustomError(vault, "VaultNothingToClaim").withArgs(0, 500n * SHU + 1n, 500n * SHU);
    expect([await vault.claimedOf(0), await token.balanceOf(ada)]).to.deep.equal([500n * SHU, 500n]);
    const third = treeOf([0, ada.address, 501n * SHU], [1, ben.address, 201n * SHU]);
    await credit(third);
    await vault.connect(ada).claim(0, 501n * SHU, third.proof(0));
    expect(await token.balanceOf(ada)).to.equal(501n);
  });

  it("test_worth_randomRatesAndSteps_asTheProtocolSays_succeeds", async () => {
    const random = createRandom(7);
    const big = (bits: number) => BigInt(Math.floor(random() * 2 ** 26)) << BigInt(Math.max(0, bits - 26)) | BigInt(Math.floor(random() * 2 ** 26));
    for (let trial = 0; trial < 12; trial++) {
      const { treasury, vault, treeOf, credit, token, ada, ben, cho } = await fixture();
      const people = [ada, ben, cho];
      const points = [700n * SHU, 700n * SHU, 700n * SHU];
      const claimed = [0n, 0n, 0n];
      const earn = () => points.forEach((before, i) => (points[i] = before + big(20 + Math.floor(random() * 40))));
      const tree = () => treeOf(...people.map(({ address }, i) => [i, address, points[i] ?? 0n] as [number, string, bigint]));
      earn();
      await credit(tree());
      const rate = 1n + big(10 + Math.floor(random() * 50));
      await treasury.attachToken(FEDERATION, rate);
      await treasury.reserve(FEDERATION, 1_000n * SHU);
      for (let step = 0; step < 3; step++) {
        const present = tree();
        for (const [i, person] of people.entries()) {
          const due = pointsDue(points[i] ?? 0n, claimed[i] ?? 0n, rate);
          if (random() < 0.3 || due === 0n) continue;
          const before = await token.balanceOf(person);
          await vault.connect(person).claim(i, points[i] ?? 0n, present.proof(i));
          claimed[i] = points[i] ?? 0n;
          expect((await token.balanceOf(person)) - before, `rate ${rate}, seat ${i}`).to.equal(due);
        }
        earn();
        await credit(tree());
        const owed = points.reduce((sum, each, i) => sum + pointsDue(each, claimed[i] ?? 0n, rate), 0n);
        const held = await token.balanceOf(vault);
        expect(held >= owed && held < owed + 3n, `held ${held}, owed ${owed}`).to.equal(true);
        expect(await treasury.worthOf(FEDERATION, await treasury.creditedOf(FEDERATION))).to.equal(pointsWorth(points.reduce((a, b) => a + b, 0n), rate));
      }
    }
  });

  // --- with settlements ---

  /** Everything real but the rounds: the federation, here number 6, earns points. */
  async function settled() {
    const world = await deploySettlement(chain);
    await world.treasury.connect(world.owner).openPoints(6);
    await world.rounds.setRule(6, POOL, 2, WINDOW);
    for (let round = 1; round <= 4; round++) await world.rounds.setRound(6, round, 4, E.id(`report ${round}`));
    return { ...world, treasury: world.treasury.connect(world.owner), vaultInPoints: await world.treasury.vaultOf(6) };
  }

  it("test_settlement_inPointsNeedsNoReserve_succeeds", async () => {
    const { settlement, propose, pass, treasury, token, vaultInPoints } = await chain.helpers.loadFixture(settled);
    await propose({ federation: 6 });
    await pass();
    await settlement.finalise(6);
    expect([await treasury.creditedOf(6), await treasury.reservedOf(6), await token.balanceOf(vaultInPoints)]).to.deep.equal([200n * SHU, 0n, 0n]);
  });

  it("test_attachToken_whileASettlementIsUnderWay_itStillBecomesFinal_succeeds", async () => {
    const { settlement, propose, pass, treasury, token, vaultInPoints } = await chain.helpers.loadFixture(settled);
    await propose({ federation: 6 });
    await pass();
    await settlement.finalise(6);
    await propose({ federation: 6, index: 2, firstRound: 3, lastRound: 4, lastReportHash: E.id("report 4"), total: 400n * SHU });
    await expect(treasury.attachToken(6, RATE)).to.emit(treasury, "TokenAttached").withArgs(6, RATE, pointsWorth(200n * SHU, RATE));
    expect([await treasury.reservedOf(6), await token.balanceOf(vaultInPoints)]).to.deep.equal([pointsWorth(400n * SHU, RATE), pointsWorth(200n * SHU, RATE)]);
    await pass();
    await settlement.finalise(6);
    expect(await token.balanceOf(vaultInPoints)).to.equal(pointsWorth(400n * SHU, RATE));
  });

  it("test_propose_attachedAndAboveReserve_reverts", async () => {
    const { settlement, propose, treasury } = await chain.helpers.loadFixture(settled);
    await treasury.attachToken(6, RATE);
    const worth = pointsWorth(200n * SHU, RATE);
    await expect(propose({ federation: 6 })).to.be.revertedWithCustomError(settlement, "SettlementAboveReserve").withArgs(worth, 0);
    await treasury.reserve(6, worth);
    await propose({ federation: 6 });
    expect((await settlement.accountOf(SETTLED)).state).to.equal(0n);
  });
});
