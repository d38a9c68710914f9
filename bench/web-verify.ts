// The verify page: what it costs to open, whom it contacts, and how long it takes to recompute a round of a local product.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { World } from "../test/browser/world.ts";
import type { Metric } from "./metric.ts";

const RUNS = 3;
const DIST = path.resolve(import.meta.dirname, "..", "frontend", "dist");

async function gzipped(file: string): Promise<number> {
  return gzipSync(await readFile(file), { level: 9 }).length;
}

/** Bytes of the page, of its worker, and of the single file, gzipped. The worker is fetched with the first question. */
async function sizes(dist: string): Promise<{ page: number; worker: number; file: number }> {
  const folder = path.join(dist, "verify", "assets");
  const names = await readdir(folder);
  const html = await readFile(path.join(dist, "verify", "index.html"), "utf8");
  const sums = { page: await gzipped(path.join(dist, "verify", "index.html")), worker: 0, file: await gzipped(path.join(dist, "chongwen-verify.html")) };
  for (const name of names) sums[html.includes(name) ? "page" : "worker"] += await gzipped(path.join(folder, name));
  return sums;
}

/** One round from a deep link in a fresh context: milliseconds until the ladder stands, and hosts besides the page's and the chain's. */
async function verifyOnce(world: World): Promise<{ milliseconds: number; external: number }> {
  const visit = await world.visit();
  const started = performance.now();
  await visit.page.goto(new URL("verify/round/1", world.base()).href);
  await visit.page.locator('[data-verdict="verified"]').waitFor({ timeout: 60_000 });
  const milliseconds = performance.now() - started;
  await visit.close();
  const known = new Set([world.base(), world.deployment().rpcUrl].map((url) => new URL(url).host));
  return { milliseconds, external: [...visit.hosts].filter((host) => !known.has(host)).length };
}

export async function measureVerify(world: World): Promise<Metric[]> {
  const { page, worker, file } = await sizes(DIST);
  const runs = [];
  for (let i = 0; i < RUNS; i++) runs.push(await verifyOnce(world));
  const fastest = Math.min(...runs.map(({ milliseconds }) => milliseconds));
  const kilobytes = (bytes: number): number => Math.round(bytes / 100) / 10;
  return [
    { name: "verify page, first load, gzipped", value: kilobytes(page), unit: "kB", better: "lower", target: 80, reference: "the dapp's own budget is 250 kB" },
    { name: "verify page and worker, gzipped", value: kilobytes(page + worker), unit: "kB", better: "lower", target: 160, reference: "fetched with the first question" },
    { name: "verify page as one file, gzipped", value: kilobytes(file), unit: "kB", better: "lower", target: 160, reference: "works offline" },
    { name: "verify page, external hosts contacted", value: Math.max(...runs.map(({ external }) => external)), unit: "hosts", better: "lower", target: 0, reference: "wallet-kit stacks contact several" },
    { name: "verify a round from a deep link", value: Math.round(fastest), unit: "ms", better: "lower", target: 3000, reference: "cold: page, worker, chain, artefacts, recomputation" },
  ];
}
