import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import { ChongwenError } from "../../protocol/errors.ts";

export interface RunningService {
  readonly url: string;
  close(): Promise<void>;
}

/** How slow a request may be. Bodies that are large are paced by whoever reads them. */
const SLOWEST = { headersTimeout: 10_000, requestTimeout: 3_600_000, connectionsCheckingInterval: 2_000 };
const MOST_CONNECTIONS = 4_000;

/** On the loopback interface; whoever serves the world puts a proxy with TLS before it. @param port 0: any free one. @throws port-in-use */
export function listen(app: Hono, port: number, what: string): Promise<RunningService> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1", serverOptions: SLOWEST }, (info) => {
      resolve({
        url: `http://127.0.0.1:${info.port}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      });
    });
    if ("maxConnections" in server) server.maxConnections = MOST_CONNECTIONS;
    server.on("error", (cause) => {
      reject(
        new ChongwenError({
          code: "service-port-in-use",
          message: `${what} cannot be served on 127.0.0.1:${port}.`,
          fix: "Stop what uses that port, or choose another.",
          retryable: true,
          cause,
        }),
      );
    });
  });
}

/** The wanted port, or any other when that is taken. */
export async function listenSomewhere(app: Hono, port: number, what: string): Promise<RunningService> {
  try {
    return await listen(app, port, what);
  } catch (error) {
    if (port === 0 || !(error instanceof ChongwenError) || error.code !== "service-port-in-use") throw error;
    return listen(app, 0, what);
  }
}
