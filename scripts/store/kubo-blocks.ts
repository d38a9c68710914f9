import type { CID } from "multiformats/cid";
import type { BlockSource } from "./blocks.ts";
import { StoreUnavailable } from "./errors.ts";

export interface KuboConnection {
  /** The node's RPC address: "http://127.0.0.1:5001". */
  readonly url: string;
  /** Added to every request: an access token, for instance. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For one block. A node looks for it in the network until then. Default 30 s. */
  readonly timeoutMs?: number;
  /** Read only what the node holds itself. Default false. */
  readonly offline?: boolean;
}

/**
 * Blocks of a Kubo node, over its RPC. Read with fetch rather than with kubo-rpc-client, which takes an answer of any
 * length into memory: here it is cut off at the size of a block.
 */
export class KuboBlocks implements BlockSource {
  readonly name: string;
  readonly #connection: KuboConnection;

  constructor(connection: KuboConnection) {
    this.name = new URL(connection.url).origin;
    this.#connection = connection;
  }

  locate(cid: CID): string {
    return this.#rpc("block/get", cid, {}).href;
  }

  async getBlock(cid: CID, most: number): Promise<Uint8Array | undefined> {
    return this.#ask("block/get", cid, this.#connection.offline === true, (body) => readAtMost(body, most + 1));
  }

  async hasBlock(cid: CID): Promise<boolean> {
    const size = await this.#ask("block/stat", cid, true, (body) => readAtMost(body, 4096));
    return size !== undefined;
  }

  async #ask<T>(method: string, cid: CID, offline: boolean, take: (body: Response) => Promise<T>): Promise<T | undefined> {
    const { headers = {}, timeoutMs = 30_000 } = this.#connection;
    const url = this.#rpc(method, cid, offline ? { offline: "true" } : {});
    try {
      const answer = await fetch(url, { method: "POST", headers, signal: AbortSignal.timeout(timeoutMs) });
      if (answer.ok) return await take(answer);
      const text = new TextDecoder().decode(await readAtMost(answer, 4096));
      if (answer.status === 500 && /not found|could not find/i.test(text)) return undefined;
      throw this.#unavailable(`answered ${answer.status} to ${method}: ${text.trim().slice(0, 200)}`, undefined);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      const timedOut = error instanceof Error && error.name === "TimeoutError";
      throw this.#unavailable(timedOut ? `gave no answer on block ${cid} in ${timeoutMs} ms` : describe(error), error);
    }
  }

  #rpc(method: string, cid: CID, parameters: Record<string, string>): URL {
    const url = new URL(`/api/v0/${method}`, this.#connection.url);
    url.search = new URLSearchParams({ arg: String(cid), ...parameters }).toString();
    return url;
  }

  #unavailable(what: string, cause: unknown): StoreUnavailable {
    return new StoreUnavailable(this.name, what, "Check that the Kubo node runs and can be reached, then try again.", cause);
  }
}

async function readAtMost(answer: Response, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= most) break; // Leaving the loop cancels the rest of the answer.
  }
  return Buffer.concat(chunks).subarray(0, most);
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return `failed: ${String(error)}`;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `could not be reached: ${error.message}${cause}`;
}
