/** Keeps one Ponder running on one chain: waits for the chain, notices when it becomes another, starts anew when either ends. */
import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deploymentSchema, type Deployment } from "../../protocol/deployment.ts";
import { SETTINGS_VARIABLE, writeSettings } from "../src/settings.ts";
import { holdsAnchors, identify, takeAnchors, versionOf, type Identity } from "./identity.ts";
import { schemaOf, type Keep } from "./keep.ts";
import { RpcRefusal, type Rpc } from "./rpc.ts";

export interface SuperviseParameters {
  /** The folder indexer/. */
  readonly root: string;
  readonly readDeployment: () => Promise<unknown>;
  readonly rpcFor: (deployment: Deployment) => Rpc;
  readonly keep: Keep;
  readonly port: number;
  readonly host: string;
  readonly rate: number | undefined;
  readonly pollMs: number | undefined;
  readonly logRange: number | undefined;
  readonly logLevel: string;
  readonly say: (message: string) => void;
  readonly stop: AbortSignal;
}

const LOOK_MS = 1_000;
const ANCHOR_EVERY = 30;
const LONGEST_PAUSE_MS = 30_000;
/** A run this long was not a failure to start. */
const STEADY_MS = 60_000;

export async function supervise(parameters: SuperviseParameters): Promise<void> {
  const { root, say, stop } = parameters;
  const version = await versionOf(root);
  let pause = LOOK_MS;
  while (!stop.aborted) {
    const started = Date.now();
    const found = await waitForLedger(parameters, version);
    if (found === undefined) return;
    await makeRoom(parameters, found);
    const why = await runPonder(parameters, found);
    if (stop.aborted) return;
    say(why);
    if (why === OTHER_CHAIN || Date.now() - started > STEADY_MS) pause = LOOK_MS;
    await nap(pause, stop);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

const OTHER_CHAIN = "The chain is another one now; what was read of the old one is thrown away.";

interface Found {
  readonly deployment: Deployment;
  readonly rpc: Rpc;
  readonly identity: Identity;
}

/** Undefined when told to stop. Says what it waits for, once. */
async function waitForLedger({ readDeployment, rpcFor, say, stop }: SuperviseParameters, version: string): Promise<Found | undefined> {
  let said = "";
  while (!stop.aborted) {
    try {
      const deployment = deploymentSchema.parse(await readDeployment());
      const rpc = rpcFor(deployment);
      const chainId = await rpc.chainId();
      const identity = chainId === deployment.chainId ? await identify(rpc, deployment, version) : undefined;
      if (identity !== undefined) return { deployment, rpc, identity };
      const what = chainId === deployment.chainId ? `The ledger is not on the chain at ${rpc.url}; waiting for it.` : `The endpoint ${rpc.url} is of chain ${chainId}, the ledger on ${deployment.chainId}.`;
      if (what !== said) say(what);
      said = what;
    } catch (error) {
      const what = `Waiting for the ledger: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}`;
      if (what !== said) say(what);
      said = what;
    }
    await nap(LOOK_MS, stop);
  }
  return undefined;
}

/** What was kept of another chain, ledger or version goes; what is kept of this one stays, if the chain still has its blocks. */
async function makeRoom({ keep, say }: SuperviseParameters, { rpc, deployment, identity: { key } }: Found): Promise<void> {
  const state = await keep.load();
  const same = state !== undefined && (await holdsAnchors(rpc, state.anchors));
  if (state !== undefined && !same) say(OTHER_CHAIN);
  await keep.clear(key, !same);
  await keep.save({ key, anchors: await takeAnchors(rpc, Number(deployment.fromBlock)) });
}

/** Runs until it ends, or the chain becomes another. @returns Why it is over. */
async function runPonder(parameters: SuperviseParameters, found: Found): Promise<string> {
  const { stop } = parameters;
  const child = startPonder(parameters, found);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`Ponder could not be started: ${error.message}`));
    child.once("exit", (code, signal) => resolve(`Ponder ended (${signal ?? code}); it is started again.`));
  });
  const over = new AbortController();
  const watching = watch(parameters, found, AbortSignal.any([stop, over.signal]));
  const why = await Promise.race([ended, watching]);
  over.abort();
  await end(child, ended);
  return why;
}

/** Ends when the chain is another one, or when told to. An endpoint that does not answer is none of our business: Ponder waits, and so do we. */
async function watch({ keep }: SuperviseParameters, { rpc, deployment, identity: { key } }: Found, stop: AbortSignal): Promise<string> {
  const fromBlock = Number(deployment.fromBlock);
  let anchors = await takeAnchors(rpc, fromBlock).catch(() => []);
  for (let looks = 1; !stop.aborted; looks++) {
    await nap(LOOK_MS, stop);
    try {
      if (!(await holdsAnchors(rpc, anchors))) return OTHER_CHAIN;
      if (looks % ANCHOR_EVERY !== 0) continue;
      anchors = await takeAnchors(rpc, fromBlock);
      await keep.save({ key, anchors });
    } catch (error) {
      if (error instanceof RpcRefusal) return OTHER_CHAIN;
    }
  }
  return "Stopped.";
}

function startPonder({ root, keep, port, host, rate, pollMs, logRange, logLevel }: SuperviseParameters, { deployment, rpc, identity: { key, libraryCard } }: Found): ChildProcess {
  const settings = {
    deployment,
    libraryCard,
    rpcUrl: rpc.url,
    rate: rate ?? (isOwn(rpc.url) ? 500 : 20),
    pollMs: pollMs ?? (deployment.chainId === 31337 ? 200 : 1_000),
    ...(logRange === undefined ? {} : { logRange }),
    database: keep.database(key),
  };
  const ponder = path.join(root, "node_modules", "ponder", "dist", "esm", "bin", "ponder.js");
  const args = ["start", "--root", root, "--schema", schemaOf(key), "--port", String(port), "--hostname", host, "--log-level", logLevel, "--log-format", "json"];
  return spawn(process.execPath, [ponder, ...args], {
    cwd: root,
    // Standard output is kept for those who pipe: Ponder's own words are messages.
    stdio: ["ignore", 2, 2],
    env: { PONDER_CACHE_BYTES: String(64 << 20), ...process.env, ...keep.environment, ...QUIET, [SETTINGS_VARIABLE]: writeSettings(settings) },
  });
}

/** Ponder would tell its makers about this machine. Not overridable: see docs/decisions/indexer.md. */
const QUIET = { PONDER_TELEMETRY_DISABLED: "true", DO_NOT_TRACK: "1", NODE_ENV: "production" };

/** A node on this machine need not be spared. */
function isOwn(url: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
}

const PATIENCE_MS = 10_000;

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await ended;
  clearTimeout(killer);
}

async function nap(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => undefined);
}
