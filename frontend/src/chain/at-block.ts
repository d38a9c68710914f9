import { useQuery } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { useHeartbeat } from "./heartbeat.ts";

/** A hash fixes what it stands for: such answers never grow old. */
const FIXED = { staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY, retry: 1 } as const;

type Key = readonly (string | number | bigint | undefined)[];

/** An answer to another question must not stand in for this one's: an amount of another account least of all. */
export function previousAnswerTo(question: string) {
  return <Data>(previous: Data | undefined, query?: { readonly queryKey: readonly string[] }): Data | undefined =>
    query?.queryKey[0] === question ? previous : undefined;
}

/** State of the ledger, read again at every block; the old answer to the same question stands until the new one is there. */
export function useAtBlock<Data>(key: Key, read: (blockNumber: bigint) => Promise<Data>, enabled = true): UseQueryResult<Data> {
  const { blockNumber } = useHeartbeat();
  const question = key.join("/");
  return useQuery({
    queryKey: [question, String(blockNumber)],
    queryFn: () => read(blockNumber ?? 0n),
    enabled: enabled && blockNumber !== undefined,
    placeholderData: previousAnswerTo(question),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    retry: 1,
  });
}

/** What the key fixes for ever: an event of a known hash, a file of a known digest. */
export function useFixed<Data>(key: Key, read: () => Promise<Data>, enabled = true): UseQueryResult<Data> {
  return useQuery({ ...FIXED, queryKey: key.map(String), queryFn: read, enabled });
}
