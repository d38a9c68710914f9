import { ArtefactPathRefused, ArtefactTooLarge } from "./errors.ts";
import { FOLDER_BLOCK_BYTES, type ArtefactLimits } from "./limits.ts";
import { LazyMap } from "./lazy-map.ts";
import { splitPath } from "./path.ts";
import { join } from "./walk.ts";

/** More than a directory's link takes beside its name: content identifier, size and field marks. */
const LINK_BYTES = 64;

/** Checks the files of a put against the limits and each other, before a block is written. */
export function checkFiles(files: ReadonlyMap<string, Uint8Array>, limits: ArtefactLimits): void {
  if (files.size === 0) throw new ArtefactPathRefused("", "is missing: an artefact has at least one file");
  const folders = new Map<string, Set<string>>();
  let totalBytes = 0;
  for (const path of files.keys()) {
    const names = splitPath(path, limits);
    const bytes = (files instanceof LazyMap ? files.weigh(path) : null) ?? files.get(path)?.length ?? 0;
    limit(path, "fileBytes", bytes, limits);
    limit(path, "totalBytes", (totalBytes += bytes), limits);
    let folder = "";
    for (const name of names) {
      const entries = folders.get(folder) ?? new Set();
      folders.set(folder, entries.add(name));
      folder = join(folder, name);
    }
  }
  let entries = 0;
  for (const [folder, names] of folders) {
    if (files.has(folder)) throw new ArtefactPathRefused(folder, "is both a file and a folder");
    limit(folder, "folderEntries", names.size, limits);
    limit(folder, "entries", (entries += names.size), limits);
    const blockBytes = [...names].reduce((sum, name) => sum + LINK_BYTES + Buffer.byteLength(name), 0);
    if (blockBytes > FOLDER_BLOCK_BYTES) throw tooLarge(folder, "folderBlockBytes", FOLDER_BLOCK_BYTES);
  }
}

function limit(path: string, name: keyof ArtefactLimits, value: number, limits: ArtefactLimits): void {
  if (value > limits[name]) throw tooLarge(path, name, limits[name]);
}

function tooLarge(path: string, name: string, most: number): ArtefactTooLarge {
  return new ArtefactTooLarge({ label: "new artefact", digest: "", path }, name, most);
}
