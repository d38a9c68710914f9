/** The few questions that the supervisor asks a chain by itself. */
import { z } from "zod";

const TIMEOUT_MS = 5_000;
const answerSchema = z.object({ result: z.unknown().optional(), error: z.object({ message: z.string() }).optional() });
const blockSchema = z.object({ number: z.string().transform(Number), hash: z.string().regex(/^0x[0-9a-f]{64}$/i) }).nullable();

export interface Block {
  readonly number: number;
  readonly hash: string;
}

/** The endpoint answered, and said no. */
export class RpcRefusal extends Error {
  override readonly name = "RpcRefusal";
}

export class Rpc {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async chainId(): Promise<number> {
    return Number(z.string().parse(await this.#ask("eth_chainId", [])));
  }

  /** Undefined when the chain has no such block. */
  async block(number: number | "latest"): Promise<Block | undefined> {
    const tag = number === "latest" ? number : `0x${number.toString(16)}`;
    return blockSchema.parse((await this.#ask("eth_getBlockByNumber", [tag, false])) ?? null) ?? undefined;
  }

  async call(to: string, data: string): Promise<string> {
    return z.string().parse(await this.#ask("eth_call", [{ to, data }, "latest"]));
  }

  async #ask(method: string, params: unknown[]): Promise<unknown> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { result, error } = answerSchema.parse(await response.json());
    if (error !== undefined) throw new RpcRefusal(`${method}: ${error.message}`);
    return result;
  }
}
