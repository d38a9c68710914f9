/** Decoded events out of the ledger's history. Pure. */
import { parseEventLogs } from "viem";
import type { Abi, Address, ContractEventName, Hex, ParseEventLogsReturnType, RpcLog } from "viem";
import type { HistoryEntry } from "./history-entry.ts";

export type LedgerEvent<A extends Abi, Name extends ContractEventName<A>> = ParseEventLogsReturnType<A, Name, true>[number] & {
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly transactionHash: Hex;
};

export interface EventsOf<A extends Abi, Name extends ContractEventName<A>> {
  /** The contract that emitted them. */
  readonly address: Address;
  readonly abi: A;
  readonly eventName: Name | readonly Name[];
}

/** The events of these names that a contract emitted, in order. Pure. */
export function eventsIn<const A extends Abi, Name extends ContractEventName<A>>(entries: readonly HistoryEntry[], { address, abi, eventName }: EventsOf<A, Name>) {
  // Entries are in lower case.
  const wanted = address.toLowerCase();
  const own = entries.filter((entry) => entry.address === wanted);
  const logs = own.map((entry) => ({ ...entry, removed: false, transactionIndex: null }) as unknown as RpcLog);
  return parseEventLogs({ abi, logs, eventName: eventName as Name, strict: true }) as unknown as readonly LedgerEvent<A, Name>[];
}
