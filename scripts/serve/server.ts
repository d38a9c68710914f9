import path from "node:path";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { compress } from "hono/compress";
import { secureHeaders } from "hono/secure-headers";
import { createPublicClient, http } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import type { Deployment } from "../../protocol/deployment.ts";
import { toJson } from "../output/command.ts";
import { ArtefactMissing, type ArtefactStore, type Erasures } from "../store/index.ts";
import { governanceFeeds } from "./feeds.ts";

export interface ServerParameters {
  readonly dist: string;
  readonly deployment: Deployment;
  readonly store: ArtefactStore;
  /** What was erased is answered with a statement and 410 instead of 404. */
  readonly erasures?: Erasures;
  readonly port: number;
}

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The verify page asks whatever endpoints and sources its reader names: it narrows this to them itself, before it asks anybody. Its worker runs from a blob, so
 * that it stands under the narrowed policy too.
 */
const verifyPolicy = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    workerSrc: ["blob:"],
    connectSrc: ["'self'", "http:", "https:"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: "no-referrer",
});

/**
 * The dapp and the two things that it reads besides the chain: where the ledger is, and artefacts by their digest. On the loopback interface only.
 * Nothing here needs to be trusted: the page hashes what it gets.
 */
export function createApp({ dist, deployment, store, erasures }: Omit<ServerParameters, "port">): Hono {
  const app = new Hono();
  const chain = new URL(deployment.rpcUrl);
  app.use("/verify/*", verifyPolicy);
  // Meant for a disk: its own policy, by hash, stands in the file.
  app.use("/chongwen-verify.html", async (context, next) => {
    await next();
    context.header("content-disposition", 'attachment; filename="chongwen-verify.html"');
  });
  // A deep link that anybody can write down: the page itself reads it from behind the hash.
  app.get("/verify/:kind{round|settlement|seat|tx|hash|artefact|cid}/:id{[0-9a-zA-Z]{1,80}}", (context) => {
    const { kind, id } = context.req.param();
    return context.redirect(`../#/${kind}/${id}${new URL(context.req.url).search}`);
  });
  const services = Object.values(deployment.services ?? {}).filter((url) => url !== undefined).map((url) => new URL(url).origin);
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:", "blob:"],
        workerSrc: ["'self'"],
        connectSrc: ["'self'", chain.origin, `ws://${chain.host}`, ...services],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: "no-referrer",
    }),
  );
  app.route("/feeds", governanceFeeds(deployment, createPublicClient({ transport: http(deployment.rpcUrl, { batch: true }) })));
  app.get("/deployment.json", (context) => context.body(toJson(deployment), 200, { "content-type": "application/json", "cache-control": "no-store" }));
  app.get("/artefacts/:digest{0x[0-9a-f]{64}}/:path{.+}", async (context) => {
    const { digest, path: file } = context.req.param();
    try {
      const reader = await store.open(digest as `0x${string}`);
      const bytes = await reader.read(file);
      // The address is the content's own hash: it can be kept for ever.
      return context.body(new Uint8Array(bytes).buffer, 200, {
        "content-type": "application/octet-stream",
        "cache-control": "public, max-age=31536000, immutable",
      });
    } catch (error) {
      if (!(error instanceof ChongwenError)) throw error;
      const erasure = error instanceof ArtefactMissing ? await erasures?.(digest as `0x${string}`) : null;
      if (erasure) return context.json(erasure, 410);
      const status = error instanceof ArtefactMissing || error.code === "artefact-file-absent" ? 404 : 422;
      return context.json({ code: error.code, message: error.message, fix: error.fix }, status);
    }
  });
  app.use("*", compress());
  app.use("*", serveStatic({ root: path.relative(process.cwd(), dist) || "." }));
  return app;
}

export async function startServer({ port, ...parameters }: ServerParameters): Promise<PageServer> {
  const app = createApp(parameters);
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info) => {
      resolve({
        url: `http://127.0.0.1:${info.port}`,
        close: () => new Promise((done) => {
          server.close(() => done());
          if ("closeAllConnections" in server) server.closeAllConnections();
        }),
      });
    });
    server.on("error", (cause) => {
      reject(new ChongwenError({
        code: "port-in-use",
        message: `The page cannot be served on 127.0.0.1:${port}.`,
        fix: "Stop what uses that port, or choose another with --port.",
        retryable: true,
        cause,
      }));
    });
  });
}
