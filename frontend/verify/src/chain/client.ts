import type { Abi, Address, Hex } from "viem";
import { decodeEventLog, decodeFunctionResult, encodeEventTopics, encodeFunctionData } from "viem/utils";
import { z } from "zod";
import type { LedgerClient } from "../../../../protocol/ledger/chain.ts";
import { EndpointError } from "./endpoint.ts";
import { quantity, type Quorum } from "./quorum.ts";

const hex = z.custom<Hex>((value) => typeof value === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(value), "expected hexadecimal bytes");
export const logSchema = z.looseObject({ address: hex, topics: z.array(hex).min(1).max(4), data: hex, blockNumber: z.string(), logIndex: z.string(), transactionHash: hex });
const logsSchema = z.array(logSchema);

interface CallParameters {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args?: readonly unknown[];
  readonly blockNumber?: bigint;
}

interface EventParameters {
  readonly address: Address;
  readonly abi: Abi;
  readonly eventName: string;
  readonly args?: Record<string, unknown>;
  readonly fromBlock?: bigint;
  readonly toBlock?: bigint;
}

const numberOf = (value: bigint): Hex => `0x${value.toString(16)}`;

/**
 * The three questions of `protocol/ledger`, over JSON-RPC, everything as of the quorum's block. viem's client would do the same at five times the size; its
 * coding of calls, results and events is used as it is.
 */
export function createLedgerClient(quorum: Quorum): LedgerClient {
  const client = {
    async readContract({ address, abi, functionName, args = [], blockNumber = quorum.block }: CallParameters): Promise<unknown> {
      const data = encodeFunctionData({ abi, functionName, args });
      const result = hex.safeParse(await quorum.request({ method: "eth_call", params: [{ to: address, data }, numberOf(blockNumber)] }));
      if (!result.success) throw new EndpointError(`a malformed result of ${functionName}`, true);
      return decodeFunctionResult({ abi, functionName, args, data: result.data });
    },

    async getContractEvents({ address, abi, eventName, args, fromBlock = 0n, toBlock = quorum.block }: EventParameters): Promise<unknown> {
      const topics = encodeEventTopics({ abi, eventName, ...(args === undefined ? {} : { args }) });
      const filter = { address, topics, fromBlock: numberOf(fromBlock), toBlock: numberOf(toBlock) };
      const logs = logsSchema.safeParse(await quorum.request({ method: "eth_getLogs", params: [filter] }));
      if (!logs.success) throw new EndpointError(`malformed logs of ${eventName}`, true);
      return logs.data.map((log) => {
        // What was not asked for is not taken: an endpoint may send another contract's logs, or another event's.
        const asked = log.address.toLowerCase() === address.toLowerCase() && log.topics[0] === topics[0];
        if (!asked) throw new EndpointError(`a log that nobody asked for (${eventName})`, true);
        const decoded = decodeEventLog({ abi, eventName, topics: log.topics as [Hex, ...Hex[]], data: log.data, strict: true });
        return { ...decoded, blockNumber: quantity(log.blockNumber), logIndex: Number(quantity(log.logIndex)), transactionHash: log.transactionHash };
      });
    },

    async getBlock({ blockNumber }: { readonly blockNumber?: bigint } = {}): Promise<unknown> {
      if (blockNumber === undefined) return { number: quorum.block, timestamp: quorum.timestamp };
      const block = (await quorum.request({ method: "eth_getBlockByNumber", params: [numberOf(blockNumber), false] })) as { timestamp?: unknown } | null;
      return { number: blockNumber, timestamp: quantity(block?.timestamp) };
    },
  };
  // The types of viem's client, which follow from each ABI; `client.test.ts` compares what both give.
  return client as unknown as LedgerClient;
}
