/** Looks every few seconds whether what the service needs is there. Who asks `/ready` reads what was seen last: asking costs nothing. */
import { statfs, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Address, Hex } from "viem";
import type { Kernel } from "../../chain/kernel.ts";
import type { Checkpoints } from "./checkpoint.ts";
import type { OracleConfig } from "./config.ts";
import type { Metrics } from "./metrics.ts";
import type { Readiness } from "./readiness.ts";

export interface ProbeParameters {
  readonly kernel: Kernel;
  readonly payer: Address;
  readonly dir: string;
  readonly store: OracleConfig["store"];
  readonly waiting: () => number;
  readonly readiness: Readiness;
  readonly metrics: Pick<Metrics, "seen">;
  readonly checkpoints: Checkpoints;
  /** Seconds. */
  readonly now: () => number;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks, and for one of them. */
  readonly pause?: number;
  readonly patience?: number;
}

/** Bytes under which a disk counts as full: journals must still be written. */
const LEAST_ROOM = 64 * 2 ** 20;

/** @returns When the look that was under way at the signal is over. */
export async function probe({ kernel, payer, dir, store, waiting, readiness, metrics: { seen }, checkpoints, now, warn, signal, pause = 2_000, patience = 5_000 }: ProbeParameters): Promise<void> {
  const { client } = kernel;
  /** The block with which everything was last looked at. */
  let last: Hex | null = null;

  async function chain(): Promise<void> {
    const block = await client.getBlock({ blockTag: "latest" });
    seen.head(block.number, Math.max(0, now() - Number(block.timestamp)));
    if (block.hash === last) return;
    seen.balance(await client.getBalance({ address: payer }));
    await checkpoints.keep();
    last = block.hash;
  }
  async function folder(): Promise<void> {
    // What is asked for is whether a journal could be written: so something is written.
    const file = path.join(dir, ".probe");
    await writeFile(file, "written to see whether it can be\n", { flush: true });
    await unlink(file);
    seen.room("dir", await requireRoom(dir));
  }
  async function artefacts(): Promise<void> {
    if (store.dir !== undefined) return seen.room("store", await requireRoom(store.dir));
    const answer = await fetch(new URL("/api/v0/version", store.kubo), { method: "POST", signal: AbortSignal.timeout(patience) });
    if (!answer.ok) throw new Error(`It answers ${answer.status}.`);
  }

  const parts = [
    { name: "chain", what: "The chain does not answer", look: chain },
    { name: "folder", what: "The service's folder cannot be written", look: folder },
    { name: "store", what: "The store cannot be used", look: artefacts },
  ] as const;
  const failing = new Set<string>();
  const inTime = <Value>(work: Promise<Value>): Promise<Value> =>
    Promise.race([work, sleep(patience, undefined, { ref: false }).then(() => Promise.reject(new Error(`Nothing within ${patience / 1000} s.`)))]);

  while (!signal.aborted) {
    await Promise.all(
      parts.map(async ({ name, what, look }) => {
        try {
          await inTime(look());
          if (failing.delete(name)) warn(`${name}: well again`);
          readiness.set(name, null);
        } catch (error) {
          const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
          if (!failing.has(name)) warn(`${what}: ${why}`);
          failing.add(name);
          // Why is for the log: an answer to anybody has no addresses in it.
          readiness.set(name, `${what}.`);
        }
      }),
    );
    seen.waiting(waiting());
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

async function requireRoom(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  const bytes = bavail * bsize;
  if (bytes < LEAST_ROOM) throw new Error(`There are ${bytes} bytes left.`);
  return bytes;
}
