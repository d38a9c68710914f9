import path from "node:path";
import type { Deployment } from "../../protocol/deployment.ts";
import { openWorkspace } from "../federation/workspace.ts";
import { parseOracleConfig, readDeployment, readOracleConfig } from "../oracle/service/read-config.ts";
import type { OracleConfig, OracleConfigInput } from "../oracle/service/config.ts";
import { createLog } from "../oracle/service/logs.ts";
import { createSecrets } from "../oracle/service/secrets.ts";
import { startOracleService } from "../oracle/service/start.ts";
import { envelope, EXIT, reportFailure, type Streams } from "../output/command.ts";
import { usage, type LedgerOptions } from "./context.ts";

export interface OracleOptions extends LedgerOptions {
  readonly config?: string | undefined;
  readonly port?: number | undefined;
  readonly monitorPort?: number | undefined;
}

/** The operators of a local ledger, and who pays there: development accounts. */
const LOCAL = { operators: [1, 2, 3, 4], payer: 9 };

export interface OracleSignals {
  /** Finish what is under way. */
  readonly stop: AbortSignal;
  /** End at once. */
  readonly hurry: AbortSignal;
}

/** Serves an oracle until it is told to stop. @returns The exit code, and whether something may still be going on that must not be waited for. */
export async function oracle(options: OracleOptions, streams: Streams, { stop, hurry }: OracleSignals): Promise<{ readonly code: number; readonly abandoned: boolean }> {
  const groupReads: string[] = [];
  const secrets = createSecrets((message) => void groupReads.push(message));
  const clean: Streams = {
    out: { write: (text) => streams.out.write(secrets.scrub(text)) },
    err: { write: (text) => streams.err.write(secrets.scrub(text)), isTTY: streams.err.isTTY === true },
  };
  try {
    const { config, deployment } = options.config === undefined ? await localConfig(options) : await fromFile(options.config);
    const log = createLog({ level: config.log.level, pretty: clean.err.isTTY === true, write: (line) => void streams.err.write(line), secrets });
    const service = await startOracleService({ config, deployment, secrets, log, stop });
    for (const message of groupReads) log.child({ module: "start" }).warn(message);
    const { url, monitor, operators, tokenFile } = service;
    if (options.json) clean.out.write(envelope(true, { url, monitor, operators, tokenFile }));
    log.child({ module: "start" }).info({ url, monitor, operators, tokenFile, federations: config.federations, chainId: deployment.chainId }, "serving");
    await told(stop);
    log.info({ module: "stop" }, `stopping; what is under way has ${config.limits.graceSeconds} s, a second signal ends at once`);
    const ended = await Promise.race([service.stop(), told(hurry).then(() => null)]);
    if (ended === true) log.info({ module: "stop" }, "stopped");
    else log.warn({ module: "stop" }, ended === null ? "ended at once; what was under way goes on at the next start" : "a step took too long; it goes on at the next start");
    return { code: EXIT.ok, abandoned: ended !== true };
  } catch (error) {
    // Told to stop before it had begun: nothing failed.
    if (stop.aborted) return { code: EXIT.ok, abandoned: false };
    return { code: reportFailure(clean, error, options.json), abandoned: false };
  }
}

interface Configured {
  readonly config: OracleConfig;
  readonly deployment: Deployment;
}

async function fromFile(file: string): Promise<Configured> {
  const config = await readOracleConfig(file);
  return { config, deployment: await readDeployment(config.deployment) };
}

/** The workspace's own ledger, on a local chain. */
async function localConfig({ dir, rpc, federation, port, monitorPort }: OracleOptions): Promise<Configured> {
  const workspace = openWorkspace(path.resolve(dir));
  const deployment = await workspace.loadDeployment();
  if (deployment.chainId !== 31337) throw usage(`The ledger in ${dir} is on chain ${deployment.chainId}, where nothing can be assumed.`, "Write a configuration (docs/runbooks/oracle.md) and name it with --config.");
  const account = (index: number) => ({ account: `dev:${index}` });
  const input: OracleConfigInput = {
    format: "chongwen-oracle-config",
    version: 1,
    deployment: path.join(workspace.dir, "deployment.json"),
    endpoints: { urls: [rpc ?? deployment.rpcUrl] },
    federations: [federation],
    operators: LOCAL.operators.map(account),
    payer: account(LOCAL.payer),
    dir: path.join(workspace.dir, "oracle"),
    store: { dir: workspace.storeDir },
    ...(port === undefined ? {} : { listen: { port } }),
    ...(monitorPort === undefined ? {} : { monitor: { port: monitorPort } }),
  };
  return { config: parseOracleConfig(input), deployment };
}

function told(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })));
}
