import type { LedgerChain, LedgerClient } from "../../protocol/ledger/chain.ts";

/** The ledger as it was in one block: facts that are read one after the other then belong together, and anybody who reads them again gets the same. */
export function pinnedAt({ client, deployment }: LedgerChain, block: bigint): LedgerChain {
  const pinned = {
    readContract: (call: object) => client.readContract({ blockNumber: block, ...call } as Parameters<LedgerClient["readContract"]>[0]),
    getContractEvents: (question: object) => client.getContractEvents({ toBlock: block, ...question } as Parameters<LedgerClient["getContractEvents"]>[0]),
    getBlock: (question: { readonly blockNumber?: bigint } = {}) => client.getBlock({ blockNumber: question.blockNumber ?? block }),
  };
  // The types of the three depend on what is asked; what is asked is passed on.
  return { client: pinned as unknown as LedgerClient, deployment };
}
