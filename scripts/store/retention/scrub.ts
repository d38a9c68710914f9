import { ChongwenError } from "../../../protocol/errors.ts";
import type { Digest } from "../cid.ts";
import type { ArtefactStore } from "../types.ts";
import type { Reasons } from "./retained.ts";

export type Health = "whole" | "repaired" | "erased" | "missing" | "damaged";

/** @param problems What is wrong with it, and what kept it from being repaired. */
export interface Scrubbed {
  readonly digest: Digest;
  readonly health: Health;
  readonly problems: readonly ChongwenError[];
}

/**
 * Reads and hashes all that is kept. What is damaged or missing is fetched from another store, and believed only after it was hashed: what was erased never is,
 * for the store that it would go into does not take it.
 */
export async function* scrub(store: ArtefactStore, kept: Reasons, from: ArtefactStore | null = null): AsyncGenerator<Scrubbed> {
  for (const digest of kept.keys()) {
    const before = await inspect(store, digest);
    if (from === null || (before.health !== "missing" && before.health !== "damaged")) {
      yield before;
      continue;
    }
    try {
      await copyArtefact(from, store, digest);
      const after = await inspect(store, digest);
      yield after.health === "whole" ? { ...after, health: "repaired" } : after;
    } catch (error) {
      if (!(error instanceof ChongwenError)) throw error;
      yield { ...before, problems: [...before.problems, error] };
    }
  }
}

async function inspect(store: ArtefactStore, digest: Digest): Promise<Scrubbed> {
  try {
    const { findings } = await store.verifyAll(digest, { label: "artefact" });
    const codes = new Set(findings.map(({ code }) => code));
    const health = findings.length === 0 ? "whole" : codes.size === 1 && codes.has("artefact-erased") ? "erased" : codes.size === 1 && codes.has("artefact-missing") ? "missing" : "damaged";
    return { digest, health, problems: findings };
  } catch (error) {
    if (!(error instanceof ChongwenError) || error.retryable) throw error;
    return { digest, health: error.code === "artefact-erased" ? "erased" : error.code === "artefact-missing" ? "missing" : "damaged", problems: [error] };
  }
}

/** Copies a whole artefact; every byte is hashed on the way. @throws what reading and putting throw; artefact-mismatch cannot go unnoticed: the digest would differ */
async function copyArtefact(from: ArtefactStore, to: ArtefactStore, digest: Digest): Promise<void> {
  const reader = await from.open(digest);
  const files = new Map<string, Uint8Array>();
  for (const path of await reader.list()) files.set(path, await reader.read(path));
  await to.putDirectory(files);
}
