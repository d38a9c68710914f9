import type { HDAccount } from "viem/accounts";
import type { Kernel } from "../chain/kernel.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import type { StoreOf } from "./fetch.ts";
import { createHealth, serveHealth, type HealthServer } from "./health.ts";
import { memoryJournal } from "./journal.ts";
import type { Observer } from "./observer.ts";
import { createSender } from "./sender.ts";
import { watch } from "./watch.ts";

export interface BackgroundWatchParameters {
  readonly kernel: Kernel;
  readonly federation: number;
  readonly storeOf: StoreOf;
  readonly account: HDAccount;
  readonly software: string;
  /** Is told of what a person should know. */
  readonly warned: Observer["warned"];
}

export interface BackgroundWatcher {
  readonly url: string;
  /** Looks from now on. Health answers before that too. */
  start(): void;
  close(): Promise<void>;
}

const nothing = (): void => undefined;

/** A watcher beside other work in one process: proves what is wrong, and says how it fares. */
export async function createBackgroundWatcher(parameters: BackgroundWatchParameters): Promise<BackgroundWatcher> {
  const { kernel, federation, storeOf, account, software, warned } = parameters;
  const health = createHealth({ software, chainId: kernel.deployment.chainId, federation, sender: account.address, now: Date.now });
  const server: HealthServer = await serveHealth(health, 0);
  const stop = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    url: server.url,
    start() {
      const observer = health.observe({ checked: nothing, acted: nothing, ended: nothing, warned });
      const sender = createSender(kernel.client, kernel.rpcUrl, account, { maxGasPrice: null });
      running = watch({
        kernel, federation, storeOf, hashPairs: nativeHashPairs, journal: memoryJournal(), observer, sender,
        once: false, demands: { mostDemands: 16, mostBond: 10n ** 18n }, patience: null, answers: "paid", signal: stop.signal,
      });
      running.catch((error: unknown) => warned("watcher", `ended: ${String(error)}`));
    },
    async close() {
      stop.abort();
      await running.catch(nothing);
      await server.close();
    },
  };
}
