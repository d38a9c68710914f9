import { expect } from "chai";
import { ethers as E } from "ethers";
import { deployClaim, gasOf, measureClaim } from "./claim-gas.ts";
import { RewardsTree, SHU, deployOperators, openChain, quorumOf, type Chain } from "./helpers.ts";

/** What the value part promises to cost. */
describe("gas of the value part", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  for (const when of ["first", "later"] as const) {
    for (const delegated of [false, true]) {
      it(`test_claim_${when}${delegated ? "SelfDelegated" : ""}At17DeepProofWithin5PercentOfFloor_succeeds`, async () => {
        const { used, floor } = await measureClaim(chain, when, delegated);
        expect(used / floor).to.be.at.most(1.05);
      });
    }
  }

  it("test_claimMany_tenItems_succeeds", async () => {
    const { vault, treasury, settlement, ada } = await deployClaim(chain);
    const { chainId } = await chain.ethers.provider.getNetwork();
    const leaves = Array.from({ length: 1024 }, (_, index) => ({ index, payee: ada.address, cumulative: SHU / 10n }));
    const tree = new RewardsTree(chainId, await vault.getAddress(), 1, leaves);
    await treasury.connect(settlement).credit(1, tree.root, tree.total);
    const items = Array.from({ length: 10 }, (_, i) => tree.item(i * 100));
    const used = await gasOf(vault.connect(ada).claimMany(items));
    console.log(`      claimMany, 10 first claims at 1,024 leaves: ${Math.round(used / 10)} gas each`);
    expect(used / 10).to.be.at.most(42_000);
  });

  it("test_requireQuorum_sevenSigners_succeeds", async () => {
    const { operators, keys, form } = await deployOperators(chain, 10);
    await form(keys, 7);
    const reader = await chain.ethers.deployContract("MockQuorumReader");
    const digest = E.id("digest");
    const used = Number(await reader.gasOfQuorum(operators, digest, quorumOf(digest, keys, [0, 1, 2, 4, 5, 7, 9])));
    console.log(`      requireQuorum, 7 of 10: ${used} gas with the call`);
    expect(used).to.be.at.most(35_000); // 2,600 of them for reaching a cold contract
  });
});
