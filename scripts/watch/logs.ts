import { HttpRequestError, TimeoutError, BaseError } from "viem";

/** Blocks from and to, both included. */
export interface BlockRange {
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

/**
 * Reads events of a range that an endpoint may find too long: when it answers with a refusal, each half is asked for. An endpoint that does not answer is
 * another matter, and thrown.
 */
export async function readInParts<Log>(range: BlockRange, read: (range: BlockRange) => Promise<Log[]>): Promise<Log[]> {
  try {
    return await read(range);
  } catch (error) {
    const { fromBlock, toBlock } = range;
    if (fromBlock >= toBlock || !isRefusal(error)) throw error;
    const middle = (fromBlock + toBlock) / 2n;
    return [...(await readInParts({ fromBlock, toBlock: middle }, read)), ...(await readInParts({ fromBlock: middle + 1n, toBlock }, read))];
  }
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  return error.walk((cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError) === null;
}
