// A real ledger on a real chain, and the indexer as its user starts it.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { chown, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, createWalletClient, http, zeroHash, type Address, type Hex } from "viem";
import { readContract, waitForTransactionReceipt } from "viem/actions";
import { hardhat } from "viem/chains";
import { fingerprint, type HistoryEntry } from "../../../frontend/src/chain/history-entry.ts";
import { type History, loadHistory } from "../../../frontend/src/chain/history-source.ts";
import { type IndexerStatus, readIndexerLogs, readIndexerStatus } from "../../../frontend/src/chain/indexer-client.ts";
import type { ChainClient } from "../../../frontend/src/chain/ledger.ts";
import { contributionTokenAbi, contributorsAbi, passkeyAccountsAbi } from "../../../protocol/abi/index.ts";
import type { Deployment } from "../../../protocol/deployment.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { startDevnet, type Devnet } from "../../../scripts/chain/devnet.ts";
import { readManifest } from "../../../scripts/chain/manifest.ts";
import { DERMATOLOGY_PATH, loadTable } from "../../../scripts/data/index.ts";
import { runFederation } from "../../../scripts/federation/run-federation.ts";
import { createSetting } from "../../../scripts/federation/setting.ts";
import { openWorkspace } from "../../../scripts/federation/workspace.ts";
import { silentProgress } from "../../../scripts/output/progress.ts";
import { createDiskStore } from "../../../scripts/store/index.ts";

export const root = path.resolve(import.meta.dirname, "..", "..", "..");
const { signal } = new AbortController();

export interface TestLedger {
  readonly dir: string;
  readonly deployment: Deployment;
  readonly client: ChainClient;
  close(): Promise<void>;
}

/** @param rounds 0: contracts, operators, hospitals, datasets and seats only, which takes seconds. */
export async function startLedger(dir: string, port: number, rounds: number, seed = 1): Promise<TestLedger> {
  const devnet: Devnet = await startDevnet(port);
  try {
    return await fillLedger(devnet, dir, rounds, seed);
  } catch (error) {
    // Left listening, it would keep the tests' process alive for ever.
    await devnet.close();
    throw error;
  }
}

async function fillLedger(devnet: Devnet, dir: string, rounds: number, seed: number): Promise<TestLedger> {
  const workspace = openWorkspace(dir);
  await mkdir(dir, { recursive: true });
  const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
  const setting = await createSetting({
    rpcUrl: devnet.url, manifest, store: createDiskStore(workspace.storeDir), table: loadTable(DERMATOLOGY_PATH), seed, progress: silentProgress,
  });
  const { deployment } = setting.kernel;
  await workspace.saveDeployment(deployment);
  if (rounds > 0) await runFederation(setting, { rounds, claimants: setting.hospitals.length, votingPeriod: manifest.kernel.governor.votingPeriod, progress: silentProgress });
  const client = createClient({ chain: hardhat, transport: http(devnet.url, { retryCount: 0 }) }) as ChainClient;
  return { dir, deployment, client, close: () => devnet.close() };
}

/** One more event, or two: somebody delegates. */
export async function delegate({ client, deployment }: TestLedger, from: number, to: Address): Promise<Hex> {
  const wallet = createWalletClient({ account: devAccount(from), chain: hardhat, transport: http(deployment.rpcUrl) });
  const hash = await wallet.writeContract({ address: deployment.contracts.token, abi: contributionTokenAbi, functionName: "delegate", args: [to] });
  await waitForTransactionReceipt(client, { hash, pollingInterval: 50 });
  return hash;
}

/** A hospital's officer takes an invitation back: the simplest thing that the contract of passkey accounts has to say. */
export async function revokeInvitation({ client, deployment }: TestLedger): Promise<Hex> {
  const officer = devAccount(30);
  const { contracts, rpcUrl } = deployment;
  const { organisation } = await readContract(client, { address: contracts.contributors, abi: contributorsAbi, functionName: "contributorOf", args: [1] });
  const wallet = createWalletClient({ account: officer, chain: hardhat, transport: http(rpcUrl) });
  const invitation = { organisation, role: 1, link: devAccount(60).address, rpIdHash: zeroHash, expiry: 1n };
  const hash = await wallet.writeContract({ address: contracts.passkeyAccounts, abi: passkeyAccountsAbi, functionName: "revokeInvitation", args: [invitation] });
  await waitForTransactionReceipt(client, { hash, pollingInterval: 50 });
  return hash;
}

