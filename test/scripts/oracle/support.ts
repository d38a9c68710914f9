// A ledger, an oracle on it, and what an aggregator says to it.
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Hex } from "viem";
import { decodeBundleStatus, type BundleStatus, type BundleState } from "../../../protocol/handover/bundle-status.ts";
import { decodeOpenRound, type OpenRound } from "../../../protocol/handover/open-round.ts";
import { int32Of } from "../../../protocol/index.ts";
import { createOracle, type Oracle, type OracleParameters } from "../../../scripts/oracle/oracle.ts";
import { startWorld, type World } from "../watch/world.ts";
import type { Made, Site } from "./aggregator.ts";

export const TOKEN = "a token of a test, which is long enough";

export interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
}

/** One request of an aggregator. */
export async function ask(url: string, route: string, { method = "GET", body, token = TOKEN, headers = {} }: { method?: string; body?: Blob | ReadableStream | string; token?: string | null; headers?: Record<string, string> } = {}): Promise<Answer> {
  // A body of unknown length has to be announced as such.
  const streamed = body instanceof ReadableStream ? { duplex: "half" as const } : {};
  const response = await fetch(`${url}${route}`, {
    method, ...(body === undefined ? {} : { body }), ...streamed, headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const problem = response.ok ? null : (JSON.parse(new TextDecoder().decode(bytes)) as { error: { code: string; message: string } }).error;
  return { status: response.status, type: response.headers.get("content-type") ?? "", bytes, code: problem?.code ?? null, message: problem?.message ?? "" };
}

const blob = (bytes: Uint8Array) => new Blob([Uint8Array.from(bytes)]);

/** Hands a bundle over; the answer to the last request, or to the first that was refused. */
export async function handOver(url: string, { digest, files }: Pick<Made, "digest" | "files">, token = TOKEN): Promise<Answer> {
  for (const [file, bytes] of files) {
    const answer = await ask(url, `/v1/bundles/${digest}/${file}`, { method: "PUT", body: blob(bytes), token });
    if (answer.status !== 200) return answer;
  }
  return ask(url, `/v1/bundles/${digest}`, { method: "POST", token });
}

export async function statusOf(url: string, digest: Hex, token = TOKEN): Promise<BundleStatus> {
  return decodeBundleStatus((await ask(url, `/v1/bundles/${digest}`, { token })).bytes);
}

/** Waits until a bundle is in one of these states. @param oracle Its address, with another token than the usual one if need be. */
export async function reach(oracle: string | readonly [url: string, token: string], digest: Hex, ...states: readonly BundleState[]): Promise<BundleStatus> {
  const [url, token] = typeof oracle === "string" ? [oracle, TOKEN] : oracle;
  let status = await statusOf(url, digest, token);
  for (const until = Date.now() + 20_000; !states.includes(status.state); status = await statusOf(url, digest, token)) {
    if (Date.now() > until) throw new Error(`${digest} is ${status.state}, not ${states.join(" or ")}: ${JSON.stringify(status.problem)}`);
    await sleep(50);
  }
  return status;
}

/** Hands a bundle over by a folder, as an aggregator has to: under another name until it is whole. */
export async function drop(dir: string, { digest, files }: Pick<Made, "digest" | "files">): Promise<void> {
  const part = path.join(dir, "incoming", `${digest}.part`);
  await rm(part, { recursive: true, force: true });
  for (const [file, bytes] of files) {
    await mkdir(path.dirname(path.join(part, file)), { recursive: true });
    await writeFile(path.join(part, file), bytes);
  }
  await rename(part, path.join(dir, "incoming", digest));
}

export interface OracleWorld {
  readonly world: World;
  readonly sites: readonly Site[];
  /** As the oracle is made by default. */
  readonly parameters: OracleParameters;
  readonly warnings: string[];
  start(changes?: Partial<OracleParameters>): Promise<Oracle & { readonly url: string }>;
  open(url: string): Promise<OpenRound>;
  model(url: string, round: number): Promise<Int32Array>;
  close(): Promise<void>;
}

export async function startOracleWorld(...changed: Parameters<typeof startWorld>): Promise<OracleWorld> {
  const world = await startWorld(...changed);
  const { setting, store, federation, dir } = world;
  const { kernel, transactor, operators, relayer } = setting;
  const warnings: string[] = [];
  const parameters: OracleParameters = {
    kernel, transactor, operators, relayer, store, federations: [{ federation }], dir: path.join(dir, "oracle"), token: TOKEN, port: 0, poll: 50, warn: (message) => void warnings.push(message),
  };
  const running: Oracle[] = [];
  return {
    world, parameters, warnings,
    sites: setting.hospitals.flatMap(({ seat, keys }) => (seat === null ? [] : [{ seat, signer: keys.signer }])),
    async start(changes = {}) {
      const oracle = await createOracle({ ...parameters, ...changes }).start();
      running.push(oracle);
      return { ...oracle, url: oracle.url ?? "" };
    },
    open: async (url) => decodeOpenRound((await ask(url, `/v1/federations/${federation}/round`)).bytes),
    model: async (url, round) => int32Of((await ask(url, `/v1/federations/${federation}/rounds/${round}/model`)).bytes),
    async close() {
      await Promise.all(running.map((oracle) => oracle.stop().catch(() => undefined)));
      await world.close();
    },
  };
}
