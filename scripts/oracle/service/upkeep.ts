/** Keeps the store from growing without end: what the ledger no longer needs, and nobody has to keep, is swept now and then. docs/runbooks/storage.md */
import { setTimeout as sleep } from "node:timers/promises";
import path from "node:path";
import type { Deployment } from "../../../protocol/deployment.ts";
import type { Kernel } from "../../chain/kernel.ts";
import { createDiskStore, createKuboStore, readErasures, withErasures, type ArtefactStore } from "../../store/index.ts";
import { collectDisk } from "../../store/retention/collect.ts";
import { collectKubo, ownerOf } from "../../store/retention/collect-kubo.ts";
import { noteLedger } from "../../store/retention/memory.ts";
import { planRetention } from "../../store/retention/plan.ts";
import type { BlockTimes } from "../../store/retention/read-named.ts";
import { writeJson } from "../../store/write-json.ts";
import { problemOf } from "../problem.ts";
import type { OracleConfig } from "./config.ts";

type Place = Pick<OracleConfig, "dir" | "store">;

/** The store that the service reads and writes: it never takes again what was erased. The folder becomes one that `chongwen store --dir` understands. */
export async function openArtefacts({ dir, store: { dir: folder, kubo } }: Place, deployment: Deployment): Promise<ArtefactStore> {
  await writeJson(path.join(dir, "deployment.json"), JSON.parse(JSON.stringify(deployment, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value))));
  const erasures = readErasures(path.join(dir, "erased"));
  if (folder !== undefined) {
    await noteLedger(folder, deployment);
    return withErasures(createDiskStore(folder), erasures);
  }
  if (kubo !== undefined) return withErasures(createKuboStore({ url: kubo, owner: ownerOf(deployment) }), erasures);
  throw new RangeError("A store is a folder or a Kubo node.");
}

export interface UpkeepParameters {
  readonly kernel: Kernel;
  readonly config: Place & Pick<OracleConfig, "retention">;
  readonly said: (what: Readonly<Record<string, unknown>>, message: string) => void;
  readonly warn: (message: string) => void;
  /** Seconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Milliseconds before the first sweep: a service that has just started has other things to do. */
  readonly first?: number;
}

/** @returns When the sweep that was under way at the signal is over. One that fails is tried again the next time: then more is kept than needed, never less. */
export async function upkeep({ kernel, config: { dir, store, retention: policy }, said, warn, now, signal, first = 600_000 }: UpkeepParameters): Promise<void> {
  if (policy.sweepHours === 0) return;
  const stateDir = path.join(dir, "retention");
  const times: BlockTimes = new Map();

  async function sweep(): Promise<void> {
    const common = { stateDir, policy, now: Math.floor(now()) };
    const plan = await planRetention({ ...common, kernel, erasedDir: path.join(dir, "erased"), times });
    const parameters = { ...common, deployment: kernel.deployment, plan, dryRun: false };
    if (store.kubo !== undefined) {
      const { unpinned, pinned, absent } = await collectKubo({ ...parameters, connection: { url: store.kubo } });
      said({ unpinned: unpinned.length, pinned: pinned.length, absent: absent.length }, "store swept");
    } else if (store.dir !== undefined) {
      const { released, swept, absent, malformed } = await collectDisk({ ...parameters, dir: store.dir });
      said({ released: released.length, blocks: swept.swept.blocks, purged: swept.purged.blocks, kept: swept.kept.bytes, absent: absent.length, malformed: malformed.length }, "store swept");
    }
  }

  for (let pause = first; !signal.aborted; pause = policy.sweepHours * 3_600_000) {
    // Days may lie between two sweeps, and a timer counts 24 of them at most.
    for (const end = performance.now() + pause; !signal.aborted && performance.now() < end; ) await sleep(Math.min(end - performance.now(), 3_600_000), undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await sweep().catch((error: unknown) => warn(`Nothing was swept: ${problemOf(error).message}`));
  }
}
