import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { compileContracts } from "../chain/compile.ts";
import { watcherAccount } from "../genesis/cast.ts";
import { startDevnet } from "../chain/devnet.ts";
import { readManifest, type Manifest } from "../chain/manifest.ts";
import { DERMATOLOGY_PATH, loadTable } from "../data/index.ts";
import { createSetting, type Setting } from "../federation/setting.ts";
import type { Progress } from "../output/progress.ts";
import { createDiskStore } from "../store/index.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { limitsFor } from "../watch/fetch.ts";
import { openJournal } from "../watch/journal.ts";
import type { Observer } from "../watch/observer.ts";
import { createSender } from "../watch/sender.ts";
import { watch } from "../watch/watch.ts";
import { createClock, type Clock } from "./clock.ts";

/** Windows that somebody who watches can work in; the local chain's own are seconds long. */
const WINDOWS = { forceWindow: 1, reportWindow: 600, challengeWindow: 900 } as const;
const ANSWER_WINDOW = 300;
/** Enough for every attempt that the windows allow, and a freeze. */
const ROTATION_DELAY = 3_600;
const UNBONDING_PERIOD = 20_000;

/** Deploys with windows for a watcher, everything else as on the local chain. */
export async function demoManifest(root: string): Promise<Manifest> {
  const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
  return {
    ...manifest,
    kernel: { ...manifest.kernel, rotationDelay: ROTATION_DELAY, unbondingPeriod: UNBONDING_PERIOD, disputes: { ...manifest.kernel.disputes, answerWindow: ANSWER_WINDOW } },
    federation: { ...manifest.federation, ...WINDOWS },
  };
}

export interface Demo {
  readonly setting: Setting;
  readonly clock: Clock;
  /** Starts to watch. Runs by itself until the demonstration ends. */
  startWatching(observer: Observer): Promise<void>;
  close(): Promise<void>;
}

/** A chain, a store and the federation, with nobody watching yet. */
export async function setUp(root: string, progress: Progress): Promise<Demo> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-fault-"));
  const closers: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of closers.splice(0)) await step();
  };
  try {
    await compileContracts(root);
    const devnet = await startDevnet(0);
    closers.unshift(() => devnet.close());
    const storeDir = path.join(dir, "store");
    const setting = await createSetting({
      rpcUrl: devnet.url, manifest: await demoManifest(root), store: createDiskStore(storeDir), table: loadTable(DERMATOLOGY_PATH), seed: 1, progress,
    });
    const { kernel, federation } = setting;
    return {
      setting,
      clock: createClock(kernel.client),
      close,
      async startWatching(observer) {
        const stop = new AbortController();
        const watching = watch({
          kernel, federation, observer, hashPairs: nativeHashPairs, once: false, signal: stop.signal,
          storeOf: (fileBytes) => createDiskStore(storeDir, { limits: limitsFor(fileBytes) }),
          journal: await openJournal(path.join(dir, "watch"), "demo"),
          sender: createSender(kernel.client, kernel.rpcUrl, watcherAccount()),
          demands: { mostDemands: 16, mostBond: 10n ** 18n },
          patience: 0,
          answers: "paid",
        });
        closers.unshift(async () => {
          stop.abort();
          await watching.catch(() => undefined);
        });
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
