import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { ArtefactError } from "../../../scripts/store/index.ts";

export type Class<T> = abstract new (...parameters: never[]) => T;

/** A folder that is removed when the test ends. */
export async function temporaryDir(t: Pick<TestContext, "after">): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "store-test-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Bytes that look random and are the same on every run. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed | 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

export function files(entries: Record<string, Uint8Array | string>): Map<string, Uint8Array> {
  return new Map(Object.entries(entries).map(([path, bytes]) => [path, typeof bytes === "string" ? Buffer.from(bytes) : bytes]));
}

/** All block files of a disk store. */
export async function blockFiles(dir: string): Promise<string[]> {
  const all = await readdir(dir, { recursive: true });
  return all.filter((file) => file.endsWith(".data")).map((file) => join(dir, file)).sort();
}

/** Runs what must fail, and returns the error for a closer look. */
export async function failure<T extends Error>(kind: Class<T>, step: () => unknown): Promise<T> {
  try {
    await step();
  } catch (error) {
    assert.ok(error instanceof kind, `expected ${kind.name}, got ${String(error)}`);
    return error;
  }
  return assert.fail(`expected ${kind.name}, but nothing failed`);
}

/** An error's kind and path in one line: "artefact-mismatch updates/3.bin". */
export function brief(error: Error): string {
  if (!(error instanceof ArtefactError)) return String(error);
  const { path, offset } = error.place;
  return `${error.code} ${path === "" ? "(root)" : path}${offset === undefined ? "" : `@${offset}`}`;
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
