import { useQuery } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Abi, Address } from "viem";
import type { LedgerClient } from "../../../../../protocol/ledger/chain.ts";
import { previousAnswerTo } from "../../../chain/at-block.ts";
import { eventsIn } from "../../../chain/events.ts";
import type { HistoryEntry } from "../../../chain/history-entry.ts";
import { useHistory } from "../../../chain/use-history.ts";

/** Asks for events as an endpoint would be asked, but of the history that all pages share. */
export type EventReader = Pick<LedgerClient, "getContractEvents">;

interface Wanted {
  readonly address: Address;
  readonly abi: Abi;
  readonly eventName: string;
  readonly toBlock: bigint;
}

/** Pure. Reads by contract, name and last block; other filters are the caller's. */
export function eventReader(entries: readonly HistoryEntry[]): EventReader {
  const getContractEvents = async ({ address, abi, eventName, toBlock }: Wanted) => eventsIn(entries, { address, abi, eventName }).filter(({ blockNumber }) => blockNumber <= toBlock);
  return { getContractEvents } as unknown as EventReader;
}

/** @param block Last block of the history: state is read as of it too, so that events and state tell of the same moment. */
export interface Reading {
  readonly events: EventReader;
  readonly block: bigint;
}

/** What follows from events and state, read again whenever the history has grown. */
export function useWithHistory<Data>(key: readonly (string | undefined)[], read: (reading: Reading) => Promise<Data>, enabled = true): UseQueryResult<Data> {
  const history = useHistory();
  const { data } = history;
  const question = key.join("/");
  const answer = useQuery({
    queryKey: [question, String(data?.through)],
    queryFn: () => read({ events: eventReader(data?.entries ?? []), block: data?.through ?? 0n }),
    enabled: enabled && data !== undefined,
    placeholderData: previousAnswerTo(question),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    retry: 1,
  });
  return data === undefined && history.isError ? (history as unknown as UseQueryResult<Data>) : answer;
}
