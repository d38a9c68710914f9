// What services need in tests: known keys, a ledger that is asked nothing, a clock that tests move.
import { isAddressEqual, recoverAddress, type Address, type Hex } from "viem";
import { privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import { createDomain } from "../../../protocol/index.ts";
import { listen, type RunningService } from "../../../scripts/service/listen.ts";
import { loopbackHost } from "../../../scripts/service/app.ts";
import type { ServiceLedger } from "../../../scripts/service/ledger.ts";
import type { Hono } from "hono";

export const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
export const person = (n: number): PrivateKeyAccount => privateKeyToAccount(word(n + 1000));
export const LEDGER: Address = `0x${"ab".repeat(20)}`;
export const PAGE = "http://127.0.0.1:8080";
export const MODEL = word(5);

/** @param contracts Contract accounts, and who signs for each. */
export function fakeLedger(members: ReadonlyMap<Address, number>, contracts: ReadonlyMap<Address, Address> = new Map()): ServiceLedger {
  return {
    chainId: 31337,
    domain: createDomain(31337, LEDGER),
    async signed(account, hash, signature) {
      const signer = await recoverAddress({ hash, signature }).catch(() => null);
      const owner = [...contracts].find(([contract]) => isAddressEqual(contract, account))?.[1] ?? account;
      return signer !== null && isAddressEqual(signer, owner);
    },
    async memberOf(account) {
      const organisation = [...members].find(([member]) => isAddressEqual(member, account))?.[1];
      return organisation === undefined ? null : { organisation };
    },
    hasModel: async (federation, round, modelRoot) => federation === 1 && round <= 3 && modelRoot === MODEL,
  };
}

/** Seconds; starts at a fixed time. */
export function fakeClock(): { now: () => number; pass(seconds: number): void } {
  let time = 1_800_000_000;
  return { now: () => time, pass: (seconds) => void (time += seconds) };
}

export const rulesAt = (clock: { now: () => number }, warnings: string[] = []) => ({
  allowsOrigin: (origin: string) => origin === PAGE,
  allowsHost: loopbackHost,
  now: clock.now,
  warn: (message: string) => void warnings.push(message),
});

export const serveApp = (app: Hono): Promise<RunningService> => listen(app, 0, "A service under test");

export interface Answered {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: unknown;
  readonly headers: Headers;
}

/** One request, as a page would send it. */
export async function call(url: string, path: string, { body, token, headers = {} }: { body?: unknown; token?: string; headers?: Record<string, string> } = {}): Promise<Answered> {
  const response = await fetch(new URL(path, url), {
    ...(body === undefined ? {} : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) }),
    headers: { origin: PAGE, "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const json: unknown = response.headers.get("content-type")?.includes("json") ? JSON.parse(new TextDecoder().decode(bytes)) : bytes;
  const code = typeof json === "object" && json !== null && "code" in json ? String(json.code) : undefined;
  return { status: response.status, code, body: json, headers: response.headers };
}
