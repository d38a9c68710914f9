import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Address } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import { HEALTH_FORMAT, type WatcherHealth } from "../../protocol/watcher/health.ts";
import type { CheckResult, Observer } from "./observer.ts";

export interface HealthParameters {
  readonly software: string;
  readonly chainId: number;
  readonly federation: number;
  readonly sender: Address | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Health {
  /** Tells the health first, then passes on. */
  readonly observe: (inner: Observer) => Observer;
  readonly read: () => WatcherHealth;
}

const GROUPS = { verified: "verified", fault: "faults", unprovable: "faults", missing: "couldNotFetch", escrowed: "other", failed: "other" } as const satisfies Record<CheckResult, string>;
const NONE = { verified: 0, faults: 0, couldNotFetch: 0, other: 0 };

/** Keeps count of what a watcher sees and does. Its size is that of what is open: what has ended is a number. */
export function createHealth({ software, chainId, federation, sender, now }: HealthParameters): Health {
  const started = now();
  const open = new Map<string, keyof typeof NONE>();
  const ended = { ...NONE };
  let block: bigint | null = null;
  let lookedAt: number | null = null;
  let trouble: string | null = null;
  let proofsSent = 0;

  const observe = (inner: Observer): Observer => ({
    looked(seen) {
      [block, lookedAt, trouble] = [seen, now(), null];
      inner.looked?.(seen);
    },
    checked(line) {
      open.set(line.subject, GROUPS[line.result]);
      inner.checked(line);
    },
    acted(line) {
      if (line.action === "proven") proofsSent += 1;
      inner.acted(line);
    },
    warned(subject, message) {
      // Of an endpoint that is away, nothing is known; what concerns one subject is in its result.
      if (subject === "endpoint") trouble = message.slice(0, 400);
      inner.warned(subject, message);
    },
    ended(subject, fate) {
      const group = open.get(subject);
      if (group !== undefined) ended[group] += 1;
      open.delete(subject);
      inner.ended(subject, fate);
    },
  });

  const read = (): WatcherHealth => {
    const groups = { ...ended };
    for (const group of open.values()) groups[group] += 1;
    const checked = Object.values(groups).reduce((sum, each) => sum + each, 0);
    return {
      format: HEALTH_FORMAT,
      version: 1,
      software,
      started: new Date(started).toISOString(),
      chainId,
      federation,
      block: block === null ? null : String(block),
      lagSeconds: lookedAt === null ? null : Math.max(0, Math.round((now() - lookedAt) / 1000)),
      subjects: { checked, ...groups },
      proofsSent,
      sender,
      trouble,
    };
  };
  return { observe, read };
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers `GET /health` on the loopback interface, to any page: there is nothing secret in it. A proxy can publish it.
 * @throws port-in-use
 */
export async function serveHealth({ read }: Health, port: number): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const common = { "access-control-allow-origin": "*", "cache-control": "no-store", "x-content-type-options": "nosniff" };
    if (new URL(request.url ?? "/", "http://watcher").pathname !== "/health") return response.writeHead(404, common).end();
    if (request.method !== "GET" && request.method !== "HEAD") return response.writeHead(405, { ...common, allow: "GET, HEAD" }).end();
    response.writeHead(200, { ...common, "content-type": "application/json" });
    return response.end(request.method === "HEAD" ? undefined : `${JSON.stringify(read())}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new ChongwenError({
        code: "port-in-use",
        message: `The watcher's health cannot be served on 127.0.0.1:${port}.`,
        fix: "Stop what uses that port, or choose another with --health-port.",
        retryable: true,
        cause,
      })),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
