import { useQuery } from "@tanstack/react-query";
import { getBlock, getChainId } from "viem/actions";
import { useLedger } from "./use-ledger.tsx";

const INTERVAL = 2000;

/** The latest block: everything on the page is read as of it, and read again when it changes. */
export interface Heartbeat {
  readonly blockNumber: bigint | undefined;
  readonly timestamp: bigint;
  readonly reachable: boolean | undefined;
  /** Chain that the endpoint answers for. */
  readonly chainId: number | undefined;
}

export function useHeartbeat(): Heartbeat {
  const { client } = useLedger();
  const block = useQuery({
    queryKey: ["block"],
    queryFn: async () => {
      const [{ number, timestamp }, chainId] = await Promise.all([getBlock(client), getChainId(client)]);
      return { number, timestamp, chainId };
    },
    refetchInterval: INTERVAL,
    retry: false,
  });
  return {
    blockNumber: block.data?.number,
    timestamp: block.data?.timestamp ?? 0n,
    reachable: block.isError ? false : block.isSuccess ? true : undefined,
    chainId: block.data?.chainId,
  };
}
