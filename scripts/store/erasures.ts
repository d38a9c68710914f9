import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { erasedError, erasureOf, isSignatureRight, type Erasure } from "../../protocol/audit/erasure.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { Digest } from "./cid.ts";
import { ArtefactError } from "./errors.ts";
import type { ArtefactStore } from "./types.ts";

/**
 * Statements of what was erased, beside the store that no longer has it: `<digest>.json` for a whole artefact, `<digest>.<path>.json` for one file of it.
 * Null also for one whose signature is not by whom it names.
 */
export type Erasures = (digest: Digest, file?: string) => Promise<Erasure | null>;

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
  return async (digest, file) => (file === undefined ? null : await read(digest, file)) ?? (await read(digest));
}

/** @returns The file. */
export async function writeErasure(dir: string, erasure: Erasure): Promise<string> {
  const file = path.join(dir, nameOf(erasure.artefact, erasure.path));
  await mkdir(dir, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(erasure)}\n`, { flush: true });
  await rename(`${file}.new`, file);
  return file;
}

const isMissing = (error: unknown): error is ChongwenError => error instanceof ChongwenError && error.code === "artefact-missing";

/** A store that says of what is missing whether it was erased. What is there is served and checked, whatever anybody states. */
export function withErasures(store: ArtefactStore, erasures: Erasures): ArtefactStore {
  async function explain<Failure>(digest: Digest, file: string | undefined, error: Failure): Promise<Failure | ChongwenError> {
    const erasure = isMissing(error) ? await erasures(digest, file) : null;
    if (erasure === null || (erasure.path !== undefined && erasure.path !== file)) return error;
    return erasedError(erasure, erasure.signed?.signer);
  }
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
