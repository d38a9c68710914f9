import { readContract } from "viem/actions";
import { chongwenGovernorAbi, timelockAbi } from "../../../../../protocol/abi/index.ts";
import { useAtBlock } from "../../../chain/at-block.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";

/** How a vote goes: what the governor and the timelock say now. */
export function useSettings() {
  const { client, deployment } = useLedger();
  return useAtBlock(["governance-settings"], async (blockNumber) => {
    const governor = { address: deployment.contracts.governor, abi: chongwenGovernorAbi, blockNumber } as const;
    const [votingDelay, votingPeriod, threshold, quorumPercent, lateExtension, minDelay] = await Promise.all([
      readContract(client, { ...governor, functionName: "votingDelay" }),
      readContract(client, { ...governor, functionName: "votingPeriod" }),
      readContract(client, { ...governor, functionName: "proposalThreshold" }),
      readContract(client, { ...governor, functionName: "quorumNumerator" }),
      readContract(client, { ...governor, functionName: "lateQuorumVoteExtension" }),
      readContract(client, { address: deployment.contracts.timelock, abi: timelockAbi, functionName: "getMinDelay", blockNumber }),
    ]);
    return { votingDelay, votingPeriod, threshold, quorumPercent, lateExtension, minDelay };
  });
}

export type Settings = NonNullable<ReturnType<typeof useSettings>["data"]>;
