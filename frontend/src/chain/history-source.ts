/** The ledger's whole history: from the chain, or faster from an indexer whose word was checked. No React here. */
import type { Hex } from "viem";
import { readContract } from "viem/actions";
import { contributorsAbi } from "../../../protocol/abi/index.ts";
import type { Deployment } from "../../../protocol/deployment.ts";
import type { Anchor, HistorySource } from "./history-chain.ts";
import { anchorAt, fromChain } from "./history-chain.ts";
import type { Emitters, HistoryEntry } from "./history-entry.ts";
import { emittersOf, vaultsIn } from "./history-entry.ts";
import type { IndexerReading } from "./history-indexer.ts";
import { checkStatus, fromIndexer, twice } from "./history-indexer.ts";
import { IndexerLied, IndexerUnusable } from "./indexer-client.ts";
import type { ChainClient } from "./ledger.ts";

export { fromChain, fromIndexer, IndexerLied, IndexerUnusable };
export type { HistoryEntry, HistorySource };

export interface History {
  readonly entries: readonly HistoryEntry[];
  /** Every event up to and with this block is among the entries. */
  readonly through: bigint;
  /** Hash of that block: a later reading goes on from here only while the chain still has it. */
  readonly throughHash?: Hex;
  readonly source: { readonly kind: "chain" } | { readonly kind: "indexer"; readonly lag: bigint; readonly checked: string };
  /** Why an indexer that is named in the deployment was not used. */
  readonly fallback?: { readonly reason: "gone" | "lied" | "behind"; readonly detail: string };
}

export interface LoadHistoryParameters {
  readonly client: ChainClient;
  readonly deployment: Deployment;
  readonly previous?: History | undefined;
  readonly signal: AbortSignal;
  /** For tests: 0 ≤ random() < 1. */
  readonly random?: () => number;
  readonly secondLookMs?: number;
}

/** A chain that changes under every reading is one we cannot speak of. */
const ATTEMPTS = 4;

/**
 * The history up to the newest block. Given a former one, only what came since is read; what a reorganisation took away is dropped.
 * @throws what the chain's endpoint threw: an indexer cannot stand in for the chain
 */
export async function loadHistory(parameters: LoadHistoryParameters): Promise<History> {
  const { client, signal } = parameters;
  const reader = await readerOf(parameters);
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const head = await anchorAt(client);
    if (head === undefined) throw new Error("The chain has no blocks.");
    const history = await readUpTo(head, parameters, reader);
    // Pages are read one after another: they are one history only if the chain did not change meanwhile.
    if ((await anchorAt(client, head.number))?.hash === head.hash) return history;
    if (attempt === ATTEMPTS) throw new Error("The chain changed again and again while it was read.");
  }
}

async function readUpTo(head: Anchor, parameters: LoadHistoryParameters, reader: Reader): Promise<History> {
  const { client, deployment, previous, signal } = parameters;
  const kept = previous === undefined ? undefined : await keepCanonical(client, previous);
  if (kept !== undefined && previous !== undefined) {
    const entries = await extend(kept, head, reader, signal);
    return { entries, through: head.number, throughHash: head.hash, ...(await followIndexer(parameters, previous)) };
  }
  const { reading, fallback } = await askIndexer(parameters, reader);
  const base = reading ?? { entries: [], through: deployment.fromBlock - 1n };
  const entries = await extend(base, head, reader, signal);
  const lag = head.number > base.through ? head.number - base.through : 0n;
  return {
    entries,
    through: head.number,
    throughHash: head.hash,
    source: reading === undefined ? { kind: "chain" } : { kind: "indexer", lag, checked: reading.checked },
    ...(fallback === undefined ? {} : { fallback }),
  };
}

interface Kept {
  readonly entries: readonly HistoryEntry[];
  readonly through: bigint;
}

/** What is above comes from the chain, always. The same array when there is nothing new, so that a page need not draw anew. */
async function extend({ entries, through }: Kept, head: Anchor, { chain, emitters }: Reader, signal: AbortSignal): Promise<readonly HistoryEntry[]> {
  const later = await chain.read({ from: through + 1n, to: head.number }, vaultsIn(entries, emitters), signal);
  const below = entries.at(-1)?.blockNumber ?? -1n;
  // An indexer may be ahead of the head we started from.
  const base = below > head.number ? entries.filter(({ blockNumber }) => blockNumber <= head.number) : entries;
  return later.length === 0 ? base : [...base, ...later];
}

