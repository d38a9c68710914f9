/** `npm run indexer`: indexes a ledger until it is told to stop. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { keepInFolder, keepInPostgres } from "./keep.ts";
import { Rpc } from "./rpc.ts";
import { supervise } from "./supervise.ts";

const USAGE = `npm run indexer -- [options]
  --dir <folder>         workspace of the ledger (.chongwen/local)
  --deployment <where>   its deployment.json: a file or a URL (default: the workspace's)
  --rpc <url>            JSON-RPC endpoint (default: the deployment's)
  --data <folder>        where the index is kept (default: indexer/ in the workspace)
  --host <address>       interface to listen on (127.0.0.1)
  --port <port>          port to listen on (42069); the index is at http://<host>:<port>/v1
  --poll <milliseconds>  how often the chain is asked for a new block
  --rate <number>        questions a second to begin with (500 for a node on this machine, else 20)
  --log-range <blocks>   widest range that the endpoint answers
  --log-level <level>    error, warn, info, debug (warn)
PostgreSQL instead of a folder: CHONGWEN_DATABASE_URL (or DATABASE_URL), a database of the indexer's own.
`;

const whole = z.string().regex(/^\d{1,9}$/, "expected a whole number").transform(Number).optional();
const optionsSchema = z.object({
  dir: z.string().default(path.join(".chongwen", "local")),
  deployment: z.string().optional(),
  rpc: z.url().optional(),
  data: z.string().optional(),
  host: z.string().default("127.0.0.1"),
  port: whole.pipe(z.number().max(65_535).optional()).default(42_069),
  poll: whole,
  rate: whole,
  "log-range": whole,
  "log-level": z.enum(["error", "warn", "info", "debug"]).default("warn"),
  help: z.boolean().default(false),
});

function readOptions(): z.infer<typeof optionsSchema> {
  const text = { type: "string" } as const;
  const names = { dir: text, deployment: text, rpc: text, data: text, host: text, port: text, poll: text, rate: text, "log-range": text, "log-level": text, help: { type: "boolean", short: "h" } } as const;
  return optionsSchema.parse(parseArgs({ options: names, strict: true }).values);
}

function say(message: string): void {
  process.stderr.write(`indexer: ${message}\n`);
}

/** Ponder would quietly take the next port, and nobody would find it. */
async function requireFreePort(port: number, host: string): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once("error", reject).listen(port, host, resolve));
  await new Promise((resolve) => probe.close(resolve));
}

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  let options: z.infer<typeof optionsSchema>;
  try {
    options = readOptions();
  } catch (error) {
    say(`${error instanceof z.ZodError ? (error.issues[0]?.message ?? "") : error instanceof Error ? error.message : ""}\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { dir, host, port } = options;
  try {
    await requireFreePort(port, host);
  } catch {
    say(`It cannot listen on ${host}:${port}. Stop what uses that port, or choose another with --port.`);
    return 1;
  }
  const where = options.deployment ?? path.join(dir, "deployment.json");
  const databaseUrl = process.env.CHONGWEN_DATABASE_URL ?? process.env.DATABASE_URL;
  say(`It will answer at http://${host}:${port}/v1, from ${databaseUrl === undefined ? "a folder (PGlite)" : "PostgreSQL"}.`);
  await supervise({
    root: path.resolve(import.meta.dirname, ".."),
    readDeployment: async () => JSON.parse(/^https?:\/\//.test(where) ? await (await fetch(where, { signal: AbortSignal.timeout(5_000) })).text() : await readFile(where, "utf8")),
    rpcFor: ({ rpcUrl }) => new Rpc(options.rpc ?? rpcUrl),
    keep: databaseUrl === undefined ? keepInFolder(path.resolve(options.data ?? path.join(dir, "indexer"))) : keepInPostgres(databaseUrl),
    port,
    host,
    rate: options.rate,
    pollMs: options.poll,
    logRange: options["log-range"],
    logLevel: options["log-level"],
    say,
    stop: stop.signal,
  });
  return 0;
}

process.exitCode = await main();
