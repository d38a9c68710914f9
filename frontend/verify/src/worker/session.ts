/** What the worker holds between messages. Everything of the browser is passed in, so that the same runs in tests. */
import type { Hex } from "viem";
import { createFileHasher, type FileHashes } from "../../../../protocol/file-hash.ts";
import { erasedError } from "../../../../protocol/audit/erasure.ts";
import type { Deployment } from "../../../../protocol/deployment.ts";
import { ChongwenError } from "../../../../protocol/errors.ts";
import { parseCid } from "../../../../protocol/unixfs/cid.ts";
import { createArtefactCache, fetchFrom, type ArtefactCache, type FetchFile } from "../store/artefacts.ts";
import { createGet, nameOf, sourceOf } from "../store/fetch-file.ts";
import { sortGiven, type Given, type GivenFile } from "../store/given.ts";
import type { Address } from "../subject.ts";
import type { HashedFile } from "./messages.ts";
import type { Outcome, Setting } from "./question.ts";
import { findHashes } from "./resolve.ts";
import { ask, judge, type Kept } from "./verify.ts";

export interface StreamedFile extends GivenFile {
  stream(): ReadableStream<Uint8Array>;
}

const NOTHING_GIVEN: Given = { artefacts: new Map(), deployment: null, facts: null, erasures: [], loose: [] };

export interface Session {
  verify(address: Address): Promise<Outcome>;
  give(address: Address, files: readonly StreamedFile[], progress: (path: string, done: number, total: number) => void): Promise<{ outcome: Outcome; files: HashedFile[] }>;
  flip(artefact: Hex, path: string, offset: number): Promise<Outcome | null>;
  undo(): Promise<Outcome | null>;
  readonly deployment: Deployment | null;
}

export function createSession(setting: Setting, served: Deployment | null): Session {
  let given: Given = NOTHING_GIVEN;
  let current: { readonly address: Address; readonly cache: ArtefactCache; readonly kept: Kept } | null = null;
  let tampered: { readonly what: string; readonly undo: () => void } | null = null;

  const deploymentOf = (): Deployment | null => given.deployment ?? served;

  function createCache({ sources }: Address): ArtefactCache {
    const bases = [...sources, ...(sources.length === 0 && setting.home !== null ? [setting.home] : [])].map(sourceOf);
    const fetchFile: FetchFile = fetchFrom(bases, nameOf, createGet(setting.network));
    const stated = new Map(given.erasures.map((erasure) => [erasure.artefact, erasure]));
    return createArtefactCache(async (digest, path, maxBytes) => {
      try {
        return await fetchFile(digest, path, maxBytes);
      } catch (error) {
        const erasure = stated.get(digest);
        if (erasure !== undefined && error instanceof ChongwenError && error.code === "artefact-missing") throw erasedError(erasure);
        throw error;
      }
    }, given.artefacts);
  }

  async function verify(address: Address): Promise<Outcome> {
    tampered = null;
    const cache = createCache(address);
    const question = { address, deployment: deploymentOf(), given };
    const kept = await ask(question, setting, cache);
    current = { address, cache, kept };
    return judge(question, setting, cache, kept, null);
  }

  const again = async (): Promise<Outcome | null> => {
    if (current === null) return null;
    const { address, cache, kept } = current;
    return judge({ address, deployment: deploymentOf(), given }, setting, cache, kept, tampered?.what ?? null);
  };

  return {
    get deployment() {
      return deploymentOf();
    },
    verify,
    async give(address, files, progress) {
      const sorted = await sortGiven(files);
      given = {
        artefacts: new Map([...given.artefacts, ...sorted.artefacts]),
        deployment: sorted.deployment ?? given.deployment,
        facts: sorted.facts ?? given.facts,
        erasures: [...given.erasures, ...sorted.erasures],
        loose: sorted.loose,
      };
      // A folder is a question of its own; a ledger's description only answers the one that stands.
      const outcome = await verify(sorted.artefacts.size > 0 || sorted.loose.length > 0 ? { ...address, subject: { kind: "none" } } : address);
      const hashed: HashedFile[] = [];
      for (const file of files.filter((entry) => sorted.loose.includes(entry))) {
        const hashes = await hashFile(file, (done) => progress(file.path, done, file.size));
        hashed.push({ path: file.path, hashes, found: await locate(hashes) });
      }
      return { outcome, files: hashed };
    },
    async flip(artefact, path, offset) {
      tampered?.undo();
      const undo = current?.cache.flip(artefact, path, offset) ?? null;
      tampered = undo === null ? null : { what: `${artefact} ${path} byte ${offset}`, undo };
      return again();
    },
    async undo() {
      tampered?.undo();
      tampered = null;
      return again();
    },
  };

  async function locate(hashes: FileHashes): Promise<HashedFile["found"]> {
    if (current === null || current.kept.ledger === null) return null;
    const { facts } = current.kept.ledger;
    const { keccak256, sha256, updateRoot, modelRoot, artefact, cid } = hashes;
    return findHashes(facts, current.cache, [...new Set([keccak256, modelRoot, updateRoot, sha256, artefact, parseCid(cid).digest])]);
  }
}

export async function hashFile(file: StreamedFile, progress: (done: number) => void): Promise<FileHashes> {
  const hasher = await createFileHasher();
  let done = 0;
  const reader = file.stream().getReader();
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    hasher.update(step.value);
    done += step.value.length;
    progress(done);
  }
  return hasher.finish();
}
