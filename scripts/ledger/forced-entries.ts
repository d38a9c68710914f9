import type { Address, Hex } from "viem";
import { createDomain, digestOf, recoverSigner, toCompactSignature } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";

/**
 * Who signed each entry that was forced into a round on this parent, by seat. The ledger checked the signatures when it took the entries, and a seal must
 * contain them: they count whatever became of the keys since.
 */
export async function readForcedSigners(kernel: Kernel, federation: number, round: number, parentReportHash: Hex): Promise<Map<number, Address>> {
  const { client, deployment, rounds } = kernel;
  const logs = await client.getContractEvents({ ...rounds, eventName: "ContributionForced", args: { federation, round }, fromBlock: deployment.fromBlock, strict: true });
  const domain = createDomain(deployment.chainId, rounds.address);
  const signers = logs
    .filter(({ args }) => args.contribution.parentReportHash === parentReportHash)
    .map(async ({ args: { seat, contribution, signature } }) => {
      const compact = signature.length === 2 + 2 * 64 ? signature : toCompactSignature(signature);
      return [seat, await recoverSigner(digestOf(domain, "Contribution", contribution), compact)] as const;
    });
  return new Map(await Promise.all(signers));
}
