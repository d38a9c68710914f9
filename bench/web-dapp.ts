// The dapp's first visit, as a phone on a slow network would have it: what arrives, from whom, and how soon something can be read.
import { gzipSync } from "node:zlib";
import type { CDPSession, Page } from "playwright-core";
import { openWorld } from "../test/browser/world.ts";
import type { World } from "../test/browser/world.ts";
import type { Metric } from "./metric.ts";
import { measureVerify } from "./web-verify.ts";

/** Lighthouse's mobile profile: 1.6 Mbit/s, 150 ms, a processor four times slower. */
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 };
const SLOWER_CPU = 4;

export async function run(): Promise<Metric[]> {
  const world = await openWorld();
  try {
    return [...(await firstLoad(world)), ...(await timings(world, "desktop", {})), ...(await timings(world, "phone", { network: SLOW_4G, cpu: SLOWER_CPU })), ...(await measureVerify(world))];
  } finally {
    await world.close();
  }
}

async function firstLoad(world: World): Promise<Metric[]> {
  const visit = await world.visit();
  const bodies: Promise<Buffer>[] = [];
  visit.page.on("response", (response) => {
    const { origin, pathname } = new URL(response.url());
    if (origin === new URL(world.base()).origin && /(\/|\.html|\.js|\.css)$/.test(pathname)) bodies.push(response.body());
  });
  await visit.open("");
  await visit.page.locator("main h1").waitFor();
  await visit.page.waitForLoadState("networkidle").catch(() => undefined);
  const gzipped = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0);
  const { rpcUrl, services = {} } = world.deployment();
  const own = new Set([world.base(), rpcUrl, ...Object.values(services)].filter((url) => url !== undefined).map((url) => new URL(url).host));
  const strangers = [...visit.hosts].filter((host) => !own.has(host)).length;
  await visit.close();
  return [
    { name: "dapp, first load", value: Number((gzipped / 1000).toFixed(1)), unit: "kB gz", better: "lower", target: 250, reference: "wallet-kit stacks above 500 kB" },
    { name: "dapp, external hosts contacted", value: strangers, unit: "hosts", better: "lower", target: 0, reference: "RainbowKit with its defaults: 3 and more" },
  ];
}

interface Conditions {
  readonly network?: typeof SLOW_4G;
  readonly cpu?: number;
}

interface Vitals {
  readonly firstPaint: number;
  readonly largestPaint: number;
  readonly shift: number;
  readonly blocked: number;
}

async function timings(world: World, name: string, { network, cpu }: Conditions): Promise<Metric[]> {
  const visit = await world.visit();
  const session = await visit.page.context().newCDPSession(visit.page);
  await slowDown(session, network, cpu);
  await visit.page.addInitScript(observe);
  await visit.open("");
  await visit.page.locator("main h1").waitFor({ timeout: 60_000 });
  await visit.page.waitForTimeout(2000);
  const vitals = await readVitals(visit.page);
  await visit.close();
  const slow = network !== undefined;
  const reference = slow ? "Lighthouse, mobile profile: good is" : "Lighthouse, desktop profile: good is";
  return [
    { name: `${name}: first contentful paint`, value: Math.round(vitals.firstPaint), unit: "ms", better: "lower", target: slow ? 1800 : 934, reference: `${reference} ${slow ? 1800 : 934} ms` },
    { name: `${name}: largest contentful paint`, value: Math.round(vitals.largestPaint), unit: "ms", better: "lower", target: slow ? 2500 : 1200, reference: `${reference} ${slow ? 2500 : 1200} ms` },
    { name: `${name}: total blocking time`, value: Math.round(vitals.blocked), unit: "ms", better: "lower", target: slow ? 200 : 150, reference: `${reference} ${slow ? 200 : 150} ms` },
    { name: `${name}: cumulative layout shift`, value: Number(vitals.shift.toFixed(3)), unit: "", better: "lower", target: 0.1, reference: "Core Web Vitals: good is 0.1" },
  ];
}

async function slowDown(session: CDPSession, network: Conditions["network"], cpu: number | undefined): Promise<void> {
  if (network !== undefined) {
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", network);
  }
  if (cpu !== undefined) await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
}

/** Runs in the page, as it stands: what the browser itself says of a visit. A task longer than 50 ms blocks for what is beyond them. */
const observe = `
  const vitals = { firstPaint: 0, largestPaint: 0, shift: 0, blocked: 0 };
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("paint", ({ name, startTime }) => { if (name === "first-contentful-paint") vitals.firstPaint = startTime; });
  watch("largest-contentful-paint", ({ startTime }) => { vitals.largestPaint = startTime; });
  watch("layout-shift", ({ hadRecentInput, value }) => { if (!hadRecentInput) vitals.shift += value; });
  watch("longtask", ({ duration }) => { vitals.blocked += duration - 50; });
  globalThis.chongwenVitals = vitals;
`;

function readVitals(page: Page): Promise<Vitals> {
  return page.evaluate("globalThis.chongwenVitals");
}
