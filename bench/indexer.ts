// What an indexer costs, and what it gains: from an empty folder to its first answer, events a second, how soon a new event is there, memory.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { delegate, freePort, root, rpc, startIndexer, startLedger, untilEqual, type TestIndexer, type TestLedger } from "../test/indexer/ponder/harness.ts";
import type { Metric } from "./metric.ts";

/** Delegations mined in blocks of a hundred: events enough that reading them, not starting, is measured. */
const BLOCKS = 40;
const PER_BLOCK = 100;
const LATENCIES = 9;

export async function run(): Promise<Metric[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "indexer-bench-"));
  // Installing is not measured: it depends on the registry.
  spawnSync(process.execPath, [path.join(root, "tools", "indexer.mjs"), "install"], { stdio: "ignore" });
  const ledger = await startLedger(path.join(folder, "ws"), await freePort(), 0);
  const indexers: TestIndexer[] = [];
  const start = async (name: string): Promise<TestIndexer> => {
    const indexer = await startIndexer(ledger.dir, await freePort(), {}, ["--data", path.join(folder, name)]);
    indexers.push(indexer);
    return indexer;
  };
  try {
    const cold = await timed(async () => untilEqual(ledger, await start("cold")));
    await indexers[0]?.stop();
    await mineEvents(ledger);
    const warm = await start("long");
    const events = await backfillRate(ledger, warm);
    const latency = await liveLatency(ledger, warm);
    return [
      { name: "indexer, cold start with a small ledger", value: round(cold), unit: "s", better: "lower", target: 22, reference: "Ponder 0.16.10 here: 10–22 s" },
      { name: "indexer, past read", value: Math.round(events), unit: "events/s", better: "higher", target: 2_100, reference: "Ponder 0.16.10, one contract: 2,100" },
      { name: "indexer, a new event is there after", value: round(latency), unit: "s", better: "lower", target: 0.2, reference: "Ponder 0.16.10 here: 0.2 s" },
      { name: "indexer, memory", value: memoryOf(warm), unit: "MB", better: "lower", target: 690, reference: "Ponder 0.16.10 here: 690 MB" },
    ];
  } finally {
    for (const indexer of indexers) await indexer.stop();
    await ledger.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function mineEvents(ledger: TestLedger): Promise<void> {
  const { rpcUrl, contracts } = ledger.deployment;
  const accounts = (await rpc(rpcUrl, "eth_accounts")) as string[];
  await rpc(rpcUrl, "evm_setAutomine", [false]);
  for (let block = 0; block < BLOCKS; block++) {
    for (let i = 0; i < PER_BLOCK; i++) {
      const to = (block * PER_BLOCK + i + 1).toString(16).padStart(64, "0");
      await rpc(rpcUrl, "eth_sendTransaction", [{ from: accounts[i % accounts.length], to: contracts.token, data: `0x5c19a95c${to}`, gas: "0x30000" }]);
    }
    await rpc(rpcUrl, "evm_mine");
  }
  await rpc(rpcUrl, "evm_setAutomine", [true]);
}

/** Between the message that reading begins and the one that it is done: starting up is in the other figure. */
async function backfillRate(ledger: TestLedger, indexer: TestIndexer): Promise<number> {
  await untilEqual(ledger, indexer, 180);
  const count = [...indexer.output().matchAll(/"msg":"Indexed block range".*?"event_count":(\d+)/g)].reduce((sum, [, events]) => sum + Number(events), 0);
  const [, ms] = /"msg":"Completed backfill indexing across all chains","duration":([\d.]+)/.exec(indexer.output()) ?? [];
  return ms === undefined ? 0 : (count / Number(ms)) * 1_000;
}

async function liveLatency(ledger: TestLedger, indexer: TestIndexer): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i < LATENCIES; i++) {
    const hash = await delegate(ledger, 40 + i, ledger.deployment.contracts.rounds);
    seconds.push(
      await timed(async () => {
        for (;;) {
          const { hits } = (await (await fetch(`${indexer.url}/search?q=${hash}`)).json()) as { hits: unknown[] };
          if (hits.length > 0) return;
          await sleep(5);
        }
      }),
    );
    await sleep(300);
  }
  return seconds.toSorted((a, b) => a - b)[Math.floor(LATENCIES / 2)] ?? 0;
}

/** Resident, of Ponder and of what watches it; 0 where the system does not say. */
function memoryOf({ child }: TestIndexer): number {
  const pids = [child.pid ?? 0];
  for (const pid of pids) {
    const children = `/proc/${pid}/task/${pid}/children`;
    if (existsSync(children)) pids.push(...readFileSync(children, "utf8").trim().split(" ").filter(Boolean).map(Number));
  }
  const kilobytes = pids.map((pid) => Number(/VmRSS:\s+(\d+)/.exec(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "")?.[1] ?? 0));
  return Math.round(kilobytes.reduce((sum, value) => sum + value, 0) / 1_024);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
