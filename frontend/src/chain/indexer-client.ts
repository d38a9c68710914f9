import { z } from "zod";
import type { Address, Hex } from "viem";
import type { BlockSpan, HistoryEntry } from "./history-entry.ts";
import { isBefore, lower } from "./history-entry.ts";
import { readWithin } from "./read-within.ts";

/** Why an indexer is of no use just now. Neither is an accusation. */
export class IndexerUnusable extends Error {
  override readonly name = "IndexerUnusable";
  readonly reason: "gone" | "behind";

  constructor(reason: "gone" | "behind", message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}

/** What an indexer said is not what the chain says. */
export class IndexerLied extends Error {
  override readonly name = "IndexerLied";
  readonly what: string;
  readonly chain: string;
  readonly indexer: string;

  /** @param what Which statement differs @param chain what the chain says @param indexer what the indexer says */
  constructor(what: string, chain: string, indexer: string) {
    super(`${what}: the chain says ${chain}, the indexer ${indexer}`);
    this.what = what;
    this.chain = chain;
    this.indexer = indexer;
  }
}

const TIMEOUT_MS = 8_000;
/** A page holds at most this many logs, and an honest one of them stays far below the bytes. */
const PAGE_LOGS = 2_000;
const PAGE_BYTES = 32 << 20;
/** More than this page could hold anyway. */
const MOST_LOGS = 2_000_000;

const hex = z.custom<Hex>((value) => typeof value === "string" && /^0x([0-9a-f]{2})*$/i.test(value), "expected hex").transform(lower);
const hash = z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{64}$/i.test(value), "expected 32 bytes").transform(lower);
const address = z.custom<Address>((value) => typeof value === "string" && /^0x[0-9a-f]{40}$/i.test(value), "expected an address").transform(lower);
const natural = z.number().int().nonnegative();
const block = natural.transform(BigInt);

const statusSchema = z.object({
  chainId: z.number().int().positive(),
  /** The Rounds contract: there is one for each ledger. */
  ledger: address,
  /** Everything up to and with this block is indexed. */
  block,
  blockHash: hash,
  timestamp: block,
  headBlock: block,
  lag: block,
});

const row = z.tuple([block, natural, hash, hash, address, z.array(hash).max(4), hex]);
const pageSchema = z.object({ logs: z.array(row).max(PAGE_LOGS), cursor: z.string().min(1).max(200).nullable() });

export type IndexerStatus = z.infer<typeof statusSchema>;

/** How far an indexer is, and on which chain it thinks it is. @throws IndexerUnusable */
export async function readIndexerStatus(url: string, signal: AbortSignal): Promise<IndexerStatus> {
  return statusSchema.parseAsync(await fetchJson(url, "status", signal)).catch(malformed("status"));
}

/** All logs of these blocks. @throws IndexerUnusable, or IndexerLied when their order cannot be a chain's */
export async function readIndexerLogs(url: string, { from, to }: BlockSpan, signal: AbortSignal): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query = new URLSearchParams({ from: String(from), to: String(to), limit: String(PAGE_LOGS), ...(cursor === "" ? {} : { cursor }) });
    const page: z.infer<typeof pageSchema> = await pageSchema.parseAsync(await fetchJson(url, `logs?${query}`, signal)).catch(malformed("logs"));
    for (const [blockNumber, logIndex, blockHash, transactionHash, address, topics, data] of page.logs) {
      const entry = { blockNumber, blockHash, logIndex, transactionHash, address, topics, data };
      const last = entries.at(-1);
      if (blockNumber < from || blockNumber > to) throw new IndexerLied("blocks of its logs", `${from} to ${to} was asked for`, `block ${blockNumber}`);
      if (last !== undefined && !isBefore(last, entry)) throw new IndexerLied("order of its logs", "each after the other", `${blockNumber}/${logIndex} after ${last.blockNumber}/${last.logIndex}`);
      entries.push(entry);
    }
    if (entries.length > MOST_LOGS) throw new IndexerUnusable("gone", `It sent more than ${MOST_LOGS} logs.`);
    if (page.logs.length === 0 && page.cursor !== null) throw new IndexerUnusable("gone", "It sent an empty page and promised more.");
    ({ cursor } = page);
  }
  return entries;
}

function malformed(what: string) {
  return (cause: unknown): never => {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    throw new IndexerUnusable("gone", `Its ${what} are not what an indexer says${issue === undefined ? "" : `: ${issue.path.join(".")} ${issue.message}`}`, cause);
  };
}

async function fetchJson(base: string, path: string, signal: AbortSignal): Promise<unknown> {
  const url = new URL(path, base.endsWith("/") ? base : `${base}/`);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]), credentials: "omit", referrerPolicy: "no-referrer", redirect: "error" });
    // 503 with a reason: it is still reading the past, or has lost its own connection to the chain.
    if (response.status === 503) throw new IndexerUnusable("behind", await reasonOf(response));
    if (!response.ok) throw new IndexerUnusable("gone", `It answered ${response.status} ${await reasonOf(response)}`.trim());
    return JSON.parse(await textOf(response));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof IndexerUnusable) throw error;
    throw new IndexerUnusable("gone", `It does not answer at ${url.host}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

const reasonSchema = z.object({ message: z.string().max(500) });

async function reasonOf(response: Response): Promise<string> {
  const text = await textOf(response);
  try {
    return reasonSchema.parse(JSON.parse(text)).message;
  } catch {
    return ""; // Some proxy's page, perhaps: its words are not for our reader.
  }
}

/** The body, but never more of it than a page can honestly have. */
async function textOf({ body }: Response): Promise<string> {
  if (body === null) return "";
  const bytes = await readWithin(body, PAGE_BYTES);
  if (bytes === undefined) throw new IndexerUnusable("gone", `It sent more than ${PAGE_BYTES} bytes for one page.`);
  return new TextDecoder().decode(bytes);
}
