import { resolve } from "node:path";
import { DiskBlocks } from "./disk-blocks.ts";
import { importFiles } from "./import.ts";
import type { ArtefactLimits } from "./limits.ts";
import { createStore } from "./store.ts";
import type { ArtefactStore } from "./types.ts";

export interface DiskStoreOptions {
  readonly limits?: Partial<ArtefactLimits>;
}

/** A store in a folder of this machine, made when first written to. Several processes may share it. */
export function createDiskStore(dir: string, { limits }: DiskStoreOptions = {}): ArtefactStore {
  const blocks = new DiskBlocks(resolve(dir));
  return createStore({ source: blocks, put: (files) => importFiles(files, blocks) }, limits);
}
