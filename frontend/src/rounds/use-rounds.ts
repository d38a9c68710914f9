/** The rounds of a federation with everything that the ledger's events and calldata say of them. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Hex } from "viem";
import { getTransaction, getTransactionReceipt } from "viem/actions";
import { datasetsAbi, roundsAbi, seatsAbi } from "../../../protocol/abi/index.ts";
import type { ChainClient } from "../chain/ledger.ts";
import { useEvents } from "../chain/use-history.ts";
import { useLedger } from "../chain/use-ledger.tsx";
import { datasetsIn, decodeSeal, sealedSet } from "./entries.ts";
import type { SealedColumns, SealedSet } from "./entries.ts";
import { droppedIn, SEAT_EVENTS, traceSeats } from "./seats.ts";
import type { SeatEvent, SeatTrace } from "./seats.ts";
import type { LineageStep } from "../../../protocol/ledger/tombstones.ts";
import { currentSeal, ROUND_EVENTS, traceRounds } from "./trace.ts";
import type { RoundTrace } from "./trace.ts";

/** A transaction's hash fixes what it did. */
const FOR_EVER = { staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY, retry: 1 } as const;

export function useRoundTraces(federation: number): readonly RoundTrace[] | undefined {
  const { rounds } = useLedger().deployment.contracts;
  const events = useEvents({ address: rounds, abi: roundsAbi, eventName: ROUND_EVENTS });
  return useMemo(() => (events === undefined ? undefined : traceRounds(events, federation)), [events, federation]);
}

export function useSeatEvents(): readonly SeatEvent[] | undefined {
  const { seats } = useLedger().deployment.contracts;
  return useEvents({ address: seats, abi: seatsAbi, eventName: SEAT_EVENTS });
}

export function useSeatTraces(federation: number): ReadonlyMap<number, SeatTrace> | undefined {
  const events = useSeatEvents();
  return useMemo(() => (events === undefined ? undefined : traceSeats(events, federation)), [events, federation]);
}

const sealQuery = (client: ChainClient, transaction: Hex) => ({
  ...FOR_EVER,
  queryKey: ["seal-columns", transaction],
  queryFn: async (): Promise<SealedColumns | null> => decodeSeal((await getTransaction(client, { hash: transaction })).input) ?? null,
});

/** Who is in each of these rounds, by round; missing while unknown or not to be read. */
export function useSealedSets(federation: number, traces: readonly RoundTrace[]): ReadonlyMap<number, SealedSet> {
  const { client } = useLedger();
  const events = useSeatEvents();
  const seats = useSeatTraces(federation);
  const sealed = traces.flatMap((trace) => {
    const seal = currentSeal(trace);
    return seal === undefined ? [] : [{ trace, seal }];
  });
  const columns = useQueries({
    queries: sealed.map(({ seal }) => sealQuery(client, seal.transaction)),
    combine: (answers) => answers.map(({ data }) => data),
  });
  const sets = new Map<number, SealedSet>();
  if (events === undefined || seats === undefined) return sets;
  sealed.forEach(({ trace, seal }, i) => {
    const column = columns[i];
    if (column) sets.set(trace.round, sealedSet({ columns: column, seal, trace, seats, drops: droppedIn(events, federation, seal.transaction) }));
  });
  return sets;
}

/** Lineage with the datasets of every step. */
export function stepsOf(traces: readonly RoundTrace[], sets: ReadonlyMap<number, SealedSet>): ReadonlyMap<number, LineageStep> {
  return new Map(
    traces.map((trace) => {
      const set = sets.get(trace.round);
      return [trace.round, { round: trace.round, parent: trace.seals.at(-1)?.parent, datasets: set?.isWhole === true ? datasetsIn(set) : undefined }];
    }),
  );
}

/** Datasets whose consent was withdrawn; undefined until the history was read. */
export function useWithdrawn(): ReadonlySet<number> | undefined {
  const { datasets } = useLedger().deployment.contracts;
  const events = useEvents({ address: datasets, abi: datasetsAbi, eventName: "ConsentWithdrawn" });
  return useMemo(() => (events === undefined ? undefined : new Set(events.map(({ args }) => args.dataset))), [events]);
}

/** What a transaction used; undefined while unknown. */
export function useGas(transaction: Hex | undefined) {
  const { client } = useLedger();
  return useQuery({
    ...FOR_EVER,
    queryKey: ["gas", transaction],
    queryFn: async () => (await getTransactionReceipt(client, { hash: transaction ?? "0x" })).gasUsed,
    enabled: transaction !== undefined,
  });
}