/**
 * The part of a former history that the chain still has. A block's hash fixes all before it, so the newest event's block that still has its hash is found by
 * halving: a reorganisation of any depth costs a few questions.
 * @returns undefined when nothing of it stands: another chain
 */
async function keepCanonical(client: ChainClient, { entries, through, throughHash }: History): Promise<Kept | undefined> {
  if (throughHash !== undefined && (await anchorAt(client, through))?.hash === throughHash) return { entries, through };
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    const stands = entry !== undefined && (await anchorAt(client, entry.blockNumber))?.hash === entry.blockHash;
    if (stands) low = middle + 1;
    else high = middle;
  }
  const last = entries[low - 1];
  return last === undefined ? undefined : { entries: entries.slice(0, low), through: last.blockNumber };
}

interface Reader {
  readonly emitters: Emitters;
  readonly chain: HistorySource;
  /** When a lost indexer was last asked whether it is back. */
  askedAt: number;
}

/** What was learned about an endpoint is kept as long as the client lives. */
const readers = new WeakMap<ChainClient, { readonly ledger: string; readonly reader: Reader }>();

async function readerOf({ client, deployment }: LoadHistoryParameters): Promise<Reader> {
  const { contributors, rounds } = deployment.contracts;
  const known = readers.get(client);
  if (known?.ledger === rounds) return known.reader;
  const libraryCard = await readContract(client, { address: contributors, abi: contributorsAbi, functionName: "libraryCard" });
  const emitters = emittersOf(deployment, libraryCard);
  const reader = { emitters, chain: fromChain(client, emitters), askedAt: 0 };
  readers.set(client, { ledger: rounds, reader });
  return reader;
}

type Word = Pick<History, "source" | "fallback">;

async function askIndexer(parameters: LoadHistoryParameters, { emitters, chain }: Reader): Promise<{ readonly reading?: IndexerReading; readonly fallback?: NonNullable<History["fallback"]> }> {
  const { client, deployment, previous, signal, random, secondLookMs } = parameters;
  const url = deployment.services?.indexer;
  if (url === undefined) return {};
  // Once a liar, not asked again before the page is loaded anew.
  if (previous?.fallback?.reason === "lied") return { fallback: previous.fallback };
  try {
    const reading = await fromIndexer({
      url,
      ledger: { client, deployment },
      emitters,
      chain,
      signal,
      ...(random === undefined ? {} : { random }),
      ...(secondLookMs === undefined ? {} : { secondLookMs }),
    });
    return { reading };
  } catch (error) {
    return { fallback: fallbackOf(error) };
  }
}

const ASK_AGAIN_MS = 30_000;

/** Later readings come from the chain; the indexer is asked only how it fares, so that the page can say so. */
async function followIndexer({ client, deployment, signal, secondLookMs }: LoadHistoryParameters, { source, fallback }: History): Promise<Word> {
  const url = deployment.services?.indexer;
  if (url === undefined) return { source: { kind: "chain" } };
  if (fallback?.reason === "lied") return { source, fallback };
  const reader = readers.get(client)?.reader;
  if (fallback !== undefined && reader !== undefined) {
    if (Date.now() - reader.askedAt < ASK_AGAIN_MS) return { source, fallback };
    reader.askedAt = Date.now();
  }
  try {
    const { lag } = await twice(() => checkStatus(url, { client, deployment }, signal), signal, secondLookMs);
    return { source: source.kind === "indexer" ? { ...source, lag } : source };
  } catch (error) {
    if (reader !== undefined) reader.askedAt = Date.now();
    return { source: { kind: "chain" }, fallback: fallbackOf(error) };
  }
}

/** Only what speaks of the indexer is a reason not to use it; all else is thrown on. */
function fallbackOf(error: unknown): NonNullable<History["fallback"]> {
  if (error instanceof IndexerLied) return { reason: "lied", detail: error.message };
  if (error instanceof IndexerUnusable) return { reason: error.reason, detail: error.message };
  throw error;
}
