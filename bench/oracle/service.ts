/** The service as people run it, `chongwen oracle --config`: a process, which can be killed and started again. All four operators are in it, so that what is measured is one service. */
import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { writeFile } from "node:fs/promises";
import { TOKEN, type OracleWorld } from "../../test/scripts/oracle/support.ts";
import { writeConfig, writeDeployment } from "../../test/scripts/oracle/service/process.ts";
import type { OracleConfigInput } from "../../scripts/oracle/service/config.ts";

const CLI = path.resolve(import.meta.dirname, "..", "..", "scripts", "cli.ts");

/** What deploy/oracle/chongwen-oracle.service and the container file give it. */
const AS_DEPLOYED = "--max-semi-space-size=16";

export interface Running {
  readonly url: string;
  readonly monitor: string;
  /** SIGKILL: it finishes nothing. */
  kill(): Promise<void>;
}

/** @returns The configuration's file. */
export async function configure({ world }: OracleWorld, changes: Partial<OracleConfigInput>): Promise<string> {
  const tokenFile = path.join(world.dir, "token");
  await writeFile(tokenFile, TOKEN, { mode: 0o600 });
  const deployment = await writeDeployment(path.join(world.dir, "deployment.json"), world.kernel.deployment);
  return writeConfig(path.join(world.dir, "service"), deployment, { tokenFile, store: { dir: world.storeDir }, ...changes });
}

/** @returns Once it answers on /ready that it is. */
export async function start(config: string): Promise<Running> {
  const child = spawn(process.execPath, [CLI, "oracle", "--config", config], { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, NODE_OPTIONS: AS_DEPLOYED } });
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  const { url, monitor } = await serving(child, ended);
  while (!(await fetch(`${monitor}/ready`).then(({ ok }) => ok, () => false))) await sleep(10);
  return {
    url, monitor,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function serving({ stderr }: ChildProcess, ended: Promise<void>): Promise<{ readonly url: string; readonly monitor: string }> {
  if (stderr === null) throw new Error("The service's log cannot be read.");
  let last = "";
  return new Promise((resolve, reject) => {
    createInterface(stderr).on("line", (line) => {
      last = line;
      if (!line.includes('"serving"')) return;
      const { url, monitor } = JSON.parse(line) as { readonly url: string; readonly monitor: string };
      resolve({ url, monitor });
    });
    void ended.then(() => reject(new Error(`The service ended: ${last}`)));
  });
}
