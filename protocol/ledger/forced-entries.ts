import type { Address, Hex } from "viem";
import { createDomain, digestOf } from "../eip712/hash.ts";
import { recoverSigner, toCompactSignature } from "../eip712/signature.ts";
import { contractsOf, type LedgerChain } from "./chain.ts";

/**
 * Who signed each entry that was forced into a round on this parent, by seat. The ledger checked the signatures when it took the entries, and a seal must
 * contain them: they count whatever became of the keys since.
 */
export async function readForcedSigners(chain: LedgerChain, federation: number, round: number, parentReportHash: Hex): Promise<Map<number, Address>> {
  const { client, deployment } = chain;
  const { rounds } = contractsOf(deployment);
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