export async function rpc(url: string, method: string, params: unknown[] = []): Promise<unknown> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(error.message);
  return result;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

export interface TestIndexer {
  readonly url: string;
  readonly output: () => string;
  readonly child: ChildProcess;
  status(): Promise<IndexerStatus>;
  stop(): Promise<void>;
}

export async function startIndexer(dir: string, port: number, env: Readonly<Record<string, string>> = {}, more: readonly string[] = []): Promise<TestIndexer> {
  const args = [path.join(root, "tools", "indexer.mjs"), "--dir", dir, "--port", String(port), "--log-level", "info", ...more];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, DATABASE_URL: undefined, CHONGWEN_DATABASE_URL: undefined, ...env } });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const url = `http://127.0.0.1:${port}/v1`;
  return {
    url,
    child,
    output: () => output,
    status: () => readIndexerStatus(url, signal),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Waits until the indexer says the same as the chain up to its newest block, every field of every log. */
export async function untilEqual(ledger: TestLedger, indexer: TestIndexer, seconds = 90): Promise<History> {
  let last = "it never answered";
  for (const deadline = Date.now() + seconds * 1_000; Date.now() < deadline; await sleep(100)) {
    try {
      const truth = await loadHistory({ client: ledger.client, deployment: ledger.deployment, signal });
      const status = await indexer.status();
      if (status.block < truth.through) {
        last = `it is at block ${status.block} of ${truth.through}`;
        continue;
      }
      const given = await readIndexerLogs(indexer.url, { from: 0n, to: truth.through }, signal);
      last = firstDifference(truth.entries, given);
      if (last === "") return truth;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
  }
  assert.fail(`The indexer does not agree with the chain: ${last}\n${indexer.output().slice(-3_000)}`);
}

function firstDifference(expected: readonly HistoryEntry[], given: readonly HistoryEntry[]): string {
  const [real, said] = [expected.map(fingerprint), given.map(fingerprint)];
  const at = real.findIndex((text, i) => text !== said[i]);
  if (at === -1 && real.length === said.length) return "";
  return `log ${at} of ${real.length}, ${said.length} given: ${real[at] ?? "none"} – ${said[at] ?? "none"}`;
}

export interface TestPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** Where PostgreSQL's programs lie, or undefined: `CHONGWEN_POSTGRES_BIN`, Debian's folder, or the PATH. */
export function findPostgres(): string | undefined {
  const folders = [process.env.CHONGWEN_POSTGRES_BIN, ...globSync("/usr/lib/postgresql/*/bin").toSorted().toReversed(), ...(process.env.PATH ?? "").split(path.delimiter)];
  return folders.find((folder) => folder !== undefined && existsSync(path.join(folder, "initdb")) && existsSync(path.join(folder, "postgres")));
}

/** An empty server of our own, gone afterwards. PostgreSQL refuses to run as root: then it runs as nobody. */
export async function startPostgres(bin: string): Promise<TestPostgres> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "chongwen-postgres-"));
  const nobody = 65_534;
  const as = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if (process.getuid?.() === 0) await chown(folder, nobody, nobody);
  const data = path.join(folder, "data");
  const run = (program: string, args: readonly string[]): ChildProcess => spawn(path.join(bin, program), args, { ...as, cwd: folder, stdio: "ignore" });
  const [code] = (await once(run("initdb", ["-D", data, "-A", "trust", "-U", "indexer", "-E", "UTF8", "--locale=C.UTF-8"]), "exit")) as [number];
  assert.equal(code, 0, "initdb failed");
  const port = await freePort();
  const server = run("postgres", ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
  for (let i = 0; i < 100 && (await once(run("pg_isready", ["-h", "127.0.0.1", "-p", String(port)]), "exit"))[0] !== 0; i++) await sleep(100);
  return {
    url: `postgres://indexer@127.0.0.1:${port}/postgres`,
    async stop() {
      const ended = once(server, "exit");
      server.kill("SIGINT");
      await ended;
    },
  };
}

/** Whom the indexer would have contacted. */
export async function witnessed(file: string): Promise<ReadonlySet<string>> {
  return new Set((await readFile(file, "utf8")).split("\n").filter(Boolean));
}

export function witnessing(file: string): Record<string, string> {
  return { CHONGWEN_WITNESS: file, NODE_OPTIONS: `--import=${path.join(import.meta.dirname, "witness.mjs")}` };
}

export async function emptyFile(file: string): Promise<void> {
  await writeFile(file, "");
}
