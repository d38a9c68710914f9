/** What the ledger holds as of a block, as far as a vote can change it. */
import type { Address } from "viem";
import { readContract } from "viem/actions";
import { contributorsAbi, datasetsAbi, roundsAbi, seatsAbi } from "../../../../../protocol/abi/index.ts";
import type { FederationConfig } from "../../../../../protocol/eip712/structs.ts";
import { isSupportSeat } from "../../../../../protocol/seats.ts";
import type { Ledger } from "../../../chain/ledger.ts";
import type { EventReader } from "../data/with-history.ts";
import type { DatasetState, SeatFact } from "./datasets.ts";

/** Reads as of one block. */
export interface Facts {
  readonly ledger: Ledger;
  readonly events: EventReader;
  readonly blockNumber: bigint;
}

export async function readSeats(facts: Facts): Promise<readonly SeatFact[]> {
  const { ledger: { deployment }, events, blockNumber } = facts;
  const range = { address: deployment.contracts.seats, abi: seatsAbi, fromBlock: deployment.fromBlock, toBlock: blockNumber, strict: true } as const;
  const [granted, revoked] = await Promise.all([
    events.getContractEvents({ ...range, eventName: "SeatGranted" }),
    events.getContractEvents({ ...range, eventName: "SeatRevoked" }),
  ]);
  const gone = new Set(revoked.map(({ args }) => `${args.federation}/${args.seat}`));
  const contributors = [...new Set(granted.map(({ args }) => args.contributor))];
  const organisationOf = new Map(
    await Promise.all(contributors.map(async (contributor) => [contributor, await organisationOfContributor(facts, contributor)] as const)),
  );
  return granted.map(({ args: { federation, seat, contributor, dataset } }) => ({
    federation, seat, contributor, dataset, organisation: organisationOf.get(contributor) ?? 0, revoked: gone.has(`${federation}/${seat}`),
  }));
}

/** Support seats have none. */
export function datasetsOf(seats: readonly Pick<SeatFact, "dataset">[]): readonly number[] {
  return [...new Set(seats.filter((seat) => !isSupportSeat(seat)).map(({ dataset }) => dataset))];
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
export async function readConfig({ ledger: { deployment }, events, blockNumber }: Facts, federation: number): Promise<FederationConfig | undefined> {
  const range = { address: deployment.contracts.rounds, abi: roundsAbi, fromBlock: deployment.fromBlock, toBlock: blockNumber, strict: true } as const;
  const [created, reconfigured] = await Promise.all([
    events.getContractEvents({ ...range, eventName: "FederationCreated" }),
    events.getContractEvents({ ...range, eventName: "FederationReconfigured" }),
  ]);
  const own = (event: { readonly args: { readonly federation: number } }): boolean => event.args.federation === federation;
  return (reconfigured.findLast(own) ?? created.findLast(own))?.args.config;
}

export const EMPTY: Address = "0x0000000000000000000000000000000000000000";
