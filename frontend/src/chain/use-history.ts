import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Abi, ContractEventName } from "viem";
import { eventsIn } from "./events.ts";
import type { EventsOf, LedgerEvent } from "./events.ts";
import { useHeartbeat } from "./heartbeat.ts";
import type { History } from "./history-source.ts";
import { loadHistory } from "./history-source.ts";
import { useLedger } from "./use-ledger.tsx";

/** Every event of the ledger up to the newest block; only what is new is read at each. One reading serves all pages. */
export function useHistory(): UseQueryResult<History> {
  const { client, deployment } = useLedger();
  const queries = useQueryClient();
  const { blockNumber } = useHeartbeat();
  return useQuery({
    queryKey: ["history", String(blockNumber)],
    queryFn: async ({ signal }) => {
      const previous = queries.getQueriesData<History>({ queryKey: ["history"] }).map(([, history]) => history);
      const newest = previous.filter((history) => history !== undefined).toSorted((a, b) => Number(b.through - a.through))[0];
      return loadHistory({ client, deployment, previous: newest, signal });
    },
    enabled: blockNumber !== undefined,
    placeholderData: (previous) => previous,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 20_000,
    retry: 1,
  });
}

/** The events of these names that a contract emitted, in order; undefined until the history was read. */
export function useEvents<const A extends Abi, Name extends ContractEventName<A>>(filter: EventsOf<A, Name>): readonly LedgerEvent<A, Name>[] | undefined {
  const { data } = useHistory();
  const { address, abi, eventName } = filter;
  const names = [eventName].flat().join();
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the names stand for the list, which callers write anew each time
  return useMemo(() => (data === undefined ? undefined : eventsIn(data.entries, { address, abi, eventName })), [data, address, abi, names]);
}
