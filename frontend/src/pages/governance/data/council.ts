import { readContract } from "viem/actions";
import { datasetsAbi } from "../../../../../protocol/abi/index.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { useWithHistory } from "./with-history.ts";

/** @param heldUntil 0 while not held. @param usedVersion Last version that was held: never that one again. */
export interface CouncilDataset {
  readonly id: number;
  readonly version: number;
  readonly retired: boolean;
  readonly heldUntil: number;
  readonly usedVersion: number;
}

/** The council, its datasets and its past holds. */
export function useCouncil() {
  const { client, deployment } = useLedger();
  return useWithHistory(["council"], async ({ events, block: blockNumber }) => {
    const contract = { address: deployment.contracts.datasets, abi: datasetsAbi, blockNumber } as const;
    const [council, holdPeriod, count, past] = await Promise.all([
      readContract(client, { ...contract, functionName: "council" }),
      readContract(client, { ...contract, functionName: "holdPeriod" }),
      readContract(client, { ...contract, functionName: "datasetCount" }),
      events.getContractEvents({ address: contract.address, abi: datasetsAbi, eventName: "DatasetHeld", fromBlock: deployment.fromBlock, toBlock: blockNumber, strict: true }),
    ]);
    const ids = Array.from({ length: count }, (_, i) => i + 1);
    const datasets = await Promise.all(
      ids.map(async (id): Promise<CouncilDataset> => {
        const { version, status, heldUntil, heldVersion } = await readContract(client, { ...contract, functionName: "datasetOf", args: [id] });
        return { id, version, retired: status === 4, heldUntil, usedVersion: heldVersion };
      }),
    );
    return { council, holdPeriod, datasets, past: past.map(({ args }) => args) };
  });
}
