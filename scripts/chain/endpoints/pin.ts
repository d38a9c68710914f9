/** Where a method's parameters name a block. */
const BLOCK_AT: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_estimateGas: 1,
  eth_getBalance: 1,
  eth_getBlockByNumber: 0,
  eth_getBlockTransactionCountByNumber: 0,
  eth_getCode: 1,
  eth_getProof: 2,
  eth_getStorageAt: 2,
  eth_getTransactionCount: 1,
};

/** Names of blocks that mean another one on every endpoint. "pending" is no block at all: what is in a block counts, and nothing else. */
export type Tag = "latest" | "safe" | "finalized";

export type Params = readonly unknown[];

/**
 * Puts a number in place of every name of a block, so that endpoints that are a block apart are asked the same question.
 * @param heightOf What a name means at present.
 */
export async function pin(method: string, params: Params, heightOf: (tag: Tag) => Promise<bigint>): Promise<Params> {
  const numbered = async (block: unknown): Promise<unknown> => {
    if (block === undefined || block === null || block === "pending") return toHex(await heightOf("latest"));
    return isTag(block) ? toHex(await heightOf(block)) : block;
  };
  if (method === "eth_getLogs") {
    const [filter] = params as [Readonly<Record<string, unknown>>];
    if ("blockHash" in filter) return params;
    return [{ ...filter, fromBlock: await numbered(filter["fromBlock"]), toBlock: await numbered(filter["toBlock"]) }];
  }
  const at = BLOCK_AT[method];
  if (at === undefined) return params;
  const pinned = [...params];
  pinned[at] = await numbered(params[at]);
  return pinned;
}

const toHex = (height: bigint): string => `0x${height.toString(16)}`;
const isTag = (block: unknown): block is Tag => block === "latest" || block === "safe" || block === "finalized";
