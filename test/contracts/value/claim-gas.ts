import { ethers as E, type ContractTransactionResponse } from "ethers";
import { RewardsTree, SHU, accounts, branchOf, deployTreasury, must, type Chain } from "./helpers.ts";

export async function gasOf(sent: Promise<ContractTransactionResponse>): Promise<number> {
  return Number(must((await (await sent).wait()) ?? undefined).gasUsed);
}

export const calldataGas = (data: string): number => E.getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);

/** A vault with a leaf under 17 siblings: 100k seats. */
export async function deployClaim(chain: Chain) {
  const base = await deployTreasury(chain);
  const { ada, ben } = accounts(chain, "_", "_1", "ada", "ben");
  const vault = await base.openVault(1, 1000n * SHU);
  const { chainId } = await chain.ethers.provider.getNetwork();
  const hasher = new RewardsTree(chainId, await vault.getAddress(), 1, []);
  const index = 87_381;
  const post = async (cumulative: bigint) => {
    const { root, proof } = branchOf(hasher, { index, payee: ada.address, cumulative }, 17);
    // The vault holds others' SHU too: emptying it would earn a refund.
    await base.treasury.connect(base.settlement).credit(1, root, cumulative + 100n * SHU);
    return { index, cumulative, proof };
  };
  return { ...base, vault, ada, ben, post };
}

/** Gas of one claim, and its floor: what any claim of this token must do, at the price of its opcodes. */
export async function measureClaim(chain: Chain, when: "first" | "later", delegated: boolean): Promise<{ used: number; floor: number }> {
  const { vault, token, owner, ada, ben, post } = await deployClaim(chain);
  if (delegated) for (const holder of [ada, ben]) await token.connect(holder).delegate(holder);
  if (when === "later") {
    const first = await post(10n * SHU);
    await vault.connect(ada).claim(first.index, first.cumulative, first.proof);
    await token.connect(owner).transfer(ben, 10n * SHU);
  }
  const { index, cumulative, proof } = await post(30n * SHU);
  await chain.helpers.time.increase(100);
  const claimed = await vault.connect(ada).claim.populateTransaction(index, cumulative, proof);
  const used = await gasOf(vault.connect(ada).claim(index, cumulative, proof));

  // A plain transfer to an account in the same state, without the transaction around it.
  const moved = await token.connect(owner).transfer.populateTransaction(ben, cumulative);
  const transfer = (await gasOf(token.connect(owner).transfer(ben, cumulative))) - 21_000 - calldataGas(moved.data);
  const floor =
    21_000 +
    calldataGas(claimed.data) +
    2_100 + // the root, cold
    (when === "first" ? 22_100 : 5_000) + // the claimed amount, cold: set, or changed
    66 + 17 * 42 + // hash of the leaf (6 words) and of 17 nodes (2 words)
    375 * 5 + 8 * 64 + // the Claimed event: four topics, two words
    2_600 + transfer; // the token, cold
  return { used, floor };
}
