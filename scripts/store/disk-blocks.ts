import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NextToLast } from "blockstore-fs/sharding";
import type { CID } from "multiformats/cid";
import type { BlockSink, BlockSource } from "./blocks.ts";
import { StoreUnavailable } from "./errors.ts";

const UNFINISHED = ".unfinished";
/** Where swept blocks lie until they are removed for good. Read from, so that a sweep that took too much, or was killed, has taken nothing yet. */
export const QUARANTINE = ".quarantine";
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

  /** Where the block lies while it is in quarantine. */
  quarantined(cid: CID): string {
    return join(this.name, QUARANTINE, this.#layout.encode(cid).file);
  }

  async getBlock(cid: CID, most: number): Promise<Uint8Array | undefined> {
    for (const path of this.#places(cid)) {
      try {
        return await readAtMost(path, most + 1);
      } catch (error) {
        if (!isAbsent(error)) throw this.#unavailable(`could not read block ${cid}`, error);
      }
    }
    return undefined;
  }

  async hasBlock(cid: CID): Promise<boolean> {
    for (const path of this.#places(cid)) {
      try {
        if ((await stat(path)).isFile()) return true;
      } catch (error) {
        if (!isAbsent(error)) throw this.#unavailable(`could not look for block ${cid}`, error);
      }
    }
    return false;
  }

  /** Removes a block from wherever it lies. */
  async remove(cid: CID): Promise<void> {
    for (const path of this.#places(cid)) await rm(path, { force: true });
  }

  /** A sweep moves a block there, a put or another sweep back: so first here, there, and here once more. */
  #places(cid: CID): readonly string[] {
    return [this.locate(cid), this.quarantined(cid), this.locate(cid)];
  }

  /** Writes a block, unless the same bytes are already there: then it counts as written now. A damaged block is replaced. */
  async put(cid: CID, bytes: Uint8Array): Promise<void> {
    const target = this.locate(cid);
    const unfinished = join(this.name, UNFINISHED, randomUUID());
    try {
      if ((await holds(target, bytes)) && (await touched(target))) return;
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

/** Makes a block young, so that no sweep takes it; false when one has, or when the file is another user's and has to be written anew. */
async function touched(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    // Moved away in between, it is young in quarantine, and brought back; but by then nobody may wait for it.
    return (await stat(path)).isFile();
  } catch {
    return false;
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
