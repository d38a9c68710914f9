import type { BlockSource } from "./blocks.ts";
import { digestToCid, type Digest } from "./cid.ts";
import { checkFiles } from "./input.ts";
import { defaultLimits, type ArtefactLimits } from "./limits.ts";
import { openArtefact } from "./reader.ts";
import { FILE_NAME, type ArtefactStore } from "./types.ts";
import { verifyArtefact } from "./verify.ts";

/** What a kind of store adds to the common part: where blocks are read, and how checked files are put. */
export interface StoreBackend {
  readonly source: BlockSource;
  put(files: ReadonlyMap<string, Uint8Array>): Promise<Digest>;
}

/** The part every store shares: the checks of a put, and the reader that trusts no store. */
export function createStore(backend: StoreBackend, limits: Partial<ArtefactLimits> = {}): ArtefactStore {
  const { source } = backend;
  const allLimits = { ...defaultLimits, ...limits };
  return {
    putDirectory,
    putFile: (bytes) => putDirectory(new Map([[FILE_NAME, bytes]])),
    open: (digest, { label = "artefact" } = {}) => openArtefact(source, digest, label, allLimits),
    verifyAll: (digest, { label = "artefact", without } = {}) => verifyArtefact(source, digest, label, allLimits, without),
    has: async (digest) => source.hasBlock(digestToCid(digest)),
  };

  async function putDirectory(files: ReadonlyMap<string, Uint8Array>): Promise<Digest> {
    checkFiles(files, allLimits);
    return backend.put(files);
  }
}
