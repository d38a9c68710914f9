// A thousand small rounds to finality through one service: what it has in memory and on disk after each power of ten, and whether the last rounds take longer than the first.
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { handOver, startOracleWorld } from "../../test/scripts/oracle/support.ts";
import type { Metric } from "../metric.ts";
import { rounded, roundsOf, smallRounds } from "./ledger.ts";
import { configure, start } from "./service.ts";

const MARKS = [10, 100, 1_000];
/** Rounds that are handed over and not reported, at most. */
const AHEAD = 16;
const PATIENCE = 120_000;

interface Look {
  readonly rounds: number;
  /** Megabytes. */
  readonly resident: number;
  readonly heap: number;
  readonly disk: number;
  /** Milliseconds since the first round. */
  readonly at: number;
}

/** @param marks Rounds after which to look; the last one is where it ends. */
export async function run(marks: readonly number[] = MARKS): Promise<Metric[]> {
  const last = Math.max(...marks);
  const there = await startOracleWorld(await smallRounds(100));
  let service: Awaited<ReturnType<typeof start>> | null = null;
  try {
    const config = await configure(there, { limits: { pollMilliseconds: 50, confirmations: 2, graceSeconds: 5 } });
    const running = (service = await start(config));
    const next = await roundsOf(there);
    const began = performance.now();
    const times: number[] = [];
    const looks: Look[] = [];
    let [handed, reported] = [0, 0];
    for (let until = Date.now() + PATIENCE; reported < last; ) {
      while (handed < Math.min(last, reported + AHEAD)) {
        const answer = await handOver(running.url, await next());
        if (answer.status !== 202) throw new Error(`${answer.status} ${answer.message}`);
        handed++;
      }
      while (reported < handed && ["Reported", "Final"].includes((await there.world.state(reported + 1)).name)) {
        times[++reported] = performance.now() - began;
        until = Date.now() + PATIENCE;
        if (reported < last && marks.includes(reported)) looks.push(await look(running.monitor, path.dirname(config), reported, began));
      }
      if (Date.now() > until) throw new Error(`Round ${reported + 1} was not reported in ${PATIENCE / 1000} s.`);
      await sleep(10);
    }
    for (const until = Date.now() + PATIENCE; (await there.world.state(last)).name !== "Final"; await sleep(200)) {
      if (Date.now() > until) throw new Error(`Round ${last} was not final in ${PATIENCE / 1000} s.`);
    }
    looks.push(await look(running.monitor, path.dirname(config), last, began));
    return metricsOf(looks, times);
  } finally {
    await service?.kill();
    await there.close();
  }
}

function metricsOf(looks: readonly Look[], times: readonly number[]): Metric[] {
  const end = looks.at(-1);
  const early = looks.at(-2);
  if (end === undefined || early === undefined) throw new Error("Nothing was measured.");
  const tenth = Math.floor(end.rounds / 10);
  const span = (from: number, to: number): number => ((times[to] ?? 0) - (times[from] ?? 0)) / (to - from);
  const [first, final] = [span(tenth, 2 * tenth), span(end.rounds - tenth, end.rounds)];
  const all = (what: "resident" | "heap" | "disk"): string => looks.map((one) => `${one[what]} after ${one.rounds}`).join(", ");
  const name = (what: string) => `oracle.rounds${end.rounds}.${what}`;
  return [
    { name: name("resident"), value: end.resident, unit: "MB", better: "lower", target: 512, reference: `half of a machine with 1 GB: ${all("resident")}` },
    { name: name("heap"), value: end.heap, unit: "MB", better: "lower", target: 128, reference: `with garbage in it: ${all("heap")}` },
    { name: name("journals"), value: end.disk, unit: "MB", better: "lower", target: 32, reference: `journal and outbox on disk: ${all("disk")}` },
    { name: name("slower"), value: rounded(final / first), unit: "×", better: "lower", target: 1.5, reference: `a round takes ${Math.round(final)} ms at the end, ${Math.round(first)} ms after the first ${tenth}: nothing may grow with what was recorded` },
  ];
}

async function look(monitor: string, dir: string, rounds: number, began: number): Promise<Look> {
  const text = await (await fetch(`${monitor}/metrics`)).text();
  const gauge = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN) / 1e6;
  const found = { rounds, resident: Math.round(gauge("process_resident_memory_bytes")), heap: Math.round(gauge("nodejs_heap_size_used_bytes")), disk: rounded((await databases(dir)) / 1e6, 1), at: performance.now() - began };
  console.error(`${rounds} rounds: ${JSON.stringify(found)}`);
  return found;
}

/** Bytes of the SQLite files under a folder. */
async function databases(dir: string): Promise<number> {
  const files = (await readdir(dir, { recursive: true })).filter((file) => /\.sqlite(-wal)?$/.test(file));
  const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(dir, file)).catch(() => null))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}
