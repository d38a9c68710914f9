import { encodeAbiParameters, keccak256 } from "viem";
import { getContractEvents, readContract } from "viem/actions";
import { datasetsAbi } from "../../../../../protocol/abi/index.ts";
import { useAtBlock } from "../../../chain/at-block.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";
import type { NewTerms } from "../changes/datasets.ts";

const TERMS = [datasetsAbi.find((item) => item.type === "function" && item.name === "amend")?.inputs[1]].filter((input) => input !== undefined);

/** The terms that wait for governance: those whose hash the register holds. @returns undefined when there are none */
export function useAmendment(dataset: number | undefined) {
  const { client, deployment } = useLedger();
  const read = async (blockNumber: bigint): Promise<NewTerms | null> => {
    const contract = { address: deployment.contracts.datasets, abi: datasetsAbi } as const;
    const [waiting, events] = await Promise.all([
      readContract(client, { ...contract, functionName: "amendmentOf", args: [dataset ?? 0], blockNumber }),
      getContractEvents(client, { ...contract, eventName: "AmendmentProposed", args: { dataset: dataset ?? 0 }, fromBlock: deployment.fromBlock, toBlock: blockNumber, strict: true }),
    ]);
    const terms = events.findLast(({ args }) => args.termsHash === waiting)?.args.terms;
    if (terms === undefined || keccak256(encodeAbiParameters(TERMS, [terms as never])) !== waiting) return null;
    return terms;
  };
  return useAtBlock(["amendment", dataset], read, dataset !== undefined);
}
