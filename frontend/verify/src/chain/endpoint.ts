import { z } from "zod";
import { readBody } from "../worker/egress.ts";

/** Larger answers are refused: a hundred calls of an audit stay far below. */
const MAX_ANSWER = 32 * 2 ** 20;
const BATCH = 60;
const PATIENCE = 20_000;

export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A JSON-RPC endpoint. Its answers are worth what it is worth: see `quorum.ts`. */
export interface Endpoint {
  readonly url: string;
  /** @throws EndpointError */
  request(call: Call): Promise<unknown>;
}

/** @param answered It did answer, but refused or garbled this call. */
export class EndpointError extends Error {
  override readonly name = "EndpointError";
  readonly answered: boolean;

  constructor(message: string, answered: boolean) {
    super(message);
    this.answered = answered;
  }
}

const replySchema = z.looseObject({ id: z.int(), result: z.unknown().optional(), error: z.looseObject({ message: z.string() }).optional() });

interface Waiting extends Call {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Calls made in the same instant travel together. */
export function createEndpoint(url: string, network: typeof fetch): Endpoint {
  let queue: Waiting[] = [];

  async function send(calls: readonly Waiting[]): Promise<void> {
    try {
      const body = JSON.stringify(calls.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params })));
      const response = await network(url, { method: "POST", headers: { "content-type": "application/json" }, body, signal: AbortSignal.timeout(PATIENCE) });
      if (!response.ok) throw new EndpointError(`HTTP ${response.status}`, false);
      const { bytes, cut } = await readBody(response, MAX_ANSWER);
      if (cut) throw new EndpointError(`an answer of more than ${MAX_ANSWER} bytes`, true);
      const replies = new Map(parse(bytes).map((reply) => [reply.id, reply]));
      calls.forEach(({ resolve, reject, method }, id) => {
        const reply = replies.get(id);
        if (reply === undefined) reject(new EndpointError(`no answer to ${method}`, true));
        else if (reply.error !== undefined) reject(new EndpointError(reply.error.message.slice(0, 200), true));
        else resolve(reply.result ?? null);
      });
    } catch (error) {
      const failure = error instanceof EndpointError ? error : new EndpointError(error instanceof Error ? error.message : String(error), false);
      for (const { reject } of calls) reject(failure);
    }
  }

  return {
    url,
    request: ({ method, params }) =>
      new Promise((resolve, reject) => {
        queue.push({ method, params, resolve, reject });
        if (queue.length > 1) return;
        queueMicrotask(() => {
          const calls = queue;
          queue = [];
          for (let at = 0; at < calls.length; at += BATCH) void send(calls.slice(at, at + BATCH));
        });
      }),
  };
}

function parse(bytes: Uint8Array): z.infer<typeof replySchema>[] {
  try {
    return z.array(replySchema).parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw new EndpointError("an answer that is no JSON-RPC", true);
  }
}
