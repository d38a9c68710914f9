import { encodeAbiParameters, keccak256 } from "viem";
import { readContract } from "viem/actions";
import { datasetsAbi } from "../../../../../protocol/abi/index.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";
import type { NewTerms } from "../changes/datasets.ts";
import type { Reading } from "./with-history.ts";
import { useWithHistory } from "./with-history.ts";

const TERMS = [datasetsAbi.find((item) => item.type === "function" && item.name === "amend")?.inputs[1]].filter((input) => input !== undefined);

/** The terms that wait for governance: those whose hash the register holds. @returns undefined when there are none */
export function useAmendment(dataset: number | undefined) {
  const { client, deployment } = useLedger();
  const read = async ({ events: reader, block: blockNumber }: Reading): Promise<NewTerms | null> => {
    const contract = { address: deployment.contracts.datasets, abi: datasetsAbi } as const;
    const [waiting, events] = await Promise.all([
      readContract(client, { ...contract, functionName: "amendmentOf", args: [dataset ?? 0], blockNumber }),
      reader.getContractEvents({ ...contract, eventName: "AmendmentProposed", fromBlock: deployment.fromBlock, toBlock: blockNumber, strict: true }),
    ]);
    const terms = events.findLast(({ args }) => args.dataset === dataset && args.termsHash === waiting)?.args.terms;
    if (terms === undefined || keccak256(encodeAbiParameters(TERMS, [terms as never])) !== waiting) return null;
    return terms;
  };
  return useWithHistory(["amendment", dataset?.toString()], read, dataset !== undefined);
}
