/**
 * The files that a manifest lists. A file of lanes is bound by its SSZ root, which has to be computed anyway and is what the ledger knows;
 * every other file by keccak-256. Both, with the length, fix its bytes.
 */
import { z } from "zod";
import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { bytes32 } from "../schema.ts";
import type { BundleReader } from "./reader.ts";
import type { CheckList } from "./checks.ts";

export const MANIFEST = "manifest.json";
export const MANIFEST_LIMIT = 16 * 2 ** 20;

export type FileEntry =
  | { readonly path: string; readonly bytes: number; readonly keccak256: Hex }
  | { readonly path: string; readonly bytes: number; readonly sszRoot: Hex };

/** Paths of a manifest, sorted and unique, and none that the format does not know: so no "..", no absolute path, no surprise. */
export function fileListSchema(allowed: (path: string) => boolean): z.ZodType<readonly FileEntry[]> {
  const path = z.string().max(64).refine(allowed, "no such file in this format");
  const bytes = z.int().min(0).max(2 ** 40);
  return z
    .array(z.union([z.strictObject({ path, bytes, keccak256: bytes32 }), z.strictObject({ path, bytes, sszRoot: bytes32 })]))
    .max(1024)
    .refine((files) => files.every((file, i) => i === 0 || files[i - 1]!.path < file.path), "paths must be sorted and unique");
}

/** List entry of a file that is no vector of lanes. */
export function hashedFile(path: string, bytes: Uint8Array): FileEntry {
  return { path, bytes: bytes.length, keccak256: keccak256(bytes) };
}

export function sortFiles(files: readonly FileEntry[]): FileEntry[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Checks that the directory holds exactly what the manifest lists and the manifest lists exactly what the format wants.
 * @returns The list by path, for files that can be read.
 */
export async function checkFileSet(
  list: CheckList,
  reader: BundleReader,
  files: readonly FileEntry[],
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, FileEntry>> {
  const present = new Set(await reader.list());
  const listed = new Map(files.map((file) => [file.path, file]));
  const usable = new Map<string, FileEntry>();
  for (const path of [...wanted].sort()) {
    const file = listed.get(path);
    const state = file === undefined ? "not in the manifest" : present.has(path) ? "present" : "missing";
    if (list.same("file is there", path, "present", state) && file !== undefined) usable.set(path, file);
  }
  for (const path of [...new Set([...listed.keys(), ...present])].sort()) {
    if (path !== MANIFEST && !wanted.has(path)) list.same("no unknown file", path, "absent", present.has(path) ? "present" : "listed");
  }
  return usable;
}

/** Records whether a small file is the one that the manifest lists. */
export function checkHashedFile(list: CheckList, file: FileEntry, bytes: Uint8Array): void {
  list.same("file hash", file.path, "keccak256" in file ? file.keccak256 : "no keccak256 in the manifest", keccak256(bytes));
}
