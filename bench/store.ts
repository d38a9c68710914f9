import { randomFillSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createDiskStore, createKuboStore, digestOf, FILE_NAME, type ArtefactStore } from "../scripts/store/index.ts";
import type { Metric } from "./metric.ts";

const MB = 1e6;
const MODEL_BYTES = 50 * MB;
const CONTRIBUTORS = 64;
const UPDATE_BYTES = 2 * MB;
const REPEATS = 5;

/** How fast the artefact store adds, reads and verifies: a model of 50 MB, and a bundle of 64 updates of 1M parameters. */
export async function run(): Promise<Metric[]> {
  const dir = await mkdtemp(join(tmpdir(), "store-bench-"));
  try {
    const metrics = [await hashing(), ...(await model("disk", createDiskStore(dir))), await bundle(createDiskStore(dir))];
    const url = process.env["CHONGWEN_KUBO_URL"];
    if (url !== undefined && url !== "") metrics.push(...(await model("Kubo", createKuboStore({ url, offline: true }))));
    return metrics;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function hashing(): Promise<Metric> {
  const speeds = await repeat(async () => {
    const put = new Map([[FILE_NAME, random(MODEL_BYTES)]]);
    return speed(MODEL_BYTES, () => digestOf(put));
  });
  return rate("digest of 50 MB, nothing stored", speeds, 500, "512 MB/s: ipfs-unixfs-importer 17.1.1 into memory");
}

async function model(name: string, store: ArtefactStore): Promise<Metric[]> {
  const adds: number[] = [];
  const reads: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const bytes = random(MODEL_BYTES);
    const started = performance.now();
    const digest = await store.putFile(bytes);
    adds.push(perSecond(MODEL_BYTES, started));
    reads.push(await speed(MODEL_BYTES, async () => (await store.open(digest)).read(FILE_NAME)));
  }
  return [
    rate(`add 50 MB, ${name}, flushed`, adds, name === "disk" ? 250 : 100, "512 MB/s: ipfs-unixfs-importer 17.1.1 into memory"),
    rate(`read 50 MB, ${name}, every block hashed`, reads, name === "disk" ? 250 : 100, "82 MB/s: @helia/unixfs 8.0.5, not hashed"),
  ];
}

async function bundle(store: ArtefactStore): Promise<Metric> {
  const files = new Map(Array.from({ length: CONTRIBUTORS }, (_, i) => [`updates/${i}.bin`, random(UPDATE_BYTES)]));
  const digest = await store.putDirectory(files);
  const times = await repeat(async () => {
    const started = performance.now();
    const { ok } = await store.verifyAll(digest);
    if (!ok) throw new Error("the bundle is damaged");
    return (performance.now() - started) / 1000;
  });
  return {
    name: "verify a bundle of 64 updates of 1M parameters, disk",
    value: round(median(times)),
    unit: "s",
    better: "lower",
    target: 0.6,
    reference: "a third of the 2 s that the design gives a whole audit",
  };
}

async function repeat(once: () => Promise<number>): Promise<number[]> {
  const values = [];
  for (let i = 0; i < REPEATS; i++) values.push(await once());
  return values;
}

async function speed(bytes: number, step: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await step();
  return perSecond(bytes, started);
}

function perSecond(bytes: number, started: number): number {
  return bytes / MB / ((performance.now() - started) / 1000);
}

function rate(name: string, speeds: number[], target: number, reference: string): Metric {
  return { name, value: round(median(speeds)), unit: "MB/s", better: "higher", target, reference };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

function random(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 65_536) randomFillSync(bytes, i, Math.min(65_536, length - i));
  return bytes;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(JSON.stringify(await run(), undefined, 2));
