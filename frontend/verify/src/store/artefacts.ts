import type { Hex } from "viem";
import { z } from "zod";
import type { AuditStore } from "../../../../protocol/audit/store.ts";
import { SINGLE_FILE } from "../../../../protocol/audit/store.ts";
import { erasedError, erasureOf } from "../../../../protocol/audit/erasure.ts";
import { MANIFEST, MANIFEST_LIMIT } from "../../../../protocol/bundle/files.ts";
import { mapReader } from "../../../../protocol/bundle/reader.ts";
import { ChongwenError } from "../../../../protocol/errors.ts";
import { artefactDigest } from "../../../../protocol/unixfs/encode.ts";

/** Files of an artefact by path. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** Gives one file of an artefact, or throws why not: artefact-missing, artefact-erased, artefact-too-large, store-unavailable. */
export type FetchFile = (digest: Hex, path: string, maxBytes: number) => Promise<Uint8Array>;

/** One artefact must fit the memory of a phone's browser. */
const TOTAL_LIMIT = 2 ** 30;

/** Only the paths: the protocol's schema checks the rest, once it is known which format this is. */
const listSchema = z.looseObject({ files: z.array(z.looseObject({ path: z.string().regex(/^(?!.*\.\.)[a-z0-9][a-z0-9./-]{0,63}$/), bytes: z.int().min(0) })).max(1024) });

export interface ArtefactCache extends AuditStore {
  /** What was loaded, to look at and to tamper with. */
  readonly loaded: ReadonlyMap<Hex, Files>;
  /** Puts a byte of a loaded file to another value. @returns What undoes it, or null when there is no such byte */
  flip(digest: Hex, path: string, offset: number): (() => void) | null;
}

/** Everything is hashed into the digest that the chain names before it counts; what was loaded once is kept. */
export function createArtefactCache(fetchFile: FetchFile, given: ReadonlyMap<Hex, Files> = new Map()): ArtefactCache {
  const loaded = new Map<Hex, Map<string, Uint8Array>>([...given].map(([digest, files]) => [digest, new Map(files)]));
  const pending = new Map<Hex, Promise<Files>>();

  async function load(digest: Hex): Promise<Files> {
    const manifest = await fetchFile(digest, MANIFEST, MANIFEST_LIMIT + 1).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      return null;
    });
    if (manifest === null) {
      const content = await fetchFile(digest, SINGLE_FILE, TOTAL_LIMIT);
      if (content.length === TOTAL_LIMIT) throw tooLarge(digest);
      return new Map([[SINGLE_FILE, content]]);
    }
    const files = new Map([[MANIFEST, manifest]]);
    let room = TOTAL_LIMIT;
    for (const { path, bytes } of listedFiles(manifest)) {
      room -= bytes;
      if (room < 0) throw tooLarge(digest);
      const content = await fetchFile(digest, path, bytes + 1).catch((error: unknown) => {
        // A file that the manifest lists and nobody has: the rest may still be looked at.
        if (isMissing(error)) return null;
        throw error;
      });
      if (content !== null) files.set(path, content);
    }
    return files;
  }

  async function filesOf(digest: Hex): Promise<Files> {
    const present = loaded.get(digest);
    if (present !== undefined) return present;
    const under = pending.get(digest) ?? load(digest);
    pending.set(digest, under);
    try {
      const files = await under;
      loaded.set(digest, new Map(files));
      return files;
    } finally {
      pending.delete(digest);
    }
  }

  return {
    loaded,
    open: async (digest) => mapReader(await filesOf(digest)),
    async verifyAll(digest, { label = "artefact" } = {}) {
      const files = await filesOf(digest);
      const actual = artefactDigest(files);
      if (actual === digest) return { findings: [], blocks: files.size };
      const absent = listedFiles(files.get(MANIFEST)).find(({ path }) => !files.has(path));
      return { findings: [absent === undefined ? mismatch(label, digest, actual) : missing(digest, absent.path)], blocks: files.size };
    },
    flip(digest, path, offset) {
      const bytes = loaded.get(digest)?.get(path);
      const before = bytes?.[offset];
      if (bytes === undefined || before === undefined) return null;
      const changed = bytes.slice();
      changed[offset] = before ^ 1;
      loaded.get(digest)?.set(path, changed);
      return () => void loaded.get(digest)?.set(path, bytes);
    },
  };
}

function listedFiles(manifest: Uint8Array | undefined): readonly { path: string; bytes: number }[] {
  if (manifest === undefined) return [];
  try {
    return listSchema.parse(JSON.parse(new TextDecoder().decode(manifest))).files;
  } catch {
    // A manifest that is none has no files; the protocol says what is wrong with it.
    return [];
  }
}

const isMissing = (error: unknown): boolean => error instanceof ChongwenError && error.code === "artefact-missing";

function missing(digest: Hex, path: string): ChongwenError {
  return new ChongwenError({
    code: "artefact-missing",
    message: `${path} of artefact ${digest} is at none of the sources.`,
    fix: "Name another source, or drop the artefact's folder on the page.",
    retryable: true,
  });
}

function tooLarge(digest: Hex): ChongwenError {
  return new ChongwenError({ code: "artefact-too-large", message: `Artefact ${digest} has more than ${TOTAL_LIMIT} bytes.`, fix: "Audit it on the command line." });
}

function mismatch(label: string, digest: Hex, actual: Hex): ChongwenError {
  return new ChongwenError({
    code: "artefact-mismatch",
    message: `${label}: the files that were found make artefact ${actual}, not ${digest}: bytes were changed.`,
    fix: "Do not use this copy; get the artefact from another source.",
  });
}

/** Reads from the first source that has the file. @param sources Ends of the addresses: `digest` and `cid` say how they name an artefact. */
export interface Source {
  readonly base: string;
  readonly names: "digest" | "cid";
}

/** An erasure that any source states ends the search only when no source has the bytes. */
export function fetchFrom(sources: readonly Source[], nameOf: (digest: Hex, source: Source) => string, get: (url: string, maxBytes: number) => Promise<FetchedFile>): FetchFile {
  return async (digest, path, maxBytes) => {
    const failures: ChongwenError[] = [];
    for (const source of sources) {
      const url = `${source.base}${nameOf(digest, source)}/${path}`;
      const got = await get(url, maxBytes);
      if (got.kind === "bytes") return got.bytes;
      failures.push(failureOf(got, digest, path));
    }
    throw failures.find(({ code }) => code === "artefact-erased") ?? failures.find(({ code }) => code !== "artefact-missing") ?? missing(digest, path);
  };
}

export type FetchedFile =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "missing" }
  | { readonly kind: "gone"; readonly statement: unknown }
  | { readonly kind: "unavailable"; readonly why: string };

function failureOf(got: Exclude<FetchedFile, { kind: "bytes" }>, digest: Hex, path: string): ChongwenError {
  if (got.kind === "missing") return missing(digest, path);
  if (got.kind === "gone") {
    const erasure = erasureOf(got.statement, digest);
    // "Gone" without a statement is no more than absent.
    return erasure === null ? missing(digest, path) : erasedError(erasure);
  }
  return new ChongwenError({ code: "store-unavailable", message: `A source of artefacts does not answer (${got.why}).`, fix: "Try again, or name another source.", retryable: true });
}
