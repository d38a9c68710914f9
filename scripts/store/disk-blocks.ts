import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NextToLast } from "blockstore-fs/sharding";
import type { CID } from "multiformats/cid";
import type { BlockSink, BlockSource } from "./blocks.ts";
import { StoreUnavailable } from "./errors.ts";

const UNFINISHED = ".unfinished";
const HOUR = 3_600_000;

/**
 * Blocks as files, named as blockstore-fs names them, so any Helia node can open the folder.
 *
 * Written in our own way, because the library's writer names its temporary file after the block and never flushes it:
 * two puts of one block then share that file, and readers saw it cut short (docs/decisions/storage.md). Here a block is
 * written under a name of its own, flushed, and renamed: a killed put leaves whole blocks and unfinished files that
 * nobody reads.
 */
export class DiskBlocks implements BlockSource, BlockSink {
  readonly name: string;
  readonly #layout = new NextToLast();
  #swept: Promise<void> | undefined;

  constructor(dir: string) {
    this.name = dir;
  }

  locate(cid: CID): string {
    const { dir, file } = this.#layout.encode(cid);
    return join(this.name, dir, file);
  }

  async getBlock(cid: CID, most: number): Promise<Uint8Array | undefined> {
    try {
      return await readAtMost(this.locate(cid), most + 1);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw this.#unavailable(`could not read block ${cid}`, error);
    }
  }

  async hasBlock(cid: CID): Promise<boolean> {
    try {
      return (await stat(this.locate(cid))).isFile();
    } catch (error) {
      if (isAbsent(error)) return false;
      throw this.#unavailable(`could not look for block ${cid}`, error);
    }
  }

  /** Writes a block, unless the same bytes are already there. A damaged block is replaced. */
  async put(cid: CID, bytes: Uint8Array): Promise<void> {
    const target = this.locate(cid);
    const unfinished = join(this.name, UNFINISHED, randomUUID());
    try {
      if (await holds(target, bytes)) return;
      await (this.#swept ??= this.#sweep());
      await mkdir(dirname(unfinished), { recursive: true });
      await mkdir(dirname(target), { recursive: true });
      await writeFile(unfinished, bytes, { flag: "wx", flush: true });
      await rename(unfinished, target);
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      if (await holds(target, bytes)) return; // Another put wrote it meanwhile.
      throw this.#unavailable(`could not write block ${cid}`, error);
    }
  }

  /** Removes what puts killed long ago left unfinished. */
  async #sweep(): Promise<void> {
    const dir = join(this.name, UNFINISHED);
    await mkdir(dir, { recursive: true });
    for (const file of await readdir(dir)) {
      const path = join(dir, file);
      const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
      if (age > HOUR) await rm(path, { force: true });
    }
  }

  #unavailable(what: string, cause: unknown): StoreUnavailable {
    const code = errorCode(cause);
    return new StoreUnavailable(this.name, `${what}: ${code ?? String(cause)}`, diskFix(code), cause);
  }
}

async function readAtMost(path: string, most: number): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(Math.min(size, most));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length === bytes.length ? bytes : bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const { size } = await stat(path);
    return size === bytes.length && (await readFile(path)).equals(bytes);
  } catch {
    return false; // Absent or unreadable: either way it is written anew.
  }
}

function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function diskFix(code: string | undefined): string {
  if (code === "ENOSPC" || code === "EDQUOT") return "Free some space on the disk, then try again.";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "Give this user the right to read and write the folder.";
  return "Check the folder and the disk, then try again.";
}
