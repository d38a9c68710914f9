import { lstat } from "node:fs/promises";
import type { Deployment } from "../../../protocol/deployment.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { digestToCid, type Digest } from "../cid.ts";
import { DiskBlocks } from "../disk-blocks.ts";
import { mark, type Marked } from "./mark.ts";
import { claimStore, openLog, openMemory } from "./memory.ts";
import type { RetentionPlan } from "./plan.ts";
import { seconds, type RetentionPolicy } from "./policy.ts";
import { sweep, type Swept } from "./sweep.ts";

export interface CollectParameters {
  readonly deployment: Deployment;
  readonly plan: RetentionPlan;
  readonly policy: RetentionPolicy;
  readonly dir: string;
  /** Where the log and the memory of earlier sweeps lie. */
  readonly stateDir: string;
  /** Seconds since 1970. */
  readonly now: number;
  readonly dryRun: boolean;
  /** Goes on although the ledger no longer names what it named before. */
  readonly acceptForgotten?: boolean;
  /** Goes on although something kept is damaged, so that what belongs to it may not be known. */
  readonly despiteDamage?: boolean;
  readonly reached?: (point: string) => void;
}

/** What was taken out of the store, and why. */
export interface Released {
  readonly digest: Digest;
  readonly why: string;
}

export interface Collected extends Pick<Marked, "absent" | "damaged" | "malformed"> {
  readonly released: readonly Released[];
  readonly swept: Swept;
}

/**
 * Garbage collection of a store on disk: what nothing keeps goes into quarantine, and from there, when its time is over, for good.
 * @throws store-shared, ledger-forgot, store-damaged: rather nothing is swept than too much
 */
export async function collectDisk(parameters: CollectParameters): Promise<Collected> {
  const { deployment, plan, dir, stateDir, policy, now, dryRun, acceptForgotten = false, despiteDamage = false, reached = () => undefined } = parameters;
  await claimStore(dir, deployment, { dryRun });
  const memory = openMemory(stateDir, deployment);
  if (!acceptForgotten) await memory.check(plan.named);

  const blocks = new DiskBlocks(dir);
  const marked = await mark(blocks, plan.kept.keys());
  reached("gc:marked");
  if (marked.damaged.length > 0 && !despiteDamage) throw damaged(dir, marked.damaged);
  const released = await releasedOf(blocks, plan);
  const log = openLog(stateDir);
  const at = new Date(now * 1000).toISOString();
  if (!dryRun) await log({ at, event: "sweep", store: dir, released, policy: { ...policy, stable: policy.stable.length } });
  reached("gc:logged");
  const before = 1000 * (now - seconds.grace(policy));
  const purgeBefore = policy.quarantineDays === 0 ? Infinity : 1000 * (now - seconds.quarantine(policy));
  const swept = await sweep({ dir, marked: marked.blocks, before, purgeBefore, dryRun, reached });
  if (!dryRun) {
    await memory.remember(plan.named);
    await log({ at, event: "swept", store: dir, ...swept });
  }
  reached("gc:done");
  return { released, swept, absent: marked.absent, damaged: marked.damaged, malformed: marked.malformed };
}

/** Artefacts that are here, and that nothing keeps any more. */
async function releasedOf(blocks: DiskBlocks, { ended, erasures }: RetentionPlan): Promise<Released[]> {
  const released: Released[] = [];
  for (const [digest, reasons] of ended) {
    const isHere = await lstat(blocks.locate(digestToCid(digest))).then((found) => found.isFile(), () => false);
    if (!isHere) continue;
    const erasure = erasures.find(({ artefact, path }) => artefact === digest && path === undefined);
    released.push({ digest, why: erasure === undefined ? reasons.map(({ why, until }) => `${why}, until ${day(until)}`).join("; ") : `erased on ${day(erasure.erasedAt)}: ${erasure.basis}` });
  }
  return released;
}

export const day = (moment: number | null): string => (moment === null ? "the ledger lets go of it" : new Date(1000 * moment).toISOString().slice(0, 10));

const damaged = (dir: string, digests: readonly Digest[]): ChongwenError =>
  new ChongwenError({
    code: "store-damaged",
    message: `${digests.length} artefacts in ${dir} that are to be kept lack a folder or a list of blocks, ${digests[0]} among them: what else belongs to them is not known, so nothing was swept.`,
    fix: "`npx chongwen store verify --from …` gets them again from another store; `store gc --despite-damage` goes on without.",
  });
