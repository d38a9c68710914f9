/** What is asked about datasets besides their history. */
import { useMemo } from "react";
import type { Address } from "viem";
import { readContract } from "viem/actions";
import { contributorsAbi, datasetsAbi, roundsAbi, seatsAbi } from "../../../../protocol/abi/index.ts";
import type { DatasetTerms } from "../../../../protocol/dataset-terms.ts";
import { splitBudget } from "../../../../protocol/privacy/zcdp.ts";
import type { BudgetSplit } from "../../../../protocol/privacy/zcdp.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { useAtBlock, useFixed } from "../../chain/at-block.ts";
import type { Ledger } from "../../chain/ledger.ts";
import { useEvents } from "../../chain/use-history.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { fetchCard } from "../../datasets/queries.ts";
import type { DatasetTrace } from "../../datasets/trace.ts";
import { termsOf } from "../../datasets/trace.ts";
import { traceSeats } from "../../rounds/seats.ts";
import type { SeatTrace } from "../../rounds/seats.ts";
import { useSeatEvents } from "../../rounds/use-rounds.ts";

export interface DatasetSeat extends SeatTrace {
  readonly federation: number;
}

/** Seats on each dataset, over all federations. */
export function useSeatsByDataset(): ReadonlyMap<number, readonly DatasetSeat[]> | undefined {
  const events = useSeatEvents();
  return useMemo(() => {
    if (events === undefined) return undefined;
    const seats = new Map<number, DatasetSeat[]>();
    for (const federation of new Set(events.map(({ args }) => args.federation))) {
      for (const seat of traceSeats(events, federation).values()) seats.set(seat.dataset, [...(seats.get(seat.dataset) ?? []), { ...seat, federation }]);
    }
    return seats;
  }, [events]);
}

export const useFederations = (): readonly number[] | undefined => {
  const { rounds } = useLedger().deployment.contracts;
  return useEvents({ address: rounds, abi: roundsAbi, eventName: "FederationCreated" })?.map(({ args }) => args.federation);
};

async function readBudget({ client, deployment }: Ledger, trace: DatasetTrace, seats: readonly DatasetSeat[], blockNumber: bigint): Promise<BudgetSplit> {
  const contract = { address: deployment.contracts.seats, abi: seatsAbi, blockNumber } as const;
  const [granted, lanes] = await Promise.all([
    readContract(client, { ...contract, functionName: "grantedOf", args: [trace.dataset] }),
    Promise.all(seats.filter(({ revoked }) => !revoked).map(({ federation, seat }) => readContract(client, { ...contract, functionName: "laneOf", args: [federation, seat] }))),
  ]);
  return splitBudget({ cap: BigInt(termsOf(trace).privacyCap), granted, unspent: lanes.reduce((sum, { remaining }) => sum + BigInt(remaining), 0n) });
}

/** What has been spent of a dataset's privacy budget; asked for no exempt one, which has none. */
export function useBudget(trace: DatasetTrace, seats: readonly DatasetSeat[] | undefined) {
  const ledger = useLedger();
  const key = ["budget", trace.dataset, trace.versions.length, seats?.length, seats?.filter(({ revoked }) => revoked).length];
  return useAtBlock(key, (block) => readBudget(ledger, trace, seats ?? [], block), seats !== undefined && !termsOf(trace).exempt);
}

export function useCard({ card }: Pick<DatasetTerms, "card">) {
  return useFixed(["card", card], () => fetchCard(card));
}

/** The council, and whether who is connected is it. */
export function useCouncil() {
  const { client, deployment } = useLedger();
  return useAtBlock(["council"], (blockNumber) => readContract(client, { address: deployment.contracts.datasets, abi: datasetsAbi, functionName: "council", blockNumber }));
}

async function readOffices({ client, deployment }: Ledger, account: Address, blockNumber: bigint): Promise<readonly number[]> {
  const contract = { address: deployment.contracts.contributors, abi: contributorsAbi, blockNumber } as const;
  const count = await readContract(client, { ...contract, functionName: "organisationCount" });
  const offices = await Promise.all(
    Array.from({ length: count }, async (_, i) => ((await readContract(client, { ...contract, functionName: "isOfficer", args: [i + 1, account] })) ? [i + 1] : [])),
  );
  return offices.flat();
}

/** Organisations of which who is connected is an officer; undefined while unknown or nobody is connected. */
export function useOffices(): readonly number[] | undefined {
  const ledger = useLedger();
  const account = useSigner()?.address;
  return useAtBlock(["offices", account], (block) => readOffices(ledger, account ?? "0x", block), account !== undefined).data;
}
