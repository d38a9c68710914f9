// What it takes to recompute a large bundle that was handed over, and what everybody else waits meanwhile. It runs in a process of its own, so that its memory can be told.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CONTRIBUTORS } from "../large-round.ts";
import type { Metric } from "../metric.ts";
import type { Judged } from "./judge-process.ts";

async function judged(rule: string): Promise<Judged> {
  const child = fork(fileURLToPath(new URL("judge-process.ts", import.meta.url)), [rule], { execArgv: ["--expose-gc"] });
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as Judged)).once("error", reject).once("exit", (code) => reject(new Error(`The process ended with ${code}.`)));
  });
}

export async function run(): Promise<Metric[]> {
  const metrics: Metric[] = [];
  for (const rule of ["fedavg", "median"]) {
    const { seconds, peak, waited } = await judged(rule);
    const name = (what: string) => `oracle.judge.${CONTRIBUTORS}x1M.${rule}.${what}`;
    metrics.push(
      { name: name("time"), value: Number(seconds.toFixed(2)), unit: "s", better: "lower", target: rule === "fedavg" ? 4 : 8, reference: "128 MB of updates" },
      { name: name("memory"), value: Math.round(peak / 1e6), unit: "MB", better: "lower", target: 200, reference: "beyond what it had before; with every update in memory at once it would be 128 more" },
      { name: name("loop.p99"), value: Number(waited.toFixed(1)), unit: "ms", better: "lower", target: 100, reference: "what another request waits meanwhile" },
    );
  }
  return metrics;
}
