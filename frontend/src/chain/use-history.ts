import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { Abi, ContractEventName } from "viem";
import { eventsIn } from "./events.ts";
import type { EventsOf, LedgerEvent } from "./events.ts";
import { useHeartbeat } from "./heartbeat.ts";
import type { History } from "./history-source.ts";
import { loadHistory } from "./history-source.ts";
import { useLedger } from "./use-ledger.tsx";

/**
 * Every event of the ledger up to the newest block; only what is new is read at each. One reading serves all pages. A reading under way goes on when a block
 * comes: the first one of a long ledger takes longer than a block.
 */
export function useHistory(): UseQueryResult<History> {
  const { client, deployment } = useLedger();
  const queries = useQueryClient();
  const { blockNumber } = useHeartbeat();
  const history = useQuery({
    queryKey: ["history"],
    queryFn: ({ signal }) => loadHistory({ client, deployment, previous: queries.getQueryData<History>(["history"]), signal }),
    enabled: blockNumber !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    retry: 1,
  });
  const { data, isFetching } = history;
  const behind = data !== undefined && blockNumber !== undefined && data.through < blockNumber;
  useEffect(() => {
    if (blockNumber !== undefined) void queries.refetchQueries({ queryKey: ["history"] }, { cancelRefetch: false });
  }, [queries, blockNumber]);
  useEffect(() => {
    if (behind && !isFetching) void queries.refetchQueries({ queryKey: ["history"] }, { cancelRefetch: false });
  }, [queries, behind, isFetching]);
  return history;
}

/** The events of these names that a contract emitted, in order; undefined until the history was read. */
export function useEvents<const A extends Abi, Name extends ContractEventName<A>>(filter: EventsOf<A, Name>): readonly LedgerEvent<A, Name>[] | undefined {
  const { data } = useHistory();
  const { address, abi, eventName } = filter;
  const names = [eventName].flat().join();
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the names stand for the list, which callers write anew each time
  return useMemo(() => (data === undefined ? undefined : eventsIn(data.entries, { address, abi, eventName })), [data, address, abi, names]);
}
