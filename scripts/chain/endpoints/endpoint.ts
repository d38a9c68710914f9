import { http } from "viem";
import { ChongwenError } from "../../../protocol/errors.ts";
import { createLimit } from "../../service/limit.ts";

/** One JSON-RPC endpoint, with a memory of how it behaved. */
export interface Endpoint {
  readonly name: string;
  /** Whether it may be asked now: it does not rest. */
  ready(): boolean;
  /** Spends budget. A failure makes it rest, longer each time. @throws whatever viem says of the failure; endpoint-spent without budget */
  ask(method: string, params: readonly unknown[]): Promise<unknown>;
  /** It said something that others deny: as bad as a failure. */
  doubt(): void;
}

export interface EndpointRules {
  /** Milliseconds that an answer may take. */
  readonly timeout: number;
  /** Requests a minute. */
  readonly perMinute: number;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** 0 to 1: spreads retries of many clients. */
  readonly jitter: () => number;
}

/** Seconds of rest after the first failure, and at most. */
const REST = { first: 0.5, most: 60 };

export function createEndpoint(url: string, { timeout, perMinute, now, jitter }: EndpointRules): Endpoint {
  const { request } = http(url, { retryCount: 0, timeout })({ retryCount: 0, timeout });
  const budget = createLimit({ burst: perMinute, perMinute, now });
  let failures = 0;
  let restsUntil = 0;
  const rest = (): void => {
    const seconds = Math.min(REST.most, REST.first * 2 ** failures);
    failures++;
    restsUntil = now() + seconds * (0.5 + jitter() / 2);
  };
  return {
    // An endpoint's path often holds a key: its host is name enough.
    name: new URL(url).host,
    ready: () => now() >= restsUntil,
    async ask(method, params) {
      if (!budget.take("all")) throw spent(url, perMinute);
      try {
        const answer = await request({ method, params } as Parameters<typeof request>[0]);
        failures = 0;
        return answer;
      } catch (error) {
        if (isVerdict(error) || isUnsupported(error) || hasIt(method, error)) failures = 0;
        else rest();
        throw error;
      }
    },
    doubt: rest,
  };
}

function spent(url: string, perMinute: number): ChongwenError {
  return new ChongwenError({
    code: "endpoint-spent",
    message: `${new URL(url).host} was asked ${perMinute} times in a minute, as often as it may.`,
    fix: "Wait, raise its budget if its owner allows it, or name more endpoints.",
    retryable: true,
  });
}

/** It refuses a transaction that it knows from its peers, or whose nonce it has seen: every endpoint but the first says so. It answered, and that is what counts. */
function hasIt(method: string, error: unknown): boolean {
  return method === "eth_sendRawTransaction" && /already known|known transaction|already imported|nonce too low|underpriced/i.test(String(error));
}

/** The chain's own answer to a call that it refuses: not a failure of the endpoint. */
export function isVerdict(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  if ("code" in error && error.code === 3) return true;
  return "cause" in error && error.cause !== error && isVerdict(error.cause) ? true : revertData(error) !== null;
}

const UNSUPPORTED = new Set([-32_601, -32_004]);

/** The endpoint does not offer the method: it has not failed, and asking again is no use. */
export function isUnsupported(error: unknown): boolean {
  for (let layer: unknown = error, depth = 0; typeof layer === "object" && layer !== null && depth < 8; depth++) {
    if ("code" in layer && typeof layer.code === "number" && UNSUPPORTED.has(layer.code)) return true;
    layer = "cause" in layer ? layer.cause : null;
  }
  return false;
}

/** The bytes with which a contract refused, however deep the client wrapped them. */
export function revertData(error: unknown): string | null {
  for (let layer: unknown = error, depth = 0; typeof layer === "object" && layer !== null && depth < 8; depth++) {
    if ("data" in layer) {
      const data: unknown = layer.data;
      if (typeof data === "string" && data.startsWith("0x")) return data.toLowerCase();
      if (typeof data === "object" && data !== null && "data" in data && typeof data.data === "string") return data.data.toLowerCase();
    }
    layer = "cause" in layer ? layer.cause : null;
  }
  return null;
}
