import type { Hex } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import type { ArtefactReader, ArtefactStore } from "../store/index.ts";

/** Something that could not be read, and why. @param again Reading it again can help. */
export interface FetchProblem {
  readonly file: string;
  readonly code: string;
  readonly why: string;
  readonly again: boolean;
}

/** Reads what others wrote. Nothing that it finds is thrown: a bundle that cannot be read is a finding, not the end of the watch. */
export interface Fetcher {
  /** @param limit Most bytes that the file can have; a longer one is not read. @returns null when it could not be read */
  read(artefact: Hex, path: string, limit: number): Promise<Uint8Array | null>;
  readonly problems: readonly FetchProblem[];
  readonly milliseconds: number;
}

/** Opens a store that reads no file longer than this. */
export type StoreOf = (fileBytes: number) => ArtefactStore;

/** Bytes of the largest directory that is opened, beside the file that is asked for. */
const FOLDERS = { folderEntries: 4096, entries: 4096, depth: 4 } as const;

/** A store of bundles that anybody may have written. */
export function limitsFor(fileBytes: number) {
  return { ...FOLDERS, fileBytes, totalBytes: fileBytes };
}

export function createFetcher(storeOf: StoreOf): Fetcher {
  const problems: FetchProblem[] = [];
  const readers = new Map<string, Promise<ArtefactReader>>();
  let milliseconds = 0;

  async function attempt(artefact: Hex, path: string, limit: number): Promise<Uint8Array> {
    const key = `${limit} ${artefact}`;
    const reader = readers.get(key) ?? storeOf(limit).open(artefact);
    readers.set(key, reader);
    return (await reader).read(path);
  }

  return {
    problems,
    get milliseconds() {
      return milliseconds;
    },
    async read(artefact, path, limit) {
      const started = performance.now();
      try {
        return await attempt(artefact, path, limit);
      } catch (error) {
        problems.push(problemOf(path, error));
        return null;
      } finally {
        milliseconds += performance.now() - started;
      }
    },
  };
}

export function problemOf(file: string, error: unknown): FetchProblem {
  if (!(error instanceof ChongwenError)) return { file, code: "unexpected", why: error instanceof Error ? error.message : String(error), again: true };
  // A store that lacks a block may get it; what was published wrongly stays so.
  return { file, code: error.code, why: error.message, again: error.retryable || error.code === "artefact-missing" };
}
