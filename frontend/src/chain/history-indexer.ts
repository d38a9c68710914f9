import type { Anchor, HistorySource } from "./history-chain.ts";
import { anchorAt } from "./history-chain.ts";
import { checkHistory } from "./history-check.ts";
import type { Emitters, HistoryEntry } from "./history-entry.ts";
import { lower } from "./history-entry.ts";
import { IndexerLied, IndexerUnusable, readIndexerLogs, readIndexerStatus } from "./indexer-client.ts";
import type { IndexerStatus } from "./indexer-client.ts";
import type { Ledger } from "./ledger.ts";

/** An indexer further behind than this has some trouble; what it lacks is read from the chain, so a smaller lag costs nothing. */
export const MOST_LAG = 128n;
const SECOND_LOOK_MS = 1_500;

export interface IndexerParameters {
  readonly url: string;
  readonly ledger: Ledger;
  readonly emitters: Emitters;
  readonly chain: HistorySource;
  readonly signal: AbortSignal;
  readonly random?: () => number;
  readonly secondLookMs?: number;
}

export interface IndexerReading {
  readonly entries: HistoryEntry[];
  readonly through: bigint;
  /** How many logs were compared with the chain, of how many. */
  readonly checked: string;
}

/**
 * The ledger's events from an indexer, checked against the chain.
 * @throws IndexerUnusable when it is gone or behind, IndexerLied when what it says is not what the chain says
 */
export async function fromIndexer(parameters: IndexerParameters): Promise<IndexerReading> {
  return twice(() => readOnce(parameters), parameters.signal, parameters.secondLookMs);
}

/** Near the head the chain may have changed its mind a moment before the indexer: no accusation before a second look. */
export async function twice<Result>(look: () => Promise<Result>, signal: AbortSignal, pauseMs = SECOND_LOOK_MS): Promise<Result> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof IndexerLied)) throw error;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    signal.throwIfAborted();
    return look();
  }
}

async function readOnce({ url, ledger, emitters, chain, signal, random = Math.random }: IndexerParameters): Promise<IndexerReading> {
  const { status } = await checkStatus(url, ledger, signal);
  const span = { from: ledger.deployment.fromBlock, to: status.block };
  const entries = await readIndexerLogs(url, span, signal);
  const checked = await checkHistory({ ledger, emitters, chain, entries, span, signal, random });
  return { entries, through: status.block, checked };
}

/** Is it on our chain, on our ledger, and near enough? @throws IndexerUnusable, IndexerLied */
export async function checkStatus(url: string, { client, deployment }: Ledger, signal: AbortSignal): Promise<{ readonly status: IndexerStatus; readonly head: Anchor; readonly lag: bigint }> {
  const status = await readIndexerStatus(url, signal);
  if (status.chainId !== deployment.chainId) throw new IndexerLied("chain", String(deployment.chainId), String(status.chainId));
  const ledger = lower(deployment.contracts.rounds);
  if (status.ledger !== ledger) throw new IndexerLied("ledger", ledger, status.ledger);
  // Asked after the indexer was: so that it can be ahead only when our own endpoint is slower than its.
  const [head, same] = await Promise.all([anchorAt(client), anchorAt(client, status.block)]);
  if (head === undefined || same === undefined) {
    throw new IndexerUnusable("behind", `It is at block ${status.block}; the chain's endpoint of this page only at ${head?.number ?? "none"}.`);
  }
  if (same.hash !== status.blockHash) throw new IndexerLied(`hash of block ${status.block}`, same.hash, status.blockHash);
  const lag = head.number > status.block ? head.number - status.block : 0n;
  if (lag > MOST_LAG) throw new IndexerUnusable("behind", `It is ${lag} blocks behind.`);
  return { status, head, lag };
}
