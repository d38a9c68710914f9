import { expect } from "chai";
import { ethers as E } from "ethers";
import { GENESIS, SHU, TOKEN_PARAMS, accounts, deployTreasury, openChain, type Chain } from "./helpers.ts";

const ROOT = E.id("root");

describe("Treasury", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  async function deploy() {
    const base = await deployTreasury(chain);
    const { stranger } = accounts(chain, "_", "_1", "_2", "stranger");
    return { ...base, stranger };
  }
  const fixture = () => chain.helpers.loadFixture(deploy);

  it("test_constructor_isTheOnlyMinter_succeeds", async () => {
    const { treasury, token, owner, seats, contributors } = await fixture();
    expect(await token.minter()).to.equal(await treasury.getAddress());
    expect(await treasury.owner()).to.equal(owner.address);
    expect(await treasury.seats()).to.equal(await seats.getAddress());
    expect(await treasury.contributors()).to.equal(await contributors.getAddress());
    await expect(token.connect(owner).mint(owner, 1)).to.be.revertedWithCustomError(token, "TokenNotMinter");
  });

  it("test_reserve_notOwner_reverts", async () => {
    const { treasury, stranger, settlement } = await fixture();
    for (const caller of [stranger, settlement]) {
      await expect(treasury.connect(caller).reserve(1, 1)).to.be.revertedWithCustomError(treasury, "OwnableUnauthorizedAccount");
    }
  });

  it("test_reserve_zeroAmount_reverts", async () => {
    const { treasury, owner } = await fixture();
    await expect(treasury.connect(owner).reserve(1, 0)).to.be.revertedWithCustomError(treasury, "TreasuryZeroAmount");
  });

  it("test_reserve_opensVaultOnce_succeeds", async () => {
    const { treasury, owner, token } = await fixture();
    await expect(treasury.connect(owner).reserve(7, 5n)).to.emit(treasury, "Reserved").withArgs(7, 5n).and.to.emit(treasury, "VaultOpened");
    const vault = await treasury.vaultOf(7);
    await expect(treasury.connect(owner).reserve(7, 6n)).to.not.emit(treasury, "VaultOpened");
    expect(await treasury.vaultOf(7)).to.equal(vault);
    expect(await treasury.reservedOf(7)).to.equal(11);
    expect(await treasury.totalReserved()).to.equal(11);
    expect(await token.totalSupply()).to.equal(GENESIS); // a promise, no mint
    const opened = await chain.ethers.getContractAt("RewardsVault", vault);
    expect(await opened.treasury()).to.equal(await treasury.getAddress());
    expect(await opened.federation()).to.equal(7);
    expect(await opened.token()).to.equal(await token.getAddress());
  });

  it("test_reserve_vaultAddressIndependentOfOrder_succeeds", async () => {
    const { treasury, owner } = await fixture();
    const snapshot = await chain.helpers.takeSnapshot();
    await treasury.connect(owner).reserve(1, 1);
    await treasury.connect(owner).reserve(2, 1);
    const inOrder = [await treasury.vaultOf(1), await treasury.vaultOf(2)];
    await snapshot.restore();
    await treasury.connect(owner).reserve(2, 1);
    await treasury.connect(owner).reserve(1, 1);
    expect([await treasury.vaultOf(1), await treasury.vaultOf(2)]).to.deep.equal(inOrder);
  });

  it("test_reserve_aboveEmission_reverts", async () => {
    const { treasury, owner } = await fixture();
    const released = TOKEN_PARAMS.emissionPerEpoch;
    await treasury.connect(owner).reserve(1, released - 1n);
    await expect(treasury.connect(owner).reserve(2, 2)).to.be.revertedWithCustomError(treasury, "TreasuryAboveEmission").withArgs(released + 1n, released);
    await treasury.connect(owner).reserve(2, 1);
    await chain.helpers.time.increase(TOKEN_PARAMS.epochLength);
    await treasury.connect(owner).reserve(2, released);
    expect(await treasury.available()).to.equal(2n * released);
    expect(await treasury.totalReserved()).to.equal(2n * released);
  });

  it("test_credit_notSettlement_reverts", async () => {
    const { treasury, owner, stranger, openVault } = await fixture();
    await openVault(1, 100n);
    for (const caller of [owner, stranger]) {
      await expect(treasury.connect(caller).credit(1, ROOT, 1)).to.be.revertedWithCustomError(treasury, "TreasuryNotSettlement").withArgs(caller);
    }
  });

  it("test_credit_noVault_reverts", async () => {
    const { treasury, settlement } = await fixture();
    await expect(treasury.connect(settlement).credit(1, ROOT, 0)).to.be.revertedWithCustomError(treasury, "TreasuryNoVault").withArgs(1);
  });

  it("test_credit_aboveReserve_reverts", async () => {
    const { treasury, settlement, openVault } = await fixture();
    await openVault(1, 100n);
    await openVault(2, 100n);
    await expect(treasury.connect(settlement).credit(1, ROOT, 101)).to.be.revertedWithCustomError(treasury, "TreasuryAboveReserve").withArgs(1, 101, 100);
  });

  it("test_credit_shrinkingTotal_reverts", async () => {
    const { treasury, settlement, openVault } = await fixture();
    await openVault(1, 100n);
    await treasury.connect(settlement).credit(1, ROOT, 60);
    await expect(treasury.connect(settlement).credit(1, ROOT, 59)).to.be.revertedWithCustomError(treasury, "TreasuryTotalShrinks").withArgs(1, 59, 60);
  });

  it("test_credit_mintsTheDifference_succeeds", async () => {
    const { treasury, settlement, token, openVault } = await fixture();
    const vault = await openVault(1, 100n);
    await expect(treasury.connect(settlement).credit(1, ROOT, 60))
      .to.emit(treasury, "Credited").withArgs(1, ROOT, 60, 60)
      .and.to.emit(vault, "RootChanged").withArgs(ROOT, 60);
    await treasury.connect(settlement).credit(1, E.id("next"), 100);
    expect(await token.balanceOf(vault)).to.equal(100);
    expect(await token.mintedEmission()).to.equal(100);
    expect(await vault.rewardsRoot()).to.equal(E.id("next"));
    expect(await vault.total()).to.equal(100);
    expect(await treasury.creditedOf(1)).to.equal(100);
  });

  it("test_credit_nothingNew_changesRootOnly_succeeds", async () => {
    const { treasury, settlement, token, openVault } = await fixture();
    const vault = await openVault(1, 100n);
    await treasury.connect(settlement).credit(1, ROOT, 0);
    expect(await vault.rewardsRoot()).to.equal(ROOT);
    expect(await token.balanceOf(vault)).to.equal(0);
  });

  it("test_recycle_usedBeforeMinting_succeeds", async () => {
    const { treasury, settlement, token, owner, openVault } = await fixture();
    await token.connect(owner).approve(treasury, 50);
    await expect(treasury.connect(owner).recycle(50)).to.emit(treasury, "Recycled").withArgs(owner, 50);
    expect(await treasury.available()).to.equal(TOKEN_PARAMS.emissionPerEpoch + 50n);
    const vault = await openVault(1, 100n);
    await treasury.connect(settlement).credit(1, ROOT, 30);
    expect(await token.mintedEmission()).to.equal(0);
    await treasury.connect(settlement).credit(1, ROOT, 80);
    expect(await token.mintedEmission()).to.equal(30);
    expect(await token.balanceOf(vault)).to.equal(80);
    expect(await token.balanceOf(treasury)).to.equal(0);
    expect(await treasury.totalRecycled()).to.equal(50);
  });

  it("test_recycle_zeroAmount_reverts", async () => {
    const { treasury } = await fixture();
    await expect(treasury.recycle(0)).to.be.revertedWithCustomError(treasury, "TreasuryZeroAmount");
  });

  it("test_recycle_withoutAllowance_reverts", async () => {
    const { treasury, token, owner } = await fixture();
    await expect(treasury.connect(owner).recycle(1)).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
  });

  it("test_available_donation_countsNothing_succeeds", async () => {
    const { treasury, token, owner } = await fixture();
    const before = await treasury.available();
    await token.connect(owner).transfer(treasury, 1000n * SHU);
    expect(await treasury.available()).to.equal(before);
    expect(await treasury.totalRecycled()).to.equal(0);
  });

  it("test_credit_everythingReservedAfterRecycling_neverRunsDry_succeeds", async () => {
    const { treasury, settlement, token, owner, openVault } = await fixture();
    const released = TOKEN_PARAMS.emissionPerEpoch;
    // Minted to the last wei first, recycled after: the recycled part must be enough for the rest.
    await openVault(1, released);
    await treasury.connect(settlement).credit(1, ROOT, released);
    await token.connect(owner).approve(treasury, 70);
    await treasury.connect(owner).recycle(70);
    const second = await openVault(2, 70n);
    await treasury.connect(settlement).credit(2, ROOT, 70);
    expect(await token.balanceOf(second)).to.equal(70);
    expect(await token.mintedEmission()).to.equal(released);
  });

  it("test_changeSettlement_notOwner_reverts", async () => {
    const { treasury, stranger, settlement, owner } = await fixture();
    await expect(treasury.connect(stranger).changeSettlement(stranger)).to.be.revertedWithCustomError(treasury, "OwnableUnauthorizedAccount");
    await expect(treasury.connect(settlement).changeSettlement(stranger)).to.be.revertedWithCustomError(treasury, "OwnableUnauthorizedAccount");
    await expect(treasury.connect(owner).changeSettlement(stranger)).to.emit(treasury, "SettlementChanged").withArgs(stranger);
    expect(await treasury.settlement()).to.equal(stranger.address);
    await expect(treasury.connect(settlement).credit(1, ROOT, 0)).to.be.revertedWithCustomError(treasury, "TreasuryNotSettlement");
  });
});
