/** The indexer's answers, whatever keeps the data. Mounted under /v1: Ponder keeps /status, /health, /ready and /metrics for itself. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { Kind, Query } from "./search-query.ts";
import { logParameters, parseQuery, searchParameters } from "./search-query.ts";

export interface LogRow {
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly address: string;
  /** Joined by commas. */
  readonly topics: string;
  readonly data: string;
}

/** Something that was found, and where to read on. */
export interface Hit {
  readonly kind: Kind;
  /** What the chain calls it: a number, a hash, an address. */
  readonly id: string;
  readonly federation?: number;
  readonly title: string;
  readonly block?: number;
}

export interface Store {
  /** The block up to which everything is indexed; undefined while the past is being read. */
  progress(): Promise<number | undefined>;
  /** Logs of these blocks in order, at most `limit`; only those after a position, if given. */
  logs(range: { readonly from: number; readonly to: number }, after: readonly number[] | undefined, limit: number): Promise<readonly LogRow[]>;
  /** Hash of a block as it was indexed, if it holds a log. */
  blockHash(block: number): Promise<string | undefined>;
  search(query: Query, kinds: readonly Kind[], limit: number): Promise<readonly Hit[]>;
}

export interface Chain {
  head(): Promise<number>;
  block(number: number): Promise<{ readonly hash: string; readonly timestamp: number }>;
}

export interface AppParameters {
  readonly chainId: number;
  /** The Rounds contract: there is one for each ledger. */
  readonly ledger: string;
  readonly store: Store;
  readonly chain: Chain;
  readonly graphql?: MiddlewareHandler;
}

/** Rows are asked for in slices, so that a page of long logs ends at this many characters, whatever its limit. */
const SLICE = 250;
const PAGE_CHARACTERS = 4 << 20;

export function createApp({ chainId, ledger, store, chain, graphql }: AppParameters): Hono {
  const app = new Hono();
  app.use(cors({ origin: "*", allowMethods: ["GET", "POST"], maxAge: 86_400 }), compress());

  app.get("/status", async (context) => {
    const block = await store.progress();
    if (block === undefined) return fail(context, 503, "indexer-starting", "The indexer is still reading the ledger's past.", "Try again in a moment; meanwhile, read the chain.");
    try {
      const [head, { hash, timestamp }, indexed] = await Promise.all([chain.head(), chain.block(block), store.blockHash(block)]);
      // Just indexed, but not yet shown by every node behind the endpoint: the head is at least there.
      const headBlock = Math.max(head, block);
      return context.json({ chainId, ledger: ledger.toLowerCase(), block, blockHash: (indexed ?? hash).toLowerCase(), timestamp, headBlock, lag: headBlock - block });
    } catch {
      return fail(context, 503, "indexer-chain-away", "The indexer has lost its own connection to the chain.", "Check the indexer's endpoint; meanwhile, read the chain through another.");
    }
  });

  app.get("/logs", async (context) => {
    const parsed = logParameters.safeParse(context.req.query());
    if (!parsed.success) return refuse(context, parsed.error);
    const { from, to, limit, cursor } = parsed.data;
    const rows: LogRow[] = [];
    let [after, characters, more] = [cursor, 0, true];
    while (more && rows.length < limit && characters < PAGE_CHARACTERS) {
      const wanted = Math.min(SLICE, limit - rows.length);
      const slice = await store.logs({ from, to }, after, wanted);
      rows.push(...slice);
      characters += slice.reduce((sum, { data }) => sum + data.length, 0);
      const last = slice.at(-1);
      after = last === undefined ? after : [last.blockNumber, last.logIndex];
      more = slice.length === wanted;
    }
    const logs = rows.map(({ blockNumber, logIndex, blockHash, transactionHash, address, topics, data }) => [
      blockNumber, logIndex, blockHash, transactionHash, address.toLowerCase(), topics === "" ? [] : topics.split(","), data,
    ]);
    return context.json({ logs, cursor: more && after !== undefined ? after.join("-") : null });
  });

  app.get("/search", async (context) => {
    const parsed = searchParameters.safeParse(context.req.query());
    if (!parsed.success) return refuse(context, parsed.error);
    const { q, kinds, limit } = parsed.data;
    const query = parseQuery(q);
    if (query === undefined) return fail(context, 400, "query-unclear", "That can name nothing here.", "Give an address, at least six digits of a hash, a number, or two letters of a text.");
    const hits = await store.search(query, kinds, limit + 1);
    return context.json({ form: query.form, hits: hits.slice(0, limit), more: hits.length > limit });
  });

  // By POST only: by GET it would serve a page with scripts from another host.
  if (graphql !== undefined) app.post("/graphql", bodyLimit({ maxSize: 16 << 10, onError: (context) => fail(context, 413, "query-too-long", "The query is longer than 16 KiB.", "Ask for less at a time.") }), graphql);

  app.notFound((context) => fail(context, 404, "no-such-page", `There is nothing at ${context.req.path}.`, "There are status, logs, search and, by POST, graphql."));
  app.onError((error, context) => {
    console.error(error);
    return fail(context, 500, "indexer-failed", "The indexer could not answer.", "Try again; if it stays so, look at the indexer's own messages.");
  });
  return app;
}

function fail(context: Context, status: ContentfulStatusCode, code: string, message: string, fix: string): Response {
  return context.json({ code, message, fix }, status);
}

function refuse(context: Context, error: z.ZodError): Response {
  const [issue] = error.issues;
  return fail(context, 400, "query-malformed", `${issue?.path.join(".") ?? "query"}: ${issue?.message ?? "malformed"}`, "Correct that parameter; indexer/README.md lists them all.");
}
