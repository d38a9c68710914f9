import { readFileSync } from "node:fs";

import { expect } from "chai";
import { network } from "hardhat";

/** What Solidity and TypeScript must agree on: the files of protocol/vectors, recomputed by the libraries that the ledger uses. */
function read<Vectors>(name: string): Vectors {
  return JSON.parse(readFileSync(new URL(`../../../protocol/vectors/${name}.json`, import.meta.url), "utf8")) as Vectors;
}

interface SszVector {
  readonly type: string;
  readonly lanes: number;
  readonly depth: number;
  readonly root: string;
  readonly openings: readonly { index: number; generalisedIndex: string; chunk: string; siblings: string }[];
}
interface Eip712Vectors {
  readonly domain: { chainId: number; verifyingContract: string };
  readonly structs: readonly {
    name: "FederationConfig" | "Contribution" | "Seal" | "Report" | "SettlementStatement" | "KeyProof" | "KeySuccession" | "Claim";
    value: Record<string, string | number | boolean>;
    structHash: string;
    digest: string;
    signer: string;
    compact: string;
  }[];
  readonly sealHash: { structHash: string; weightsHash: string; hash: string };
}
interface ColumnVectors {
  readonly columns: readonly { name: string; values: readonly string[]; packed: string; hash: string }[];
  readonly rootOrder: { roots: readonly string[]; order: readonly number[]; equalBitmap: number };
}
interface RewardsVectors {
  readonly domain: { chainId: number; vault: string; federation: number };
  readonly cases: readonly { root: string; leaves: readonly { index: number; payee: string; cumulative: string; leaf: string; proof: readonly string[] }[] }[];
}

const toBytes = (hex: string) => Buffer.from(hex.slice(2), "hex");
const flipBit = (hex: string, bit: number) => {
  const bytes = toBytes(hex);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return `0x${bytes.toString("hex")}`;
};

