// The chain of `npm start`, in this process and spoken to without a socket in between.
import type { RpcAnswer, RpcRequest, Upstream } from "../support/rpc-proxy.ts";

export interface LocalChain {
  readonly upstream: Upstream;
  request(method: string, ...params: unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

export async function openLocalChain(): Promise<LocalChain> {
  const { network } = await import("hardhat");
  const connection = await network.create("node");
  const { provider } = connection;
  const ask = async ({ method, params }: Pick<RpcRequest, "method" | "params">): Promise<unknown> => provider.request({ method, params: [...(params ?? [])] });
  return {
    upstream: (request) => ask(request).then((result) => ({ result }), refusal),
    request: (method, ...params) => ask({ method, params }),
    close: () => connection.close(),
  };
}

const REVERTED = 3;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

/** As Hardhat's own server writes it: the bytes of a revert as they are, anything else in a wrapper. */
function refusal(error: unknown): RpcAnswer {
  if (!(error instanceof Error)) return { error: { code: -32_603, message: String(error) } };
  const { message } = error;
  const code = "code" in error && typeof error.code === "number" ? error.code : -32_603;
  const given: unknown = "data" in error ? error.data : undefined;
  const bytes = isObject(given) ? given["data"] : given;
  return { error: { code, message, data: code === REVERTED ? bytes : { message, data: bytes } } };
}
