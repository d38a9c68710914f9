import { getBlock, getContractEvents, readContract } from "viem/actions";
import type { LedgerClient } from "../../../../../protocol/ledger/chain.ts";
import type { ChainClient } from "../../../chain/ledger.ts";

/** What the shared core reads with, over the page's client: the three actions that are needed and no others. */
export function readerOf(client: ChainClient): LedgerClient {
  return {
    readContract: (parameters: never) => readContract(client, parameters),
    getContractEvents: (parameters: never) => getContractEvents(client, parameters),
    getBlock: (parameters: never) => getBlock(client, parameters),
  } as unknown as LedgerClient;
}
