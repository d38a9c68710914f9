// A real Kubo node of a test's own: offline, in a folder of its own, on free ports.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

export interface KuboNode {
  readonly url: string;
  readonly repo: string;
  /** Without a word to it. */
  kill(): Promise<void>;
  /** On the same folder; the address is another one. */
  restart(): Promise<KuboNode>;
  /** One question to its RPC; the answer as text. */
  ask(method: string, parameters?: Readonly<Record<string, string>>): Promise<string>;
}

const run = promisify(execFile);

export async function startKubo(binary: string, repo: string): Promise<KuboNode> {
  const env = { ...process.env, IPFS_PATH: repo };
  await run(binary, ["init", "--profile=test"], { env });
  for (const [key, value] of [["Addresses.API", "/ip4/127.0.0.1/tcp/0"], ["Addresses.Gateway", ""]] as const) await run(binary, ["config", key, value], { env });
  return open(binary, repo);
}

async function open(binary: string, repo: string): Promise<KuboNode> {
  const api = path.join(repo, "api");
  await rm(api, { force: true });
  await rm(path.join(repo, "repo.lock"), { force: true });
  const child: ChildProcess = spawn(binary, ["daemon", "--offline"], { env: { ...process.env, IPFS_PATH: repo }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: Buffer) => (said += text.toString()));
  const exited = once(child, "exit");
  for (let i = 0; !said.includes("Daemon is ready"); i++) {
    if (child.exitCode !== null || i > 600) throw new Error(`Kubo did not start: ${said}`);
    await sleep(100);
  }
  const port = /\/tcp\/(\d+)/.exec(await readFile(api, "utf8"))?.[1] ?? "";
  const url = `http://127.0.0.1:${port}`;
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  return {
    url, repo, kill,
    async restart() {
      await kill();
      return open(binary, repo);
    },
    async ask(method, parameters = {}) {
      const answer = await fetch(`${url}/api/v0/${method}?${new URLSearchParams(parameters).toString()}`, { method: "POST" });
      return answer.text();
    },
  };
}
