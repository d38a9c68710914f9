// A JSON-RPC endpoint in front of a real chain that can be told to misbehave.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface RpcRequest {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

export type RpcAnswer = { readonly result: unknown } | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } };

/** What an endpoint does with one request: asks the chain, changes the question or the answer, invents one. "hang": never answers. A number: that HTTP status. */
export type Fault = (request: RpcRequest, ask: (request?: Partial<RpcRequest>) => Promise<RpcAnswer>) => Promise<RpcAnswer | "hang" | number>;

export const honest: Fault = (_, ask) => ask();

export interface RpcProxy {
  readonly url: string;
  /** From now on. */
  behave(fault: Fault): void;
  /** How often a method was asked for. */
  count(method: string): number;
  close(): Promise<void>;
}

/** Answers as the real chain does. */
export type Upstream = (request: RpcRequest) => Promise<RpcAnswer>;

/** @param upstream The real chain: its address, or what answers for it. */
export async function startRpcProxy(upstream: string | Upstream): Promise<RpcProxy> {
  let fault = honest;
  const counts = new Map<string, number>();

  async function ask(request: RpcRequest): Promise<RpcAnswer> {
    if (typeof upstream !== "string") return upstream(request);
    const response = await fetch(upstream, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", ...request }) });
    return (await response.json()) as RpcAnswer;
  }

  async function answer(body: string, response: ServerResponse): Promise<void> {
    const parsed = JSON.parse(body) as RpcRequest | RpcRequest[];
    const answers: object[] = [];
    for (const request of [parsed].flat()) {
      counts.set(request.method, (counts.get(request.method) ?? 0) + 1);
      const given = await fault(request, (change = {}) => ask({ ...request, ...change }));
      if (given === "hang") return;
      if (typeof given === "number") {
        response.writeHead(given).end();
        return;
      }
      answers.push({ ...given, jsonrpc: "2.0", id: request.id });
    }
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(Array.isArray(parsed) ? answers : answers[0]));
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void answer(Buffer.concat(chunks).toString(), response).catch((error: unknown) => response.destroy(error as Error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behave: (next) => void (fault = next),
    count: (method) => counts.get(method) ?? 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
