import { readContract } from "viem/actions";
import { contributorsAbi, datasetsAbi } from "../../../protocol/abi/index.ts";
import type { Ledger } from "./ledger.ts";
import type { Registry } from "./names.ts";

/** How many there are of each: ids are dense and start at 1. */
export interface RegistrySize {
  readonly datasets: number;
  readonly organisations: number;
  readonly contributors: number;
}

/** `IDatasets.Status` of what governance has admitted and neither it nor the custodian has ended. */
const ADMITTED = new Set([2, 3]);

export async function readRegistrySize({ client, deployment }: Ledger, blockNumber: bigint): Promise<RegistrySize> {
  const datasetsContract = { address: deployment.contracts.datasets, abi: datasetsAbi, blockNumber } as const;
  const contributorsContract = { address: deployment.contracts.contributors, abi: contributorsAbi, blockNumber } as const;
  const [datasets, organisations, contributors] = await Promise.all([
    readContract(client, { ...datasetsContract, functionName: "datasetCount" }),
    readContract(client, { ...contributorsContract, functionName: "organisationCount" }),
    readContract(client, { ...contributorsContract, functionName: "contributorCount" }),
  ]);
  return { datasets, organisations, contributors };
}

function each<Item>(count: number, read: (id: number) => Promise<Item>): Promise<Item[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => read(i + 1)));
}

export async function readRegistry({ client, deployment }: Ledger, size: RegistrySize): Promise<Registry> {
  const datasetsContract = { address: deployment.contracts.datasets, abi: datasetsAbi } as const;
  const contributorsContract = { address: deployment.contracts.contributors, abi: contributorsAbi } as const;
  const [datasets, organisations, contributors] = await Promise.all([
    each(size.datasets, async (dataset) => {
      const args = [dataset] as const;
      const [{ custodian, status }, { card }] = await Promise.all([
        readContract(client, { ...datasetsContract, functionName: "datasetOf", args }),
        readContract(client, { ...datasetsContract, functionName: "termsOf", args }),
      ]);
      return { dataset, custodian, card, admitted: ADMITTED.has(status) };
    }),
    each(size.organisations, async (organisation) => {
      const { account, officerA, officerB } = await readContract(client, { ...contributorsContract, functionName: "organisationOf", args: [organisation] });
      return { organisation, account, officers: [officerA, officerB] };
    }),
    each(size.contributors, async (contributor) => {
      const { organisation, key } = await readContract(client, { ...contributorsContract, functionName: "contributorOf", args: [contributor] });
      return { contributor, organisation, key };
    }),
  ]);
  return { datasets, organisations, contributors };
}
