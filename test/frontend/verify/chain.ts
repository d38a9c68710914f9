// A chain made of answers: what an endpoint would say, honest or not.
import type { Hex } from "viem";

export type Answers = (method: string, params: readonly unknown[]) => unknown;

const word = (value: number): Hex => `0x${value.toString(16)}`;

/** An honest endpoint of chain 31337 at block 100. */
export const honest: Answers = (method) => {
  if (method === "eth_chainId") return word(31_337);
  if (method === "eth_blockNumber") return word(100);
  if (method === "eth_getBlockByNumber") return { number: word(100), hash: `0x${"aa".repeat(32)}`, parentHash: "0x", timestamp: word(1_700_000_000), stateRoot: "0x", size: "0x1" };
  if (method === "eth_getLogs") return [];
  return `0x${"00".repeat(31)}07`;
};

/** A network on which each host answers in its own way. A refusal is an Error; undefined is silence. */
export function networkOf(hosts: Readonly<Record<string, Answers>>, asked: string[] = []): typeof fetch {
  return async (input, init) => {
    const { host } = new URL(String(input));
    asked.push(host);
    const answers = hosts[host];
    if (answers === undefined) throw new TypeError("Failed to fetch");
    const calls = JSON.parse(String(init?.body)) as { id: number; method: string; params: unknown[] }[];
    const replies = calls.map(({ id, method, params }) => {
      const result = answers(method, params);
      return result instanceof Error ? { jsonrpc: "2.0", id, error: { code: 3, message: result.message } } : { jsonrpc: "2.0", id, result };
    });
    return new Response(JSON.stringify(replies));
  };
}
