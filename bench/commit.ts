// How fast 25 million parameters (50 MB of int16) are committed to, and how fast 64 updates of a million parameters are aggregated.
import hashtree from "@chainsafe/hashtree";

import { aggregate, commitUpdate, RULES, updateRoot, wasmHashPairs } from "../protocol/index.ts";
import type { HashPairs } from "../protocol/index.ts";
import type { Metric } from "./metric.ts";

const PARAMETERS = 25_000_000;
const RUNS = 3;

/** Best of a few runs, in seconds: the machine has other work, and the best is what the code can do. */
function best(step: () => void): number {
  let fastest = Infinity;
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    step();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest / 1000;
}

function lanes(count: number, seed: number): Int16Array {
  return Int16Array.from({ length: count }, (_, i) => Math.imul(i + seed, 2_654_435_761) >> 16);
}

function second(name: string, value: number, target: number, reference: string): Metric {
  return { name, value: Number(value.toFixed(3)), unit: "s", better: "lower", target, reference };
}

export async function run(): Promise<Metric[]> {
  const native: HashPairs = hashtree.hashInto;
  const update = lanes(PARAMETERS, 1);
  const commit = [
    second("commit.root.native", best(() => updateRoot(update, native)), 0.3, "@chainsafe/ssz on its own tree: 3.4 s"),
    second("commit.root.wasm", best(() => updateRoot(update, wasmHashPairs)), 1.2, "@chainsafe/ssz on its own tree: 3.4 s"),
    second("commit.root-and-norm.native", best(() => commitUpdate(update, native)), 0.5, "no other project commits to norms"),
  ];
  const updates = Array.from({ length: 64 }, (_, seed) => lanes(1_000_000, seed));
  const weights = updates.map((_, i) => 1 + i * 30);
  const base = new Int32Array(1_000_000);
  return [
    ...commit,
    second("aggregate.fedavg.64x1M", best(() => aggregate(RULES.fedavg, 0n, base, updates, weights)), 0.4, "prototype: 0.165 s"),
  ];
}
