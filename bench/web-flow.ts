// The knowledge flow page at a million contributions, in a real browser: until the drawing stands, and from a reader's action until the next frame that shows
// its effect. Also the grouping alone. Best of a few runs: the machine has other work.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { contractNames, type Deployment } from "../protocol/deployment.ts";
import { bandsOf, createTable, encodeFlowIndex, everything, FLOW_INDEX, generateFlow, MAX_NODES, sumBy } from "../protocol/flow/index.ts";
import { buildDapp } from "../scripts/serve/dapp.ts";
import { startServer } from "../scripts/serve/server.ts";
import { createDiskStore } from "../scripts/store/index.ts";
import { launchBrowser } from "../test/e2e/browser.ts";
import type { Metric } from "./metric.ts";

const CONTRIBUTIONS = 1_000_000;
const RUNS = 3;

/** No chain answers there: a synthetic flow needs none. */
const NOWHERE = {
  format: "chongwen-deployment",
  version: 1,
  chainId: 1,
  rpcUrl: "http://127.0.0.1:9",
  fromBlock: 0n,
  contracts: Object.fromEntries(contractNames.map((name, i) => [name, `0x${String(i + 1).padStart(40, "0")}`])),
} as unknown as Deployment;

const EQUATION = `document.querySelector(".equation")?.textContent`;
const LOOKED = `document.querySelector(".looked path")?.getAttribute("d")`;
const FROM = `document.querySelector(".track input")`;

/** Milliseconds from an action to the frame after the page shows its effect. */
function timed(page: Page, action: string, effect: string): Promise<number> {
  return page.evaluate(
    `new Promise((resolve) => {
      const before = ${effect};
      const start = performance.now();
      const look = () => ${effect} === before ? requestAnimationFrame(look) : requestAnimationFrame(() => resolve(performance.now() - start));
      ${action};
      look();
    })`,
  );
}

const slide = (share: number): string =>
  `Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(${FROM}, Math.ceil(${FROM}.max * ${share})); ${FROM}.dispatchEvent(new Event("input", { bubbles: true }))`;

async function visit(browser: Browser, url: string) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForSelector(".plate .node");
  const drawn = await page.evaluate<number>("new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())))");
  // Tokens are divided over the contributions meanwhile, as they are while a reader looks.
  await page.waitForTimeout(1500);
  const measure = await timed(page, `document.querySelectorAll(".flow-measure input")[1].click()`, EQUATION);
  const scrub = await timed(page, slide(1 / 3), EQUATION);
  await page.waitForTimeout(300);
  const look = await timed(page, `document.querySelectorAll(".plate .node")[14].focus()`, LOOKED);
  await context.close();
  return { drawn, measure, scrub, look };
}

/** For `npm run bench -- web`. */
export async function run(): Promise<Metric[]> {
  const { index, files } = await generateFlow({ contributions: CONTRIBUTIONS, seed: 1 });
  const table = createTable(index, files);
  const { bands } = bandsOf(everything(table).rounds, MAX_NODES);
  const grouping = best(
    Array.from({ length: 8 }, () => {
      const start = performance.now();
      sumBy(table, "weight", everything(table), bands);
      return performance.now() - start;
    }),
  );
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-flow-"));
  const store = createDiskStore(dir);
  const digest = await store.putDirectory(new Map([[FLOW_INDEX, encodeFlowIndex(index)], ...files.map((bytes, i) => [index.epochs[i]?.file ?? "", bytes] as const)]));
  const server = await startServer({ dist: await buildDapp(path.dirname(import.meta.dirname)), deployment: NOWHERE, store, port: 0 });
  const browser = await launchBrowser();
  try {
    const visits: Awaited<ReturnType<typeof visit>>[] = [];
    for (let i = 0; i < RUNS; i++) visits.push(await visit(browser, `${server.url}/?flow=${digest}#/flow`));
    const of = (key: "drawn" | "measure" | "scrub" | "look"): number => best(visits.map((each) => each[key]));
    const bytes = files.reduce((sum, { length }) => sum + length, 0);
    return [
      metric("flow.group.1M", grouping, "ms", 25, "prototype: 19–23 ms"),
      metric("flow.raw.1M", bytes / 1e6, "MB", 16, "prototype: 8 MB, without settlements"),
      metric("flow.first-drawing.1M", of("drawn"), "ms", 2000, "no other ledger draws its contributions"),
      metric("flow.change-measure.1M", of("measure"), "ms", 100, "0.1 s feels instantaneous: Nielsen, 1993"),
      metric("flow.scrub-rounds.1M", of("scrub"), "ms", 100, "0.1 s feels instantaneous: Nielsen, 1993"),
      metric("flow.look-at-node.1M", of("look"), "ms", 100, "0.1 s feels instantaneous: Nielsen, 1993"),
    ];
  } finally {
    await browser.close();
    await server.close();
    await rm(dir, { recursive: true, force: true });
  }
}

const best = (values: readonly number[]): number => Math.min(...values);

function metric(name: string, value: number, unit: string, target: number, reference: string): Metric {
  return { name, value: Number(value.toFixed(1)), unit, better: "lower", target, reference };
}
