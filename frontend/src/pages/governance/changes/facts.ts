/** What the ledger holds as of a block, as far as a vote can change it. */
import type { Address } from "viem";
import { getContractEvents, readContract } from "viem/actions";
import { contributorsAbi, datasetsAbi, roundsAbi, seatsAbi } from "../../../../../protocol/abi/index.ts";
import type { FederationConfig } from "../../../../../protocol/eip712/structs.ts";
import type { Ledger } from "../../../chain/ledger.ts";
import type { DatasetState, SeatFact } from "./datasets.ts";

/** Reads as of one block. */
export interface Facts {
  readonly ledger: Ledger;
  readonly blockNumber: bigint;
}

export async function readSeats({ ledger: { client, deployment }, blockNumber }: Facts): Promise<readonly SeatFact[]> {
  const range = { address: deployment.contracts.seats, abi: seatsAbi, fromBlock: deployment.fromBlock, toBlock: blockNumber, strict: true } as const;
  const [granted, revoked] = await Promise.all([
    getContractEvents(client, { ...range, eventName: "SeatGranted" }),
    getContractEvents(client, { ...range, eventName: "SeatRevoked" }),
  ]);
  const gone = new Set(revoked.map(({ args }) => `${args.federation}/${args.seat}`));
  const contributors = [...new Set(granted.map(({ args }) => args.contributor))];
  const organisationOf = new Map(
    await Promise.all(contributors.map(async (contributor) => [contributor, await organisationOfContributor({ ledger: { client, deployment }, blockNumber }, contributor)] as const)),
  );
  return granted.map(({ args: { federation, seat, contributor, dataset } }) => ({
    federation, seat, contributor, dataset, organisation: organisationOf.get(contributor) ?? 0, revoked: gone.has(`${federation}/${seat}`),
  }));
}

export async function organisationOfContributor({ ledger: { client, deployment }, blockNumber }: Facts, contributor: number): Promise<number> {
  const { organisation } = await readContract(client, { address: deployment.contracts.contributors, abi: contributorsAbi, functionName: "contributorOf", args: [contributor], blockNumber });
  return organisation;
}

export async function readDataset(facts: Facts, id: number): Promise<DatasetState> {
  const { ledger: { client, deployment }, blockNumber } = facts;
  const datasets = { address: deployment.contracts.datasets, abi: datasetsAbi, args: [id], blockNumber } as const;
  const [dataset, terms, seats] = await Promise.all([
    readContract(client, { ...datasets, functionName: "datasetOf" }),
    readContract(client, { ...datasets, functionName: "termsOf" }),
    readSeats(facts),
  ]);
  return { dataset, terms, seats };
}

/** The configuration in force: that of the last event which set one. */
export async function readConfig({ ledger: { client, deployment }, blockNumber }: Facts, federation: number): Promise<FederationConfig | undefined> {
  const range = { address: deployment.contracts.rounds, abi: roundsAbi, args: { federation }, fromBlock: deployment.fromBlock, toBlock: blockNumber, strict: true } as const;
  const [created, reconfigured] = await Promise.all([
    getContractEvents(client, { ...range, eventName: "FederationCreated" }),
    getContractEvents(client, { ...range, eventName: "FederationReconfigured" }),
  ]);
  return (reconfigured.at(-1) ?? created.at(-1))?.args.config;
}

export const EMPTY: Address = "0x0000000000000000000000000000000000000000";
