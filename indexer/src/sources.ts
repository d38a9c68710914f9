/** Whose events are kept: those of every contract of the deployment that has any. Verifiers have none. */
import type { Abi, Address } from "viem";
import { contractAbis } from "../../protocol/contract-abis.ts";
import type { ContractName, Deployment } from "../../protocol/deployment.ts";

type EventfulName = { [Name in ContractName]: Extract<(typeof contractAbis)[Name][number], { type: "event" }> extends never ? never : Name }[ContractName];

export const CHAIN = "ledger";

interface Source<A extends Abi> {
  readonly chain: typeof CHAIN;
  readonly abi: A;
  readonly address: Address;
  readonly startBlock: number;
}

/** The contracts of fixed address, by their names in the deployment. */
export type Sources = { readonly [Name in EventfulName]: Source<(typeof contractAbis)[Name]> };

export function sourcesOf({ contracts, fromBlock }: Deployment): Sources {
  const eventful = Object.entries(contractAbis).filter(([, abi]) => abi.some(({ type }) => type === "event"));
  const sources = eventful.map(([name, abi]) => [name, { chain: CHAIN, abi, address: contracts[name as ContractName], startBlock: Number(fromBlock) }]);
  return Object.fromEntries(sources) as Sources;
}
