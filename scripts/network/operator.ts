/** One operator: `chongwen oracle --config` in a process of its own, with a folder, a key, a store and a purse of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Address } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import type { OracleConfigInput } from "../oracle/service/config.ts";

export interface OperatorProcess {
  /** From 1, as on the command line. */
  readonly number: number;
  readonly address: Address;
  /** Null while it is down. */
  url(): string | null;
  start(): Promise<void>;
  /** SIGKILL: it finishes nothing. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface OperatorParameters {
  readonly number: number;
  readonly address: Address;
  /** Its own folder. */
  readonly dir: string;
  readonly deployment: string;
  readonly federation: number;
  /** A store with the genesis, of which it gets a copy. */
  readonly genesis: string;
  readonly tokenFile: string;
  readonly others: readonly { readonly address: Address; readonly url: string }[];
  readonly warn: (line: string) => void;
}

const CLI = path.resolve(import.meta.dirname, "..", "cli.ts");
const START_WITHIN = 90_000;

export async function createOperator({ number, address, dir, deployment, federation, genesis, tokenFile, others, warn }: OperatorParameters): Promise<OperatorProcess> {
  await mkdir(dir, { recursive: true });
  await cp(genesis, path.join(dir, "store"), { recursive: true });
  const config: OracleConfigInput = {
    format: "chongwen-oracle-config", version: 1, comment: `Operator ${number} of the local network.`, deployment, federations: [federation], tokenFile,
    operators: [{ account: `dev:${number}` }], peers: { others: [...others], turnSeconds: 3, withinSeconds: 20, lookSeconds: 1 },
    dir: path.join(dir, "oracle"), store: { dir: path.join(dir, "store") }, listen: { port: 0 }, monitor: { port: 0 },
    limits: { pollMilliseconds: 250, confirmations: 2, graceSeconds: 5 },
  };
  const file = path.join(dir, "oracle.json");
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`);
  let child: ChildProcess | null = null;
  let url: string | null = null;
  let ended: Promise<void> = Promise.resolve();

  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const dying = child;
    url = null;
    dying?.kill(signal);
    const late = setTimeout(() => dying?.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(late);
  }

  return {
    number, address,
    url: () => url,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    async start() {
      // Not in our process group: Ctrl-C is told to each by us, once.
      const born = spawn(process.execPath, [CLI, "oracle", "--config", file], { stdio: ["ignore", "ignore", "pipe"], detached: process.platform !== "win32" });
      child = born;
      ended = new Promise((resolve) => born.on("exit", () => {
        if (child === born) [child, url] = [null, null];
        resolve();
      }));
      let last = "";
      const serving = new Promise<string>((resolve) => {
        createInterface(born.stderr).on("line", (line) => {
          last = line;
          const said = parse(line);
          if (said.level === "warn" || said.level === "error") warn(`operator ${number}: ${said.msg ?? ""}`);
          if (said.msg === "serving" && said.url !== undefined) resolve(said.url);
        });
      });
      const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), START_WITHIN).unref());
      const found = await Promise.race([serving, ended.then(() => null), late]);
      if (found === null) throw new ChongwenError({ code: "operator-not-up", message: `Operator ${number} does not start: ${last}`, fix: `Look at ${file}, and start it by itself with \`npx chongwen oracle --config ${file}\`.` });
      url = found;
    },
  };
}

interface Line {
  readonly level?: string;
  readonly msg?: string;
  readonly url?: string;
}

function parse(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return {};
  }
}
