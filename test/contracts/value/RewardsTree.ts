import { expect } from "chai";
import { ethers as E } from "ethers";
import { RewardsTree, openChain, type Chain } from "./helpers.ts";

describe("RewardsTree", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });
  const deploy = () => chain.ethers.deployContract("MockRewardsTree");

  it("test_root_everyLeafOfEverySize_succeeds", async () => {
    const library = await deploy();
    const vault = E.getAddress(`0x${"ab".repeat(20)}`);
    for (const size of [1, 2, 3, 5, 8, 13]) {
      const leaves = Array.from({ length: size }, (_, index) => ({ index, payee: E.getAddress(E.dataSlice(E.id(`${index}`), 12)), cumulative: BigInt(index + 1) }));
      const tree = new RewardsTree(31337n, vault, 2, leaves);
      for (const leaf of leaves) {
        const hash = await library.leaf(31337, vault, 2, leaf.index, leaf.payee, leaf.cumulative);
        expect(hash).to.equal(tree.hashLeaf(leaf));
        expect(await library.root(hash, leaf.index, tree.proof(leaf.index))).to.equal(tree.root);
        expect(await library.holds(tree.root, hash, leaf.index, tree.proof(leaf.index))).to.equal(true);
        for (const other of leaves) {
          if (other !== leaf) expect(await library.holds(tree.root, hash, other.index, tree.proof(leaf.index))).to.equal(false);
        }
      }
    }
  });

  it("test_holds_indexBeyondDepth_succeeds", async () => {
    const library = await deploy();
    const proof = [E.id("a"), E.id("b")];
    const root = await library.root(E.id("leaf"), 1, proof);
    expect(await library.holds(root, E.id("leaf"), 1, proof)).to.equal(true);
    expect(await library.root(E.id("leaf"), 5, proof)).to.equal(root); // same low bits
    expect(await library.holds(root, E.id("leaf"), 5, proof)).to.equal(false);
    expect(await library.holds(E.id("leaf"), E.id("leaf"), 1, [])).to.equal(false);
    expect(await library.holds(E.id("leaf"), E.id("leaf"), 0, [])).to.equal(true);
  });

  it("test_leaf_everyFieldCounts_succeeds", async () => {
    const library = await deploy();
    const base: Parameters<typeof library.leaf.staticCall> = [31337n, `0x${"11".repeat(20)}`, 1, 2, `0x${"22".repeat(20)}`, 3n];
    const hashes = new Set<string>([await library.leaf(...base)]);
    const changes = [1n, `0x${"33".repeat(20)}`, 9, 9, `0x${"33".repeat(20)}`, 9n];
    for (const [i, change] of changes.entries()) hashes.add(await library.leaf(...(base.with(i, change) as typeof base)));
    expect(hashes.size).to.equal(7);
  });

  it("test_root_dirtyMemory_succeeds", async () => {
    const library = await deploy();
    const proof = Array.from({ length: 17 }, (_, i) => E.id(`${i}`));
    for (const dirt of [E.ZeroHash, E.id("dirt"), `0x${"ff".repeat(32)}`]) {
      for (const index of [0, 1, 0x15555, 0x1ffff]) {
        const [result, intact] = await library.dirtyRoot(E.id("leaf"), index, proof, dirt);
        expect(result).to.equal(await library.plainRoot(E.id("leaf"), index, proof));
        expect(intact).to.equal(true);
      }
    }
  });
});
