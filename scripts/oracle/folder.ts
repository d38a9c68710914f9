import { readFileSync } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { MANIFEST } from "../../protocol/bundle/files.ts";
import { isRoundFile } from "../../protocol/bundle/round-manifest.ts";
import type { BundleReader } from "../../protocol/index.ts";
import { Refused } from "../service/refusal.ts";

/** A folder of files with known names. */
export interface Folder extends BundleReader {
  /** Bytes of each file, by path. */
  sizes(): Promise<ReadonlyMap<string, number>>;
  /** A whole file, at once: for what goes through many of them one after the other. */
  readNow(path: string): Uint8Array;
  /** The file in pieces of one size. */
  pieces(path: string, bytes: number): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** Bytes of what lies there. */
export async function weight(dir: string): Promise<number> {
  const folder = await folderAt(dir);
  return folder === null ? 0 : [...(await folder.sizes()).values()].reduce((sum, size) => sum + size, 0);
}

/** Null when there is none. */
export async function folderAt(dir: string): Promise<Folder | null> {
  return (await stat(dir).catch(() => null)) === null ? null : folderOf(dir);
}

/** Reads only names of the format, so that no path leads out of the folder. */
export function folderOf(dir: string): Folder {
  const place = (file: string): string => {
    if (file !== MANIFEST && !isRoundFile(file)) throw new Refused("file-refused", `No bundle has a file ${JSON.stringify(file.slice(0, 80))}.`);
    return path.join(dir, file);
  };
  const list = async (): Promise<string[]> => {
    const entries = await readdir(dir, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/")).sort();
  };
  async function* pieces(file: string, bytes: number): AsyncIterable<Uint8Array<ArrayBuffer>> {
    const handle = await open(place(file));
    try {
      for (;;) {
        const piece = new Uint8Array(bytes);
        let filled = 0;
        for (let read = 1; read > 0 && filled < bytes; filled += read) ({ bytesRead: read } = await handle.read(piece, filled, bytes - filled));
        if (filled > 0) yield piece.subarray(0, filled);
        if (filled < bytes) return;
      }
    } finally {
      await handle.close();
    }
  }
  return {
    list,
    pieces,
    readNow: (file) => readFileSync(place(file)),
    sizes: async () => new Map(await Promise.all((await list()).map(async (file) => [file, (await stat(path.join(dir, file))).size] as const))),
    async read(file, maxBytes) {
      const { size } = await stat(place(file));
      for await (const whole of pieces(file, Math.max(1, Math.min(size, maxBytes)))) return whole;
      return new Uint8Array();
    },
  };
}
