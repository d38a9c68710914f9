import { expect } from "chai";
import { network } from "hardhat";

import { toHex } from "../../../protocol/bytes.ts";
import { hashTreeRoot } from "../../../protocol/ssz/merkle.ts";
import { openRange } from "../../../protocol/ssz/range.ts";
import { createRandom } from "../../protocol/support/random.ts";

/** Runs that TypeScript opens, read by Solidity; and what only a chain can do: run out of gas, lack the precompile. */
describe("SszRange", () => {
  const open = async () => {
    const { ethers, networkHelpers } = await network.create();
    return { ethers, helpers: networkHelpers, harness: await ethers.deployContract("SszRangeHarness") };
  };
  let chain: Awaited<ReturnType<typeof open>>;
  before(async () => {
    chain = await open();
  });

  const random = createRandom(17);
  const below = (limit: number) => Math.floor(random() * limit);
  const vector = (depth: number) => Uint8Array.from({ length: below(32 * 2 ** depth + 1) }, () => below(256));
  const opened = (bytes: Uint8Array, depth: number, first: number, count: number) =>
    [toHex(openRange(bytes, depth, first, count)), depth, first, count] as const;

  it("test_root_runsOpenedInTypeScript_match", async () => {
    for (let i = 0; i < 300; i++) {
      const depth = i % 11;
      const bytes = vector(depth);
      const first = below(2 ** depth);
      const run = opened(bytes, depth, first, 1 + below(2 ** depth - first));
      const root = toHex(hashTreeRoot(bytes, depth));
      expect(await chain.harness.root(...run)).to.equal(root);
      expect(await chain.harness.rootInDirtyMemory(...run, `0x${"a5".repeat(32)}`)).to.deep.equal([root, true]);
    }
  });

  it("test_root_runsInDeepTrees_match", async () => {
    for (const depth of [20, 28, 36]) {
      const bytes = vector(6);
      for (const [first, count] of [[0, 64], [61, 7], [2 ** (depth - 1) - 1, 2], [2 ** depth - 3, 3]] as const) {
        expect(await chain.harness.root(...opened(bytes, depth, first, count))).to.equal(toHex(hashTreeRoot(bytes, depth)));
      }
    }
  });

  it("test_root_starvedOfGas_revertsOrIsRight", async () => {
    const bytes = vector(6);
    const [run, root] = [opened(bytes, 6, 5, 30), toHex(hashTreeRoot(bytes, 6))];
    const { harness } = chain;
    const need = Number(await harness.gasOf(...run));
    const outcomes = new Set<boolean>();
    for (let gas = 600; gas < need + 4_000; gas += 40) {
      const [ok, result] = await harness.rootWithGas(gas, ...run);
      outcomes.add(ok);
      if (ok) expect(result, `${gas} gas`).to.equal(root);
    }
    expect([...outcomes]).to.deep.equal([false, true]);
  });

  it("test_root_chainWithoutThePrecompile_reverts", async () => {
    const { ethers, helpers, harness } = chain;
    const run = opened(vector(4), 4, 3, 5);
    // PUSH1 0x02, GAS, STATICCALL becomes a call of 0xee, where nothing is.
    const code = await ethers.provider.getCode(harness);
    const crippled = code.replaceAll("60025afa", "60ee5afa");
    expect(crippled).to.not.equal(code);
    const address = `0x${"c1".repeat(20)}`;
    await helpers.setCode(address, crippled);
    const there = await ethers.getContractAt("SszRangeHarness", address);
    await expect(there.root(...run)).to.be.revertedWithCustomError(harness, "SszRangeNoSha256");
    const whole = `0x${"5a".repeat(64)}`;
    await expect(there.root(whole, 1, 0, 2)).to.be.revertedWithCustomError(harness, "SszRangeNoSha256");
    const chunk = `0x${"5a".repeat(32)}`;
    expect(await there.root(chunk, 0, 0, 1), "a single chunk needs no hash").to.equal(chunk);
  });

  it("test_root_gasPerChunk_below300", async () => {
    const bytes = new Uint8Array(2 ** 16).fill(1);
    const gasOf = async (count: number) => Number(await chain.harness.gasOf(...opened(bytes, 11, 0, count)));
    expect((await gasOf(2_048) - await gasOf(1_024)) / 1_024).to.be.below(300);
  });
});
