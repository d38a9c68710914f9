// The service as a process of its own, as people run it.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Deployment } from "../../../../protocol/deployment.ts";
import type { OracleConfigInput } from "../../../../scripts/oracle/service/config.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..", "..");

export interface ServiceProcess {
  readonly child: ChildProcess;
  /** What it has written so far: standard output and standard error. */
  readonly output: () => string;
  /** Waits for a line of its log with this message. @returns Its fields. */
  says(message: string, within?: number): Promise<Record<string, unknown>>;
  readonly exited: Promise<number | null>;
}

/** Starts `chongwen oracle --config file`. @param launched Through the launcher; without it the child is the service itself, which a test can kill. */
export function spawnService(config: string, options: readonly string[] = [], { launched = true } = {}): ServiceProcess {
  const launcher = launched ? [path.join(root, "tools", "run.mjs")] : [];
  const child = spawn(process.execPath, [...launcher, path.join(root, "scripts", "cli.ts"), "oracle", "--config", config, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  return {
    child,
    output: () => text,
    exited,
    says: (message, within = 40_000) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          for (const line of text.split("\n")) {
            if (!line.startsWith("{") || !line.includes(message)) continue;
            const parsed = JSON.parse(line) as Record<string, unknown>;
            if (!String(parsed["msg"]).includes(message)) continue;
            end();
            return resolve(parsed);
          }
        };
        const timer = setTimeout(() => (end(), reject(new Error(`It never said ${message}:\n${text}`))), within);
        const end = (): void => {
          clearTimeout(timer);
          listeners.delete(look);
        };
        void exited.then(() => (look(), setTimeout(() => (end(), reject(new Error(`It ended without saying ${message}:\n${text}`))), 200).unref()));
        listeners.add(look);
        look();
      }),
  };
}

/** Writes a deployment file. */
export async function writeDeployment(file: string, deployment: Deployment): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(deployment, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
  return file;
}

/** Writes a configuration that serves a test's ledger with its development accounts. */
export async function writeConfig(dir: string, deployment: string, changes: Partial<OracleConfigInput> = {}): Promise<string> {
  await mkdir(dir, { recursive: true });
  const config: OracleConfigInput = {
    format: "chongwen-oracle-config", version: 1, deployment, federations: [1],
    operators: [1, 2, 3, 4].map((index) => ({ account: `dev:${index}` })), payer: { account: "dev:9" },
    dir: path.join(dir, "state"), store: { dir: path.join(dir, "store") }, listen: { port: 0 }, monitor: { port: 0 },
    limits: { pollMilliseconds: 100, confirmations: 1, graceSeconds: 10 },
    ...changes,
  };
  const file = path.join(dir, "oracle.json");
  await writeFile(file, JSON.stringify(config));
  return file;
}
