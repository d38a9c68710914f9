import { expect } from "chai";
import { ethers as E } from "ethers";
import { CLAIM_TYPES, DAY, RewardsTree, ZERO, accounts, deployTreasury, domainOf, must, openChain, type Chain } from "./helpers.ts";

const FEDERATION = 3;

describe("RewardsVault", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  async function deploy() {
    const base = await deployTreasury(chain);
    const { ada, ben, cho, relayer } = accounts(chain, "_", "_1", "ada", "ben", "cho", "relayer");
    const { chainId } = await chain.ethers.provider.getNetwork();
    const vault = await base.openVault(FEDERATION, 10_000n);
    const address = await vault.getAddress();
    const treeOf = (...leaves: [number, string, bigint][]) =>
      new RewardsTree(chainId, address, FEDERATION, leaves.map(([index, payee, cumulative]) => ({ index, payee, cumulative })));
    const credit = (tree: RewardsTree, total = tree.total) => base.treasury.connect(base.settlement).credit(FEDERATION, tree.root, total);
    const tree = treeOf([0, ada.address, 100n], [1, ben.address, 200n], [4, ada.address, 300n]);
    await credit(tree);
    const domain = await domainOf(chain, vault);
    const sign = async (signer: E.Signer, recipient: string, index: number, cumulative: bigint, deadline: number, otherDomain: object = {}, federation = FEDERATION) =>
      signer.signTypedData({ ...domain, ...otherDomain }, CLAIM_TYPES, { federation, index, recipient, cumulative, deadline });
    const deadline = (await chain.helpers.time.latest()) + DAY;
    return { ...base, vault, tree, treeOf, credit, ada, ben, cho, relayer, sign, domain, deadline, chainId };
  }
  const fixture = () => chain.helpers.loadFixture(deploy);

  // --- claim ---

  it("test_claim_ownLeaf_succeeds", async () => {
    const { vault, tree, token, ada } = await fixture();
    const { index, cumulative, proof } = tree.item(4);
    await expect(vault.connect(ada).claim(index, cumulative, proof))
      .to.emit(vault, "Claimed").withArgs(4, ada, ada, 300, 300)
      .and.to.emit(token, "Transfer").withArgs(vault, ada, 300);
    expect(await token.balanceOf(ada)).to.equal(300);
    expect(await vault.claimedOf(4)).to.equal(300);
    expect(await vault.claimedOf(0)).to.equal(0);
  });

  it("test_claim_returnsAmount_succeeds", async () => {
    const { vault, tree, ada } = await fixture();
    const { index, cumulative, proof } = tree.item(4);
    expect(await vault.connect(ada).claim.staticCall(index, cumulative, proof)).to.equal(300);
  });

  it("test_claim_anotherPayeesLeaf_reverts", async () => {
    const { vault, tree, ben } = await fixture();
    const { index, cumulative, proof } = tree.item(4);
    await expect(vault.connect(ben).claim(index, cumulative, proof)).to.be.revertedWithCustomError(vault, "VaultBadProof").withArgs(4, ben, 300);
  });

  it("test_claim_aboveTheLeaf_reverts", async () => {
    const { vault, tree, ada } = await fixture();
    const { index, cumulative, proof } = tree.item(4);
    for (const wrong of [cumulative + 1n, cumulative - 1n, 2n ** 256n - 1n, 0n]) {
      await expect(vault.connect(ada).claim(index, wrong, proof)).to.be.revertedWithCustomError(vault, "VaultBadProof");
    }
  });

  it("test_claim_twice_reverts", async () => {
    const { vault, tree, token, ada } = await fixture();
    const { index, cumulative, proof } = tree.item(4);
    await vault.connect(ada).claim(index, cumulative, proof);
    await expect(vault.connect(ada).claim(index, cumulative, proof)).to.be.revertedWithCustomError(vault, "VaultNothingToClaim").withArgs(4, 300, 300);
    expect(await token.balanceOf(ada)).to.equal(300);
  });

  it("test_claim_zeroLeaf_reverts", async () => {
    const { vault, treeOf, credit, ada, ben } = await fixture();
    const tree = treeOf([0, ada.address, 0n], [1, ben.address, 600n]);
    await credit(tree, 600n);
    const { index, cumulative, proof } = tree.item(0);
    await expect(vault.connect(ada).claim(index, cumulative, proof)).to.be.revertedWithCustomError(vault, "VaultNothingToClaim").withArgs(0, 0, 0);
  });

  it("test_claim_beforeAnyRoot_reverts", async () => {
    const { openVault, ada } = await fixture();
    const vault = await openVault(99, 1n);
    await expect(vault.connect(ada).claim(0, 1, [])).to.be.revertedWithCustomError(vault, "VaultBadProof");
    await expect(vault.connect(ada).claim(1, 1, [])).to.be.revertedWithCustomError(vault, "VaultBadProof");
  });

  it("test_claim_singleLeafTree_succeeds", async () => {
    const { vault, treeOf, credit, token, ben } = await fixture();
    const tree = treeOf([0, ben.address, 700n]);
    await credit(tree);
    await vault.connect(ben).claim(0, 700, []);
    expect(await token.balanceOf(ben)).to.equal(700);
  });

  it("test_claim_flippedProofByte_reverts", async () => {
    const { vault, tree, ada } = await fixture();
    const { index, cumulative, proof } = tree.item(4);
    for (const i of proof.keys()) {
      const bytes = E.getBytes(must(proof[i]));
      bytes[31] = must(bytes[31]) ^ 1;
      await expect(vault.connect(ada).claim(index, cumulative, proof.with(i, E.hexlify(bytes)))).to.be.revertedWithCustomError(vault, "VaultBadProof");
    }
    await expect(vault.connect(ada).claim(index, cumulative, proof.slice(1))).to.be.revertedWithCustomError(vault, "VaultBadProof");
    await expect(vault.connect(ada).claim(index, cumulative, [...proof, E.ZeroHash])).to.be.revertedWithCustomError(vault, "VaultBadProof");
    await expect(vault.connect(ada).claim(index, cumulative, proof.toReversed())).to.be.revertedWithCustomError(vault, "VaultBadProof");
  });

  it("test_claim_indexBeyondTheTree_reverts", async () => {
    const { vault, tree, credit, ada, chainId, token } = await fixture();
    // A tree with a leaf for index 12 put at position 4: the low bits would lead there.
    const crafted = new RewardsTree(chainId, tree.vault, FEDERATION, tree.leaves);
    const leaf = crafted.hashLeaf({ index: 12, payee: ada.address, cumulative: 300n });
    must(crafted.levels[0])[4] = leaf;
    for (let height = 1; height < crafted.levels.length; height++) {
      const below = must(crafted.levels[height - 1]);
      crafted.levels[height] = must(crafted.levels[height]).map((_, i) => E.keccak256(E.concat([must(below[2 * i]), must(below[2 * i + 1])])));
    }
    await credit(crafted, 600n);
    await expect(vault.connect(ada).claim(12, 300, crafted.proof(4))).to.be.revertedWithCustomError(vault, "VaultBadProof");
    expect(await token.balanceOf(ada)).to.equal(0);
  });

  // --- claimMany ---

  it("test_claimMany_ownLeaves_succeeds", async () => {
    const { vault, tree, token, ada } = await fixture();
    await expect(vault.connect(ada).claimMany([tree.item(0), tree.item(4)]))
      .to.emit(vault, "Claimed").withArgs(0, ada, ada, 100, 100)
      .and.to.emit(vault, "Claimed").withArgs(4, ada, ada, 300, 300)
      .and.to.emit(token, "Transfer").withArgs(vault, ada, 400);
    expect(await token.balanceOf(ada)).to.equal(400);
  });

  it("test_claimMany_sameItemTwice_reverts", async () => {
    const { vault, tree, ada } = await fixture();
    await expect(vault.connect(ada).claimMany([tree.item(0), tree.item(0)])).to.be.revertedWithCustomError(vault, "VaultNothingToClaim");
  });

  it("test_claimMany_oneForeignItem_reverts", async () => {
    const { vault, tree, ada } = await fixture();
    await expect(vault.connect(ada).claimMany([tree.item(0), tree.item(1)])).to.be.revertedWithCustomError(vault, "VaultBadProof").withArgs(1, ada, 200);
  });

  it("test_claimMany_nothing_succeeds", async () => {
    const { vault, ada, token } = await fixture();
    await vault.connect(ada).claimMany([]);
    expect(await token.balanceOf(ada)).to.equal(0);
  });

  // --- claimFor ---

  it("test_claimFor_signedByPayee_succeeds", async () => {
    const { vault, tree, token, ben, cho, relayer, sign, deadline } = await fixture();
    const signature = await sign(ben, cho.address, 1, 200n, deadline);
    await expect(vault.connect(relayer).claimFor(ben, cho, tree.item(1), deadline, signature))
      .to.emit(vault, "Claimed").withArgs(1, ben, cho, 200, 200);
    expect(await token.balanceOf(cho)).to.equal(200);
    expect(await token.balanceOf(ben)).to.equal(0);
  });

  it("test_claimFor_atDeadline_succeeds", async () => {
    const { vault, tree, token, ben, relayer, sign, deadline } = await fixture();
    await chain.helpers.time.setNextBlockTimestamp(deadline);
    await vault.connect(relayer).claimFor(ben, ben, tree.item(1), deadline, await sign(ben, ben.address, 1, 200n, deadline));
    expect(await token.balanceOf(ben)).to.equal(200);
  });

  it("test_claimFor_afterDeadline_reverts", async () => {
    const { vault, tree, ben, relayer, sign, deadline } = await fixture();
    const signature = await sign(ben, ben.address, 1, 200n, deadline);
    await chain.helpers.time.setNextBlockTimestamp(deadline + 1);
    await expect(vault.connect(relayer).claimFor(ben, ben, tree.item(1), deadline, signature)).to.be.revertedWithCustomError(vault, "VaultExpired").withArgs(deadline);
  });

  it("test_claimFor_zeroRecipient_reverts", async () => {
    const { vault, tree, ben, sign, deadline } = await fixture();
    await expect(vault.claimFor(ben, ZERO, tree.item(1), deadline, await sign(ben, ZERO, 1, 200n, deadline))).to.be.revertedWithCustomError(vault, "VaultZeroRecipient");
  });

  it("test_claimFor_everyFieldOfTheSignature_reverts", async () => {
    const { vault, tree, ada, ben, cho, sign, deadline, openVault } = await fixture();
    const other = await openVault(FEDERATION + 1, 1n);
    const wrong: Record<string, string> = {
      signer: await sign(ada, ben.address, 1, 200n, deadline),
      recipient: await sign(ben, cho.address, 1, 200n, deadline),
      index: await sign(ben, ben.address, 0, 200n, deadline),
      cumulative: await sign(ben, ben.address, 1, 201n, deadline),
      deadline: await sign(ben, ben.address, 1, 200n, deadline + 1),
      federation: await sign(ben, ben.address, 1, 200n, deadline, {}, FEDERATION + 1),
      vault: await sign(ben, ben.address, 1, 200n, deadline, { verifyingContract: await other.getAddress() }),
      chain: await sign(ben, ben.address, 1, 200n, deadline, { chainId: 1 }),
      name: await sign(ben, ben.address, 1, 200n, deadline, { name: "Other" }),
      version: await sign(ben, ben.address, 1, 200n, deadline, { version: "2" }),
    };
    for (const [field, signature] of Object.entries(wrong)) {
      await expect(vault.claimFor(ben, ben, tree.item(1), deadline, signature), field).to.be.revertedWithCustomError(vault, "VaultBadSignature").withArgs(ben);
    }
  });

  it("test_claimFor_usedAgain_reverts", async () => {
    const { vault, tree, ben, sign, deadline } = await fixture();
    const signature = await sign(ben, ben.address, 1, 200n, deadline);
    await vault.claimFor(ben, ben, tree.item(1), deadline, signature);
    await expect(vault.claimFor(ben, ben, tree.item(1), deadline, signature)).to.be.revertedWithCustomError(vault, "VaultNothingToClaim");
  });

  it("test_claimFor_zeroPayee_reverts", async () => {
    const { vault, treeOf, credit, cho, deadline, ben } = await fixture();
    const tree = treeOf([0, ZERO, 300n], [1, ben.address, 300n]);
    await credit(tree);
    for (const signature of ["0x", `0x${"00".repeat(65)}`, `0x${"00".repeat(64)}1b`]) {
      await expect(vault.claimFor(ZERO, cho, tree.item(0), deadline, signature)).to.be.revertedWithCustomError(vault, "VaultBadSignature").withArgs(ZERO);
    }
  });

  it("test_claimFor_contractPayee_succeeds", async () => {
    const { vault, treeOf, credit, token, ben, cho, sign, deadline } = await fixture();
    const wallet = await chain.ethers.deployContract("MockWallet", [ben]);
    const tree = treeOf([2, await wallet.getAddress(), 700n]);
    await credit(tree);
    await expect(vault.claimFor(wallet, cho, tree.item(2), deadline, await sign(cho, cho.address, 2, 700n, deadline))).to.be.revertedWithCustomError(vault, "VaultBadSignature");
    await vault.claimFor(wallet, cho, tree.item(2), deadline, await sign(ben, cho.address, 2, 700n, deadline));
    expect(await token.balanceOf(cho)).to.equal(700);
  });

  it("test_claim_contractPayee_succeeds", async () => {
    const { vault, treeOf, credit, token, ben } = await fixture();
    const wallet = await chain.ethers.deployContract("MockWallet", [ben]);
    const tree = treeOf([2, await wallet.getAddress(), 700n]);
    await credit(tree);
    const { index, cumulative, proof } = tree.item(2);
    await wallet.call(vault, vault.interface.encodeFunctionData("claim", [index, cumulative, proof]));
    expect(await token.balanceOf(wallet)).to.equal(700);
  });

  // --- claimRecovered ---

  async function recoveredFixture() {
    const base = await fixture();
    await base.seats.setSeat(FEDERATION, 1, 77);
    await base.contributors.setPayee(77, base.cho);
    return base;
  }

  it("test_claimRecovered_currentPayee_succeeds", async () => {
    const { vault, tree, token, ben, cho } = await recoveredFixture();
    await expect(vault.connect(cho).claimRecovered(ben, tree.item(1))).to.emit(vault, "Claimed").withArgs(1, ben, cho, 200, 200);
    expect(await token.balanceOf(cho)).to.equal(200);
    const { index, cumulative, proof } = tree.item(1);
    await expect(vault.connect(ben).claim(index, cumulative, proof)).to.be.revertedWithCustomError(vault, "VaultNothingToClaim");
  });

  it("test_claimRecovered_strangerOrOldPayee_reverts", async () => {
    const { vault, tree, ada, ben } = await recoveredFixture();
    for (const caller of [ada, ben]) {
      await expect(vault.connect(caller).claimRecovered(ben, tree.item(1))).to.be.revertedWithCustomError(vault, "VaultNotCurrentPayee").withArgs(1, caller);
    }
  });

  it("test_claimRecovered_payeeUnchanged_reverts", async () => {
    const { vault, tree, contributors, ben } = await recoveredFixture();
    await contributors.setPayee(77, ben);
    await expect(vault.connect(ben).claimRecovered(ben, tree.item(1))).to.be.revertedWithCustomError(vault, "VaultNotCurrentPayee");
  });

  it("test_claimRecovered_wrongLeafPayee_reverts", async () => {
    const { vault, tree, ada, cho } = await recoveredFixture();
    await expect(vault.connect(cho).claimRecovered(ada, tree.item(1))).to.be.revertedWithCustomError(vault, "VaultBadProof");
  });

  it("test_claimRecovered_anotherSeat_reverts", async () => {
    const { vault, tree, ada, cho } = await recoveredFixture();
    // cho is the current payee of seat 1 only.
    await expect(vault.connect(cho).claimRecovered(ada, tree.item(0))).to.be.revertedWithCustomError(vault, "VaultNotCurrentPayee").withArgs(0, cho);
  });

  it("test_claimRecovered_seatOfAnotherFederation_reverts", async () => {
    const { vault, tree, seats, ada, cho } = await recoveredFixture();
    await seats.setSeat(FEDERATION + 1, 0, 77);
    await expect(vault.connect(cho).claimRecovered(ada, tree.item(0))).to.be.revertedWithCustomError(vault, "VaultNotCurrentPayee");
  });

  it("test_claimRecovered_declinedPayment_reverts", async () => {
    const { vault, treeOf, credit, cho } = await recoveredFixture();
    // Even a settlement that wrongly wrote a leaf without payee cannot be claimed once the contributor names one.
    const tree = treeOf([1, ZERO, 600n]);
    await credit(tree);
    await expect(vault.connect(cho).claimRecovered(ZERO, tree.item(1))).to.be.revertedWithCustomError(vault, "VaultNotCurrentPayee").withArgs(1, cho);
  });

  // --- update ---

  it("test_update_notTreasury_reverts", async () => {
    const { vault, owner, settlement, ada } = await fixture();
    for (const caller of [owner, settlement, ada]) {
      await expect(vault.connect(caller).update(E.id("root"), 1)).to.be.revertedWithCustomError(vault, "VaultNotTreasury").withArgs(caller);
    }
  });

  it("test_roles_noOwnerNoPause_succeeds", async () => {
    const { vault } = await fixture();
    const writers = vault.interface.fragments.filter((f) => f.type === "function" && (f as E.FunctionFragment).stateMutability === "nonpayable");
    expect(writers.map((f) => (f as E.FunctionFragment).name).toSorted()).to.deep.equal(["claim", "claimFor", "claimMany", "claimRecovered", "update"]);
  });

  // --- attacks ---

  it("test_claim_everyNodeOfferedAsALeaf_reverts", async () => {
    const { vault, tree, ada } = await fixture();
    // Second preimage: for each node of the tree, what proves it, offered as a claim at each index and each height.
    for (const [height, level] of tree.levels.entries()) {
      for (const position of level.keys()) {
        const proof = tree.levels.slice(height, -1).map((each, h) => must(each[(position >> h) ^ 1]));
        for (const index of [position, position << height]) {
          for (const cumulative of [1n, 100n, 300n, BigInt(must(level[position]))]) {
            const isOwn = height === 0 && tree.leaves.some((leaf) => leaf.index === index && leaf.payee === ada.address && leaf.cumulative === cumulative);
            if (isOwn) continue;
            await expect(vault.connect(ada).claim.staticCall(index, cumulative, proof)).to.be.revertedWithCustomError(vault, "VaultBadProof");
          }
        }
      }
    }
  });

  it("test_claim_leafOfAnotherFederationVaultOrChain_reverts", async () => {
    const { vault, credit, ada, chainId, tree, openVault, treasury, settlement } = await fixture();
    const second = await openVault(FEDERATION + 1, 1000n);
    const leaf = { index: 0, payee: ada.address, cumulative: 600n };
    const variants = {
      federation: new RewardsTree(chainId, tree.vault, FEDERATION + 1, [leaf]),
      vault: new RewardsTree(chainId, await second.getAddress(), FEDERATION, [leaf]),
      chain: new RewardsTree(chainId + 1n, tree.vault, FEDERATION, [leaf]),
    };
    for (const [what, other] of Object.entries(variants)) {
      await credit(other, 600n); // even when that very root is posted here
      await expect(vault.connect(ada).claim(0, 600, []), what).to.be.revertedWithCustomError(vault, "VaultBadProof");
    }
    // And the honest root of one vault is worth nothing in another.
    const honest = new RewardsTree(chainId, tree.vault, FEDERATION, [leaf]);
    await credit(honest, 600n);
    await treasury.connect(settlement).credit(FEDERATION + 1, honest.root, 600);
    await expect(second.connect(ada).claim(0, 600, [])).to.be.revertedWithCustomError(second, "VaultBadProof");
    await vault.connect(ada).claim(0, 600, []);
  });

  it("test_claim_evilRootOfOneFederationCannotReachAnother_reverts", async () => {
    // UMA H12: one pool for all windows let one root drain the others.
    const { vault, token, treasury, settlement, openVault, chainId, ada, tree } = await fixture();
    const evil = await openVault(666, 10n);
    const evilTree = new RewardsTree(chainId, await evil.getAddress(), 666, [{ index: 0, payee: ada.address, cumulative: 600n }]);
    await treasury.connect(settlement).credit(666, evilTree.root, 10); // the leaf lies: far above what was credited
    await expect(evil.connect(ada).claim(0, 600, [])).to.be.revertedWithCustomError(token, "ERC20InsufficientBalance");
    expect(await token.balanceOf(vault)).to.equal(tree.total);
  });

  it("test_claim_shrinkingRoot_reverts", async () => {
    const { vault, treeOf, credit, token, ada, ben, tree } = await fixture();
    const before = tree.item(4);
    await vault.connect(ada).claim(before.index, before.cumulative, before.proof);
    const shrunk = treeOf([0, ada.address, 100n], [1, ben.address, 200n], [4, ada.address, 299n]);
    await credit(shrunk, 600n);
    const { index, cumulative, proof } = shrunk.item(4);
    await expect(vault.connect(ada).claim(index, cumulative, proof)).to.be.revertedWithCustomError(vault, "VaultNothingToClaim").withArgs(4, 299, 300);
    expect(await token.balanceOf(ada)).to.equal(300);
  });

  it("test_claim_rootChangedMidwayNeverUnderpays_succeeds", async () => {
    // Gitcoin #278: claims made under an earlier root must not cost anyone under a later one.
    const { vault, treeOf, credit, token, ada, ben, tree } = await fixture();
    const first = tree.item(0);
    await vault.connect(ada).claim(first.index, first.cumulative, first.proof);
    const next = treeOf([0, ada.address, 150n], [1, ben.address, 900n], [4, ada.address, 310n]);
    await credit(next);
    await expect(vault.connect(ben).claim(...(Object.values(tree.item(1)) as [number, bigint, string[]]))).to.be.revertedWithCustomError(vault, "VaultBadProof");
    await vault.connect(ben).claim(...(Object.values(next.item(1)) as [number, bigint, string[]]));
    await vault.connect(ada).claimMany([next.item(0), next.item(4)]);
    expect(await token.balanceOf(ada)).to.equal(460);
    expect(await token.balanceOf(ben)).to.equal(900);
    expect(await token.balanceOf(vault)).to.equal(0);
  });

  it("test_claim_donationChangesNothing_succeeds", async () => {
    const { vault, token, owner, tree, ada } = await fixture();
    await token.connect(owner).transfer(vault, 5000n);
    const { index, cumulative, proof } = tree.item(4);
    await expect(vault.connect(ada).claim(index, cumulative + 5000n, proof)).to.be.revertedWithCustomError(vault, "VaultBadProof");
    await vault.connect(ada).claim(index, cumulative, proof);
    expect(await token.balanceOf(ada)).to.equal(300);
  });

  it("test_claimFor_replayToAnotherVault_reverts", async () => {
    const { vault, treeOf, credit, treasury, settlement, openVault, chainId, ben, cho, sign, deadline, tree } = await fixture();
    const second = await openVault(FEDERATION + 1, 600n);
    const twin = new RewardsTree(chainId, await second.getAddress(), FEDERATION + 1, [{ index: 1, payee: ben.address, cumulative: 200n }]);
    await treasury.connect(settlement).credit(FEDERATION + 1, twin.root, 200);
    const signature = await sign(ben, cho.address, 1, 200n, deadline);
    await vault.claimFor(ben, cho, tree.item(1), deadline, signature);
    await expect(second.claimFor(ben, cho, twin.item(1), deadline, signature)).to.be.revertedWithCustomError(second, "VaultBadSignature");
    // Nor does it outlive the amount it names.
    const next = treeOf([1, ben.address, 700n]);
    await credit(next);
    await expect(vault.claimFor(ben, cho, next.item(1), deadline, signature)).to.be.revertedWithCustomError(vault, "VaultBadSignature");
  });

  it("test_claimFor_malleatedOrCompactSignature_reverts", async () => {
    const { vault, tree, ben, sign, deadline } = await fixture();
    const signature = E.Signature.from(await sign(ben, ben.address, 1, 200n, deadline));
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const highS = E.concat([signature.r, E.toBeHex(order - BigInt(signature.s), 32), signature.v === 27 ? "0x1c" : "0x1b"]);
    for (const bad of [highS, signature.compactSerialized, "0x", E.concat([signature.serialized, "0x00"]), E.concat([signature.r, signature.s, "0x1d"])]) {
      await expect(vault.claimFor(ben, ben, tree.item(1), deadline, bad)).to.be.revertedWithCustomError(vault, "VaultBadSignature");
    }
  });

  it("test_claimFor_maliciousWalletReentry_succeeds", async () => {
    const { vault, treeOf, credit, token, ada, ben, cho, deadline } = await fixture();
    const wallet = await chain.ethers.deployContract("MockWallet", [ben]);
    const tree = treeOf([0, ada.address, 100n], [2, await wallet.getAddress(), 700n]);
    await credit(tree);
    const item = tree.item(2);
    const reentries = [
      vault.interface.encodeFunctionData("claim", [item.index, item.cumulative, item.proof]),
      vault.interface.encodeFunctionData("claimMany", [[item, item]]),
      vault.interface.encodeFunctionData("claimFor", [await wallet.getAddress(), cho.address, item, deadline, "0x"]),
      vault.interface.encodeFunctionData("update", [E.ZeroHash, 0]),
    ];
    const snapshot = await chain.helpers.takeSnapshot();
    for (const reentry of reentries) {
      await wallet.setMode(2, vault, reentry); // Reentrant
      await vault.claimFor(wallet, cho, item, deadline, "0x");
      expect(await token.balanceOf(cho)).to.equal(700); // once
      expect(await token.balanceOf(vault)).to.equal(100);
      await snapshot.restore();
    }
  });

  it("test_claimFor_hostileWalletHurtsOnlyItself_succeeds", async () => {
    const { vault, treeOf, credit, token, ada, ben, cho, deadline } = await fixture();
    const wallet = await chain.ethers.deployContract("MockWallet", [ben]);
    const tree = treeOf([0, ada.address, 100n], [2, await wallet.getAddress(), 700n]);
    await credit(tree);
    for (const mode of [3, 4]) { // Refusing, GasBurner
      await wallet.setMode(mode, ZERO, "0x");
      await expect(vault.claimFor(wallet, cho, tree.item(2), deadline, "0x", { gasLimit: 1_000_000 })).to.revert(chain.ethers);
    }
    const { index, cumulative, proof } = tree.item(0);
    await vault.connect(ada).claim(index, cumulative, proof);
    expect(await token.balanceOf(ada)).to.equal(100);
  });

  it("test_claim_noRoleCanBlockIt_succeeds", async () => {
    // Governance and settlement do all they can short of an honest credit; the claim still goes through.
    const { vault, treasury, owner, settlement, contributors, seats, token, tree, ada, ben } = await fixture();
    await treasury.connect(owner).changeSettlement(ben);
    await expect(treasury.connect(settlement).credit(FEDERATION, E.ZeroHash, 600)).to.be.revertedWithCustomError(treasury, "TreasuryNotSettlement");
    await treasury.connect(owner).renounceOwnership();
    await contributors.setPayee(0, ZERO);
    await seats.setSeat(FEDERATION, 4, 999);
    const { index, cumulative, proof } = tree.item(4);
    await vault.connect(ada).claim(index, cumulative, proof);
    expect(await token.balanceOf(ada)).to.equal(300);
  });
});
