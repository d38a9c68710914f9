// A store with artefacts that are kept and ones that are not, and a plan that says which.
import { readdir, utimes } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { contractNames, deploymentSchema } from "../../../protocol/deployment.ts";
import { createDiskStore, type Digest } from "../../../scripts/store/index.ts";
import { collectDisk, type Collected } from "../../../scripts/store/retention/collect.ts";
import type { RetentionPlan } from "../../../scripts/store/retention/plan.ts";
import { retentionSchema, type RetentionPolicy } from "../../../scripts/store/retention/policy.ts";
import { blockFiles, noise, temporaryDir } from "./fixtures.ts";

export const deploymentAt = (rounds: string) =>
  deploymentSchema.parse({ format: "chongwen-deployment", version: 1, chainId: 31_337, rpcUrl: "http://127.0.0.1:8545", fromBlock: "0", contracts: { ...Object.fromEntries(contractNames.map((name) => [name, `0x${"11".repeat(20)}`])), rounds } });
export const deployment = deploymentAt(`0x${"11".repeat(20)}`);

export const POLICY = retentionSchema.parse({});
export const seconds = (): number => Math.floor(Date.now() / 1000);

/** Files of a bundle: a model of several blocks, a file that all bundles share, and one of its own. */
export const bundle = (seed: number): Map<string, Uint8Array> => new Map([["model.bin", noise(2_200_000, 10 * seed + 1)], ["labels.bin", noise(5_000, 7_777)], [`updates/${seed}.bin`, noise(3_000, 10 * seed + 3)]]);

export const planOf = (kept: readonly Digest[], ended: readonly Digest[] = []): RetentionPlan => ({
  kept: new Map(kept.map((digest) => [digest, [{ kind: "round", why: "a test", until: null }]])),
  ended: new Map(ended.map((digest) => [digest, [{ kind: "round", why: "a test that is over", until: 0 }]])),
  named: new Set([...kept, ...ended]),
  erasures: [],
});

/** Makes every block as old as a sweep asks for. */
export async function age(dir: string, days = 8): Promise<void> {
  const then = new Date(Date.now() - days * 86_400_000);
  for (const file of await blockFiles(dir)) await utimes(file, then, then);
}

export const collect = (dir: string, plan: RetentionPlan, changed: Partial<RetentionPolicy> = {}, more: { readonly dryRun?: boolean; readonly despiteDamage?: boolean; readonly acceptForgotten?: boolean; readonly reached?: (point: string) => void } = {}): Promise<Collected> =>
  collectDisk({ deployment, plan, policy: { ...POLICY, ...changed }, dir: path.join(dir, "store"), stateDir: path.join(dir, "retention"), now: seconds(), dryRun: false, ...more });

export async function isWhole(dir: string, digest: Digest): Promise<boolean> {
  return (await createDiskStore(path.join(dir, "store")).verifyAll(digest)).ok;
}

export interface Stored {
  readonly dir: string;
  readonly store: string;
  readonly kept: Digest;
  readonly gone: Digest;
}

/** Two old bundles. */
export async function stored(t: Pick<TestContext, "after">): Promise<Stored> {
  const dir = await temporaryDir(t);
  const store = path.join(dir, "store");
  const disk = createDiskStore(store);
  const [kept, gone] = [await disk.putDirectory(bundle(1)), await disk.putDirectory(bundle(2))];
  await age(store);
  return { dir, store, kept, gone };
}

export const quarantined = async (store: string): Promise<number> => (await readdir(path.join(store, ".quarantine")).catch(() => [])).length;

export async function ageQuarantine(store: string, days: number): Promise<void> {
  const then = new Date(Date.now() - days * 86_400_000);
  for (const name of await readdir(path.join(store, ".quarantine"))) await utimes(path.join(store, ".quarantine", name), then, then);
}

/** A process that collects, and dies without a word at the point it is told, the n-th time it comes there. */
if (import.meta.main) {
  const [dir = "", kept = "", quarantineDays = "30", deadly = "", time = "1"] = process.argv.slice(2);
  let times = Number(time);
  const reached = (point: string): void => {
    if (point === deadly && --times === 0) process.kill(process.pid, "SIGKILL");
  };
  await collect(dir, planOf(kept.split(",") as Digest[]), { quarantineDays: Number(quarantineDays) }, { reached });
}
