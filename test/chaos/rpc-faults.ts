// The twelve ways in which an endpoint fails a service, each as a behaviour of the proxy in front of the chain.
import { keccak256, parseGwei, type Hex } from "viem";
import type { Fault, RpcAnswer, RpcRequest } from "../support/rpc-proxy.ts";

export const RPC_FAULTS = [
  "timeout", "too many requests", "stale head", "wrong chain id", "dropped transaction", "nonce too low", "underpriced", "false receipt", "split brain", "truncated logs", "gas spike", "clock skew",
] as const;
export type RpcFault = (typeof RPC_FAULTS)[number];

/** What nobody can tell from the truth who asks one endpoint alone: told by one of three. */
export const LIES: ReadonlySet<RpcFault> = new Set(["false receipt", "split brain", "truncated logs", "clock skew", "wrong chain id"]);

type Ask = Parameters<Fault>[1];
type Json = Readonly<Record<string, unknown>>;

const on = (methods: readonly string[], fault: Fault): Fault => (request, ask) => (methods.includes(request.method) ? fault(request, ask) : ask());
const hex = (value: number | bigint): Hex => `0x${value.toString(16)}`;
const resultOf = (answer: RpcAnswer): unknown => ("result" in answer ? answer.result : null);
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

/** Where a method's parameters name a block. */
const BLOCK_AT: Readonly<Record<string, number>> = { eth_call: 1, eth_estimateGas: 1, eth_getBalance: 1, eth_getCode: 1, eth_getStorageAt: 2, eth_getTransactionCount: 1 };

const heightNow = async (ask: Ask): Promise<number> => Number(resultOf(await ask({ method: "eth_blockNumber", params: [] })));

/** Asks the chain as it was at a height. */
async function askAt(height: number, request: RpcRequest, ask: Ask): Promise<RpcAnswer> {
  const at = BLOCK_AT[request.method];
  const later = (block: unknown): boolean => typeof block !== "string" || !block.startsWith("0x") || Number(block) > height;
  if (at !== undefined && later(request.params[at])) return ask({ params: Object.assign([...request.params], { [at]: hex(height) }) });
  if (request.method === "eth_getLogs" && isObject(request.params[0]) && later(request.params[0]["toBlock"])) return ask({ params: [{ ...request.params[0], toBlock: hex(height) }] });
  return ask();
}

/** An endpoint that has not heard of any block since. */
function staleHead(): Fault {
  let frozen: number | null = null;
  return async (request, ask) => {
    frozen ??= await heightNow(ask);
    if (request.method === "eth_blockNumber") return { result: hex(frozen) };
    if (request.method === "eth_getBlockByNumber" && (request.params[0] === "latest" || Number(request.params[0]) > frozen)) {
      return request.params[0] === "latest" ? ask({ params: [hex(frozen), request.params[1]] }) : { result: null };
    }
    const answer = await askAt(frozen, request, ask);
    const result = resultOf(answer);
    const isLater = request.method === "eth_getTransactionReceipt" && isObject(result) && Number(result["blockNumber"]) > frozen;
    return isLater ? { result: null } : answer;
  };
}

/** An endpoint on another branch: the last blocks of it are others. */
function splitBrain(): Fault {
  const apart = 3;
  const other = (hash: unknown): string => `0x${String(hash).slice(2).split("").reverse().join("")}`;
  return async (request, ask) => {
    const fork = Math.max(0, (await heightNow(ask)) - apart);
    const answer = await askAt(fork, request, ask);
    const result = resultOf(answer);
    if (!isObject(result) || Number(result["number"] ?? result["blockNumber"]) <= fork) return answer;
    if (request.method === "eth_getBlockByNumber") return { result: { ...result, hash: other(result["hash"]), transactions: [] } };
    return request.method === "eth_getTransactionReceipt" ? { result: null } : answer;
  };
}

/** Of what no block has, a receipt; of what failed, success, and the other way round. */
const falseReceipt: Fault = async (request, ask) => {
  const real = resultOf(await ask());
  if (isObject(real)) return { result: { ...real, status: real["status"] === "0x1" ? "0x0" : "0x1" } };
  const block = resultOf(await ask({ method: "eth_getBlockByNumber", params: ["latest", false] })) as Json;
  const [transactionHash] = request.params;
  return {
    result: {
      transactionHash, blockHash: block["hash"], blockNumber: block["number"], status: "0x1", gasUsed: "0x5208", effectiveGasPrice: "0x1", cumulativeGasUsed: "0x5208", logs: [], type: "0x2", transactionIndex: "0x0",
      from: `0x${"11".repeat(20)}`, to: `0x${"22".repeat(20)}`, contractAddress: null, logsBloom: `0x${"00".repeat(256)}`,
    },
  };
};

const changeBlock = (change: (block: Json) => Json): Fault => async (_, ask) => {
  const answer = await ask();
  const block = resultOf(answer);
  return isObject(block) ? { result: change(block) } : answer;
};

const refusing = (message: string): Fault => on(["eth_sendRawTransaction"], async () => ({ error: { code: -32_000, message } }));

const MAKERS: Readonly<Record<RpcFault, () => Fault>> = {
  timeout: () => async () => "hang",
  "too many requests": () => async () => 429,
  "stale head": staleHead,
  "wrong chain id": () => on(["eth_chainId", "net_version"], async () => ({ result: "0x1" })),
  "dropped transaction": () => on(["eth_sendRawTransaction"], async ({ params }) => ({ result: keccak256(params[0] as Hex) })),
  "nonce too low": () => refusing("nonce too low"),
  underpriced: () => refusing("replacement transaction underpriced"),
  "false receipt": () => on(["eth_getTransactionReceipt"], falseReceipt),
  "split brain": splitBrain,
  "truncated logs": () => on(["eth_getLogs"], async (_, ask) => {
    const answer = await ask();
    const logs = resultOf(answer);
    return Array.isArray(logs) ? { result: logs.slice(0, -1) } : answer;
  }),
  "gas spike": () => on(["eth_getBlockByNumber"], changeBlock((block) => ({ ...block, baseFeePerGas: hex(parseGwei("500")) }))),
  "clock skew": () => on(["eth_getBlockByNumber"], changeBlock((block) => ({ ...block, timestamp: hex(BigInt(String(block["timestamp"])) + 86_400n) }))),
};

/** The methods that show a fault: a request for another one does not use it up. */
const SHOWN: Partial<Record<RpcFault, readonly string[]>> = {
  "wrong chain id": ["eth_chainId"], "dropped transaction": ["eth_sendRawTransaction"], "nonce too low": ["eth_sendRawTransaction"], underpriced: ["eth_sendRawTransaction"],
  "false receipt": ["eth_getTransactionReceipt"], "truncated logs": ["eth_getLogs"], "gas spike": ["eth_getBlockByNumber"], "clock skew": ["eth_getBlockByNumber"],
};

export interface TimedFault {
  /** Counts a request, and says whether it is to be answered wrongly. */
  takes(request: RpcRequest): boolean;
  readonly fault: Fault;
  over(): boolean;
}

/** A fault that begins after so many requests that could show it, and ends after so many more. */
export function faultDuring(kind: RpcFault, { after, lasts }: { readonly after: number; readonly lasts: number }): TimedFault {
  const make = MAKERS[kind];
  const methods = SHOWN[kind];
  let seen = 0;
  let made: Fault | null = null;
  return {
    over: () => seen >= after + lasts,
    takes({ method }) {
      if (methods !== undefined && !methods.includes(method)) return false;
      seen++;
      return seen > after && seen <= after + lasts;
    },
    fault: (request, ask) => (made ??= make())(request, ask),
  };
}
