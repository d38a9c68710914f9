// How fast the cumulative tree of a million members is built.
import { buildRewardsTree, MEMBER_BYTES } from "../protocol/index.ts";
import type { Metric } from "./metric.ts";

const MEMBERS = 1_000_000;

export async function run(): Promise<Metric[]> {
  // Every member has a payee and an amount, so that no leaf is skipped.
  const table = Uint8Array.from({ length: MEMBERS * MEMBER_BYTES }, (_, i) => (i % 251) + 1);
  const domain = { chainId: 31_337, vault: "0x5FbDB2315678afecb367f032d93F642f64180aa3", federation: 1 } as const;
  const start = performance.now();
  await buildRewardsTree(domain, table);
  const seconds = (performance.now() - start) / 1000;
  return [
    { name: "rewards-tree.1M", value: Number(seconds.toFixed(3)), unit: "s", better: "lower", target: 5, reference: "@openzeppelin/merkle-tree: 157 s" },
  ];
}