describe("vectors of the protocol", () => {
  const open = async () => {
    const { ethers, networkHelpers } = await network.create();
    return { ethers, helpers: networkHelpers, harness: await ethers.deployContract("ProtocolHarness") };
  };
  let chain: Awaited<ReturnType<typeof open>>;
  before(async () => {
    chain = await open();
  });

  describe("EIP-712", () => {
    const vectors = read<Eip712Vectors>("eip712");
    for (const { name, value, structHash, digest, signer, compact } of vectors.structs) {
      it(`test_hash_${name}_matches`, async () => {
        const { harness } = chain;
        // The others have no struct in Kernel.sol: their contracts build them, and their own tests sign them.
        if (name !== "KeyProof" && name !== "KeySuccession" && name !== "Claim") {
          expect(await harness.getFunction(`hash${name}`).staticCall(value)).to.equal(structHash);
        }
        expect(await harness.digest(vectors.domain.chainId, vectors.domain.verifyingContract, structHash)).to.equal(digest);
        expect(await harness.recover(digest, [compact.slice(0, 66), `0x${compact.slice(66)}`])).to.equal(signer);
      });
    }

    it("test_sealHash_bindsWeights_matches", async () => {
      const { structHash, weightsHash, hash } = vectors.sealHash;
      expect(await chain.harness.sealHash(structHash, weightsHash)).to.equal(hash);
    });
  });

  describe("columns", () => {
    const { columns, rootOrder } = read<ColumnVectors>("columns");
    const column = (name: string) => columns.find((item) => item.name === name)!;

    it("test_keccak256_everyColumn_matches", () => {
      for (const { packed, hash } of columns) expect(chain.ethers.keccak256(packed)).to.equal(hash);
    });
    it("test_seatAt_everyItem_matches", async () => {
      const { values, packed } = column("seats");
      for (const [i, value] of values.entries()) expect(await chain.harness.seatAt(packed, i)).to.equal(BigInt(value));
    });
    it("test_rootAt_everyItem_matches", async () => {
      const { values, packed } = column("updateRoots");
      for (const [i, value] of values.entries()) expect(await chain.harness.rootAt(packed, i)).to.equal(value);
    });
    it("test_weightAt_everyItem_matches", async () => {
      const { values, packed } = column("weights");
      for (const [i, value] of values.entries()) expect(await chain.harness.weightAt(packed, i)).to.equal(BigInt(value));
    });
    it("test_equalRoots_rootOrder_accepted", async () => {
      const { roots, order, equalBitmap } = rootOrder;
      const [packed, orderBytes] = [chain.ethers.concat(roots), chain.ethers.hexlify(Uint8Array.from(order))];
      expect(await chain.harness.equalRoots(packed, orderBytes, roots.length)).to.equal(equalBitmap);
    });
  });

  describe("rewards", () => {
    const { domain, cases } = read<RewardsVectors>("rewards");
    for (const [n, { root, leaves }] of cases.entries()) {
      it(`test_rewardsTree_case${n}_matches`, async () => {
        const { harness } = chain;
        for (const { index, payee, cumulative, leaf, proof } of leaves) {
          expect(await harness.rewardsLeaf(domain.chainId, domain.vault, domain.federation, index, payee, cumulative)).to.equal(leaf);
          expect(await harness.rewardsHolds(root, leaf, index, [...proof])).to.equal(true);
          expect(await harness.rewardsHolds(root, leaf, index ^ 1, [...proof])).to.equal(false);
        }
      });
    }
  });

  describe("SszOpening", () => {
    const vectors = read<SszVector[]>("ssz");
    const all = vectors.flatMap(({ type, lanes, depth, root, openings }) =>
      openings.map(({ index, chunk, siblings, generalisedIndex }) => ({ name: `${type}_${lanes}_chunk${index}`, depth, root, index, generalisedIndex, opening: chunk + siblings.slice(2) })),
    );
    const sample = all.find(({ depth, index }) => depth === 5 && index > 0)!;

    for (const { name, depth, root, index, generalisedIndex, opening } of all) {
      it(`test_root_${name}_matches`, async () => {
        expect(await chain.harness.openingRoot(opening, depth, index)).to.equal(root);
        expect(await chain.harness.openingRootInDirtyMemory(opening, depth, index)).to.deep.equal([root, true]);
        expect(BigInt(generalisedIndex)).to.equal(2n ** BigInt(depth) + BigInt(index));
      });
    }

    it("test_root_depthZero_isTheChunk", async () => {
      const chunk = `0x${"5a".repeat(32)}`;
      expect(await chain.harness.openingRoot(chunk, 0, 0)).to.equal(chunk);
    });
    it("test_root_anyFlippedBit_differs", async () => {
      const { opening, depth, index, root } = sample;
      const bits = toBytes(opening).length * 8;
      for (let bit = 0; bit < bits; bit += 3) {
        expect(await chain.harness.openingRoot(flipBit(opening, bit), depth, index), `bit ${bit}`).to.not.equal(root);
      }
    });
    it("test_root_anyOtherIndex_differs", async () => {
      const { opening, depth, index, root } = sample;
      for (let other = 0; other < 2 ** depth; other++) {
        const implied = await chain.harness.openingRoot(opening, depth, other);
        expect(implied === root, `index ${other}`).to.equal(other === index);
      }
    });
    it("test_root_indexBeyondTheTree_reverts", async () => {
      const { opening, depth, index } = sample;
      for (const beyond of [2n ** BigInt(depth), BigInt(index) + 2n ** BigInt(depth), 2n ** 255n + BigInt(index), 2n ** 256n - 1n]) {
        await expect(chain.harness.openingRoot(opening, depth, beyond)).to.be.revertedWithCustomError(chain.harness, "SszOpeningBadIndex").withArgs(beyond, depth);
      }
    });
    it("test_root_wrongLengthOrDepth_reverts", async () => {
      const { opening, depth, index } = sample;
      const { harness } = chain;
      for (const wrong of ["0x", opening.slice(0, -2), `${opening}00`, opening.slice(0, -64), `${opening}${"00".repeat(32)}`]) {
        await expect(harness.openingRoot(wrong, depth, index)).to.be.revertedWithCustomError(harness, "SszOpeningBadLength");
      }
      for (const wrong of [0n, BigInt(depth) - 1n, BigInt(depth) + 1n, 2n ** 251n - 1n, 2n ** 256n - 1n]) {
        await expect(harness.openingRoot(opening, wrong, index)).to.be.revertedWithCustomError(harness, "SszOpeningBadLength");
      }
      for (const overflowing of [2n ** 251n - 1n, 2n ** 256n - 1n]) {
        await expect(harness.openingRoot("0x", overflowing, 0)).to.be.revertedWithCustomError(harness, "SszOpeningBadLength").withArgs(0, overflowing);
      }
    });
    it("test_root_starvedOfGas_revertsOrIsRight", async () => {
      const { opening, depth, index, root } = sample;
      let enough = 0;
      for (let gas = 600; gas < 4_600; gas += 20) {
        const [ok, result] = await chain.harness.openingRootWithGas(gas, opening, depth, index);
        if (ok) {
          expect(result, `${gas} gas`).to.equal(root);
          enough++;
        }
      }
      expect(enough).to.be.within(20, 180);
    });
    it("test_root_chainWithoutThePrecompile_reverts", async () => {
      const { ethers, helpers, harness } = chain;
      const { opening, depth, index, root } = sample;
      // PUSH1 0x02, GAS, STATICCALL becomes a call of 0xee, where nothing is.
      const code = await ethers.provider.getCode(harness);
      const crippled = code.replaceAll("60025afa", "60ee5afa");
      expect(crippled).to.not.equal(code);
      const address = `0x${"c0".repeat(20)}`;
      await helpers.setCode(address, crippled);
      const there = await ethers.getContractAt("ProtocolHarness", address);
      await expect(there.openingRoot(opening, depth, index)).to.be.revertedWithCustomError(harness, "SszOpeningNoSha256");
      expect(await there.openingRoot(root, 0, 0), "a single chunk needs no hash").to.equal(root);
    });
    it("test_root_gasPerSibling_below350", async () => {
      const gasOf = async (wanted: number) => {
        const { opening, depth, index } = all.find((item) => item.depth === wanted && item.index === 0)!;
        return Number(await chain.harness.openingGas(opening, depth, index));
      };
      expect((await gasOf(6) - await gasOf(2)) / 4).to.be.below(350);
    });
  });
});
