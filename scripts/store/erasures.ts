import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { erasedError, erasureOf, isSignatureRight, type Erasure } from "../../protocol/audit/erasure.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { Digest } from "./cid.ts";
import { ArtefactError, StoreUnavailable } from "./errors.ts";
import { FILE_NAME, type ArtefactStore } from "./types.ts";
import { digestOf } from "./import.ts";
import { writeJson } from "./write-json.ts";

/**
 * Statements of what was erased, beside the store that no longer has it: `<digest>.json` for a whole artefact, `<digest>.<path>.json` for one file of it.
 * Null also for one whose signature is not by whom it names.
 */
export interface Erasures {
  (digest: Digest, file?: string): Promise<Erasure | null>;
  /** All that are about an artefact, whole or in part; without one, about any. @throws when they cannot be looked for: that is not to say that there are none */
  list(digest?: Digest): Promise<readonly Erasure[]>;
  /** Whether there are any at all. */
  any(): Promise<boolean>;
}

const nameOf = (digest: Digest, file?: string): string => `${digest.toLowerCase()}${file === undefined ? "" : `.${file.replaceAll(/[^a-zA-Z0-9.-]/g, "-")}`}.json`;

export function readErasures(dir: string): Erasures {
  const read = async (digest: Digest, file?: string): Promise<Erasure | null> => {
    try {
      const erasure = erasureOf(JSON.parse(await readFile(path.join(dir, nameOf(digest, file)), "utf8")), digest.toLowerCase() as Digest);
      const about = erasure?.path === undefined || erasure.path === file || file === undefined;
      return erasure !== null && about && (await isSignatureRight(erasure)) !== false ? erasure : null;
    } catch {
      return null;
    }
  };
  const find = async (digest: Digest, file?: string): Promise<Erasure | null> => (file === undefined ? null : await read(digest, file)) ?? (await read(digest));
  return Object.assign(find, { list: (digest?: Digest) => listErasures(dir, digest), any: async () => (await namesIn(dir)).length > 0 });
}

/** @returns The file. */
export async function writeErasure(dir: string, erasure: Erasure): Promise<string> {
  const file = path.join(dir, nameOf(erasure.artefact, erasure.path));
  await writeJson(file, erasure);
  return file;
}

/** All statements that lie here and are not signed by somebody else than they say. */
export async function listErasures(dir: string, about?: Digest): Promise<readonly Erasure[]> {
  const found: Erasure[] = [];
  for (const name of await namesIn(dir)) {
    const digest = /^(0x[0-9a-f]{64})\.(.*\.)?json$/.exec(name)?.[1] as Digest | undefined;
    if (digest === undefined || (about !== undefined && digest !== about.toLowerCase())) continue;
    const erasure = erasureOf(parsed(await readFile(path.join(dir, name), "utf8").catch(() => "")), digest);
    if (erasure !== null && (await isSignatureRight(erasure)) !== false) found.push(erasure);
  }
  return found;
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new StoreUnavailable(dir, "does not say what was erased", "Give this user the right to read the folder.", error);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const staysErased = ({ artefact, path, erasedAt, basis }: Erasure): ChongwenError =>
  new ChongwenError({
    code: "artefact-stays-erased",
    message: `These files are those of artefact ${artefact}, of which ${path ?? "all"} was erased here on ${new Date(1000 * erasedAt).toISOString().slice(0, 10)} (${basis}): they are not stored again.`,
    fix: "Nothing to do, and nothing to try again: hand over a round without what was erased. If the erasure was a mistake, remove its statement and put them again.",
    docs: "docs/privacy.md",
  });

const isMissing = (error: unknown): error is ChongwenError => error instanceof ChongwenError && error.code === "artefact-missing";

/**
 * A store that says of what is missing whether it was erased, and does not take again what was. What is there is served and checked, whatever anybody states.
 */
export function withErasures(store: ArtefactStore, erasures: Erasures): ArtefactStore {
  async function explain<Failure>(digest: Digest, file: string | undefined, error: Failure): Promise<Failure | ChongwenError> {
    const erasure = isMissing(error) ? await erasures(digest, file) : null;
    if (erasure === null || (erasure.path !== undefined && erasure.path !== file)) return error;
    return erasedError(erasure, erasure.signed?.signer);
  }
  /** An erasure prevails: whoever still has the files, an aggregator or a peer, does not bring them back. @throws artefact-stays-erased */
  async function put(files: ReadonlyMap<string, Uint8Array>): Promise<Digest> {
    // Most stores have erased nothing, and need not hash what is put before they write it. What cannot be hashed, the store refuses itself.
    const digest = (await erasures.any()) ? await digestOf(files).catch(() => null) : null;
    const [erasure] = digest === null ? [] : await erasures.list(digest);
    if (erasure !== undefined) throw staysErased(erasure);
    return store.putDirectory(files);
  }
  return {
    ...store,
    putDirectory: put,
    putFile: (bytes) => put(new Map([[FILE_NAME, bytes]])),
    async open(digest, options) {
      try {
        const reader = await store.open(digest, options);
        return {
          ...reader,
          read: async (file) => {
            try {
              return await reader.read(file);
            } catch (error) {
              throw await explain(digest, file, error);
            }
          },
        };
      } catch (error) {
        throw await explain(digest, undefined, error);
      }
    },
    async verifyAll(digest, options) {
      const verification = await store.verifyAll(digest, options);
      const whole = await erasures(digest);
      if (whole !== null && whole.path === undefined && verification.findings.length > 0 && verification.findings.every(isMissing)) throw erasedError(whole, whole.signed?.signer);
      const findings = await Promise.all(verification.findings.map((finding) => explain(digest, finding instanceof ArtefactError ? finding.place.path : undefined, finding)));
      // A large file has many blocks; it was erased once.
      return { ...verification, findings: findings.filter((finding, i) => findings.findIndex(({ message }) => message === finding.message) === i) };
    },
  };
}
