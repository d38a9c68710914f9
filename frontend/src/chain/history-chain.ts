import { BaseError, HttpRequestError, TimeoutError } from "viem";
import type { Address } from "viem";
import { getBlock, getLogs } from "viem/actions";
import type { BlockSpan, Emitters, HistoryEntry } from "./history-entry.ts";
import { inOrder, lower, vaultsIn } from "./history-entry.ts";
import type { ChainClient } from "./ledger.ts";

/** A source of the ledger's events. */
export interface HistorySource {
  /** Every event of these blocks, in order. `vaults`: those opened before `from`. */
  read(span: BlockSpan, vaults: readonly Address[], signal: AbortSignal): Promise<HistoryEntry[]>;
}

/** Refusals in a row after which a smaller page will not help either. */
const MOST_TIMEOUTS = 3;

/**
 * The chain itself, through whatever limits its endpoint has: a page that is refused is asked for again in halves, and pages grow again, carefully, after
 * pages that were answered.
 */
export function fromChain(client: ChainClient, emitters: Emitters, pageSize = 1n << 40n): HistorySource {
  // What was learned about the endpoint is kept for the next call.
  const pace = { size: pageSize, refused: pageSize * 2n, answered: 0 };
  return {
    async read({ from, to }, vaults, signal) {
      const entries: HistoryEntry[] = [];
      const known = new Set(vaults);
      let next = from;
      let timeouts = 0;
      while (next <= to) {
        signal.throwIfAborted();
        const page = { from: next, to: min(to, next + pace.size - 1n) };
        try {
          const found = await readPage(client, emitters, known, page);
          entries.push(...found);
          next = page.to + 1n;
          timeouts = 0;
          grow(pace);
        } catch (error) {
          const kind = refusal(error);
          timeouts += kind === "timeout" ? 1 : 0;
          const size = page.to - page.from + 1n;
          if (kind === undefined || size === 1n || timeouts > MOST_TIMEOUTS) throw error;
          [pace.refused, pace.size, pace.answered] = [size, size / 2n, 0];
        }
      }
      return inOrder(entries);
    },
  };
}

/** A vault opened in this very page may have spoken in it too: it is asked for what it said, and so are those it names. */
async function readPage(client: ChainClient, emitters: Emitters, known: Set<Address>, page: BlockSpan): Promise<HistoryEntry[]> {
  const found = await logsOf(client, [...emitters.fixed, ...known], page);
  const opened = vaultsIn(found, emitters).filter((vault) => !known.has(vault));
  const spoken = opened.length === 0 ? [] : await logsOf(client, opened, page);
  for (const vault of opened) known.add(vault);
  return [...found, ...spoken];
}

async function logsOf(client: ChainClient, address: Address[], { from, to }: BlockSpan): Promise<HistoryEntry[]> {
  const logs = await getLogs(client, { address, fromBlock: from, toBlock: to });
  return logs
    .filter((log) => !log.removed && log.blockNumber !== null)
    .map(({ blockNumber, blockHash, logIndex, transactionHash, address, topics, data }) => ({
      blockNumber,
      blockHash: lower(blockHash),
      logIndex,
      transactionHash: lower(transactionHash),
      address: lower(address),
      topics: topics.map(lower),
      data: lower(data),
    }));
}

interface Pace {
  size: bigint;
  refused: bigint;
  answered: number;
}

/** Doubles up to what was refused once; beyond that only now and then, because limits on the size of answers depend on where one reads. */
function grow(pace: Pace): void {
  pace.answered += 1;
  if (pace.size * 2n < pace.refused) pace.size *= 2n;
  else if (pace.answered % 16 === 0) pace.refused *= 2n;
}

/** Did the endpoint find the question too big? An endpoint that is not there is another matter. */
function refusal(error: unknown): "refused" | "timeout" | undefined {
  if (!(error instanceof BaseError)) return undefined;
  if (error.walk((cause) => cause instanceof TimeoutError) !== null) return "timeout";
  const http = error.walk((cause) => cause instanceof HttpRequestError);
  if (http instanceof HttpRequestError) return [400, 413, 414, 422].includes(http.status ?? 0) ? "refused" : undefined;
  return "refused";
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** A block by which a reading can be held to one chain. */
export interface Anchor {
  readonly number: bigint;
  readonly hash: `0x${string}`;
}

/** The block with this number, or the newest; undefined when the chain has none. */
export async function anchorAt(client: ChainClient, blockNumber?: bigint): Promise<Anchor | undefined> {
  try {
    const block = await getBlock(client, blockNumber === undefined ? { blockTag: "latest" } : { blockNumber });
    return { number: block.number, hash: lower(block.hash) };
  } catch (error) {
    if (error instanceof BaseError && error.walk((cause) => cause instanceof Error && cause.name === "BlockNotFoundError") !== null) return undefined;
    throw error;
  }
}
