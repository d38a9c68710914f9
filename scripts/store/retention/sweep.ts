import { lstat, mkdir, opendir, rename, rm, utimes } from "node:fs/promises";
import path from "node:path";
import { NextToLast } from "blockstore-fs/sharding";
import { isSha256 } from "../cid.ts";
import { QUARANTINE } from "../disk-blocks.ts";
import { StoreUnavailable } from "../errors.ts";
import type { BlockKey } from "./mark.ts";

export interface SweepParameters {
  readonly dir: string;
  readonly marked: ReadonlySet<BlockKey>;
  /** Milliseconds since 1970: what was put later stays. */
  readonly before: number;
  /** What was put into quarantine before is removed. Infinity: everything swept now as well. */
  readonly purgeBefore: number;
  readonly dryRun: boolean;
  /** Where a test can end the process. */
  readonly reached?: (point: string) => void;
}

export interface Tally {
  blocks: number;
  bytes: number;
}

/** @param kept Marked. @param young Not marked, and too young to be swept. @param restored Taken back from quarantine. */
export interface Swept {
  readonly kept: Tally;
  readonly young: Tally;
  readonly swept: Tally;
  readonly quarantined: Tally;
  readonly restored: Tally;
  readonly purged: Tally;
}

interface BlockFile {
  readonly key: BlockKey;
  readonly file: string;
  readonly bytes: number;
  readonly mtimeMs: number;
}

const layout = new NextToLast();
/** Letters of a block's name that are the name of its folder. */
const SHARD = 2;
const tally = (): Tally => ({ blocks: 0, bytes: 0 });
const count = (into: Tally, { bytes }: BlockFile): void => {
  into.blocks += 1;
  into.bytes += bytes;
};

/**
 * Puts into quarantine what is not marked and not young, takes back what is marked again, and removes what has been there long enough. Others may read and
 * write meanwhile, and it may be killed at any moment: a block is always in one of two places, and both are read from.
 */
export async function sweep({ dir, marked, before, purgeBefore, dryRun, reached = () => undefined }: SweepParameters): Promise<Swept> {
  const result: Swept = { kept: tally(), young: tally(), swept: tally(), quarantined: tally(), restored: tally(), purged: tally() };
  const quarantine = path.join(dir, QUARANTINE);
  const placeOf = ({ key, file }: BlockFile): string => path.join(dir, key.slice(-SHARD), path.basename(file));
  if (!dryRun) await mkdir(quarantine, { recursive: true });
  if (!dryRun && !(await lstat(quarantine)).isDirectory()) throw new StoreUnavailable(dir, `has a ${QUARANTINE} that is no folder`, "Remove it: a link there would lead blocks out of the store.", undefined);

  for await (const block of blocksIn(quarantine)) {
    if (!marked.has(block.key)) continue;
    count(result.restored, block);
    if (dryRun) continue;
    await restore(block, placeOf(block));
    reached("gc:restored");
  }
  for await (const block of allBlocks(dir)) {
    if (marked.has(block.key)) count(result.kept, block);
    else if (block.mtimeMs >= before) count(result.young, block);
    else if (dryRun) count(result.swept, block);
    else if (await takeAway(block)) count(result.swept, block);
    else count(result.young, block);
  }
  for await (const block of blocksIn(quarantine)) {
    if (marked.has(block.key)) continue;
    // One that a put made young just before it was moved stays readable until what it belongs to is on the ledger.
    if (block.mtimeMs >= (purgeBefore === Infinity ? before : purgeBefore)) {
      count(result.quarantined, block);
      continue;
    }
    count(result.purged, block);
    if (dryRun) continue;
    reached("gc:purging");
    await rm(block.file, { force: true });
    reached("gc:purged");
  }
  return result;

  /** False: somebody put it again at the last moment, or another sweep was faster. */
  async function takeAway(block: BlockFile): Promise<boolean> {
    const away = path.join(quarantine, path.basename(block.file));
    reached("gc:sweeping");
    if (!(await moved(block.file, away))) return false;
    reached("gc:moved");
    // A put that found the block made it young, perhaps after this sweep had looked at it: it counts on it.
    const { mtimeMs } = await lstat(away).catch(() => ({ mtimeMs: 0 }));
    if (mtimeMs >= before) {
      await restore({ ...block, file: away }, block.file);
      return false;
    }
    const now = new Date();
    if (purgeBefore !== Infinity) await utimes(away, now, now).catch(() => undefined);
    reached("gc:swept");
    return true;
  }
}

/** Every block that lies in a store. */
export async function blockSizes(dir: string): Promise<ReadonlyMap<BlockKey, { readonly bytes: number; readonly quarantined: boolean }>> {
  const sizes = new Map<BlockKey, { readonly bytes: number; readonly quarantined: boolean }>();
  for await (const { key, bytes } of blocksIn(path.join(dir, QUARANTINE))) sizes.set(key, { bytes, quarantined: true });
  for await (const { key, bytes } of allBlocks(dir)) sizes.set(key, { bytes, quarantined: false });
  return sizes;
}

async function restore({ file }: BlockFile, place: string): Promise<void> {
  await mkdir(path.dirname(place), { recursive: true });
  await moved(file, place);
}

/** False when it is not there any more. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** Every block file where blocks lie. Whatever else is in the folder is nobody's business here: links are not followed, other files not touched. */
async function* allBlocks(dir: string): AsyncGenerator<BlockFile> {
  for await (const entry of entriesOf(dir)) {
    if (!entry.isDirectory() || !/^[A-Z2-7]{2}$/.test(entry.name)) continue;
    for await (const block of blocksIn(path.join(dir, entry.name))) if (block.key.endsWith(entry.name)) yield block;
  }
}

async function* blocksIn(folder: string): AsyncGenerator<BlockFile> {
  for await (const entry of entriesOf(folder)) {
    const key = entry.isFile() ? keyOf(entry.name) : null;
    if (key === null) continue;
    const file = path.join(folder, entry.name);
    const found = await lstat(file).catch(() => null);
    if (found?.isFile() === true) yield { key, file, bytes: found.size, mtimeMs: found.mtimeMs };
  }
}

async function* entriesOf(folder: string) {
  const found = await lstat(folder).catch(() => null);
  if (found?.isDirectory() !== true) return;
  for await (const entry of await opendir(folder, { bufferSize: 256 })) yield entry;
}

/** Null for a file that is no block of this store. */
function keyOf(name: string): BlockKey | null {
  if (!name.endsWith(layout.extension)) return null;
  try {
    const cid = layout.decode(name);
    return isSha256(cid) && layout.encode(cid).file === name ? name.slice(0, -layout.extension.length) : null;
  } catch {
    return null;
  }
}
