// The verify page: what it costs to open, whom it contacts, and how long it takes to recompute a round of a local product.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import type { Metric } from "./metric.ts";

/** @param base Where a product is served. @param dist Folder of the built pages. @param browser Left open. */
export interface VerifyBench {
  readonly base: string;
  readonly dist: string;
  readonly browser: Browser;
}

const RUNS = 3;

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
async function verifyOnce(browser: Browser, base: string, known: ReadonlySet<string>): Promise<{ milliseconds: number; external: number }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const hosts = new Set<string>();
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http") && !known.has(host)) hosts.add(host);
  });
  const started = performance.now();
  await page.goto(new URL("verify/round/1", base).href);
  await page.locator('[data-verdict="verified"]').waitFor({ timeout: 60_000 });
  const milliseconds = performance.now() - started;
  await context.close();
  return { milliseconds, external: hosts.size };
}

export async function measureVerify({ base, dist, browser }: VerifyBench): Promise<Metric[]> {
  const { rpcUrl } = (await (await fetch(new URL("deployment.json", base))).json()) as { rpcUrl: string };
  const known = new Set([base, rpcUrl].map((url) => new URL(url).host));
  const { page, worker, file } = await sizes(dist);
  const runs = [];
  for (let i = 0; i < RUNS; i++) runs.push(await verifyOnce(browser, base, known));
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
