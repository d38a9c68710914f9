import { readFile } from "node:fs/promises";
import path from "node:path";
import { erasedError, erasureOf, type Erasure } from "../../protocol/audit/erasure.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { Digest } from "./cid.ts";
import type { ArtefactStore } from "./types.ts";

/** Statements of what was erased: one file an artefact, `<digest>.json`, beside the store that no longer has it. */
export type Erasures = (digest: Digest) => Promise<Erasure | null>;

export function readErasures(dir: string): Erasures {
  return async (digest) => {
    try {
      return erasureOf(JSON.parse(await readFile(path.join(dir, `${digest.toLowerCase()}.json`), "utf8")), digest.toLowerCase() as Digest);
    } catch {
      return null;
    }
  };
}

const isMissing = (error: unknown): boolean => error instanceof ChongwenError && error.code === "artefact-missing";

/** A store that says of what is missing whether it was erased. What is there is served and checked, whatever anybody states. */
export function withErasures(store: ArtefactStore, erasures: Erasures): ArtefactStore {
  const explain = async (digest: Digest, error: unknown): Promise<unknown> => {
    const erasure = isMissing(error) ? await erasures(digest) : null;
    return erasure === null ? error : erasedError(erasure);
  };
  return {
    ...store,
    async open(digest, options) {
      try {
        const reader = await store.open(digest, options);
        return {
          ...reader,
          read: async (file) => {
            try {
              return await reader.read(file);
            } catch (error) {
              throw await explain(digest, error);
            }
          },
        };
      } catch (error) {
        throw await explain(digest, error);
      }
    },
    async verifyAll(digest, options) {
      const verification = await store.verifyAll(digest, options);
      const { findings } = verification;
      if (findings.length === 0 || !findings.every(isMissing)) return verification;
      const erasure = await erasures(digest);
      if (erasure !== null) throw erasedError(erasure);
      return verification;
    },
  };
}
