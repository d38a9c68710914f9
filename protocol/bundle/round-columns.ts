import type { Hex } from "viem";
import { toHex } from "../bytes.ts";
import { columnHash, COLUMN_WIDTHS, packHex, packUints, unpackHex, unpackNumbers } from "../columns.ts";
import type { CheckList } from "./checks.ts";
import { checkHashedFile } from "./files.ts";
import { readFile, type BundleReader } from "./reader.ts";
import { ROUND_FILES, type RoundManifest } from "./round-manifest.ts";

/** What the columns hold and the manifest's entries do not. */
export interface RoundColumns {
  readonly weights: readonly number[];
  readonly signatures: readonly Hex[];
}

type ColumnName = Exclude<keyof typeof ROUND_FILES, "model" | "metrics">;

/** Columns as the manifest's entries imply them, with the hash that the seal commits to. Weights and signatures stand in their file only. */
function expectedColumns({ entries, seal, weightsHash }: RoundManifest): Record<ColumnName, { committed: Hex; packed: Uint8Array | null }> {
  return {
    seats: { committed: seal.seatsHash, packed: packUints(entries.map(({ seat }) => seat), COLUMN_WIDTHS.seats) },
    updateRoots: { committed: seal.updateRootsHash, packed: packHex(entries.map(({ updateRoot }) => updateRoot), COLUMN_WIDTHS.updateRoots) },
    weights: { committed: weightsHash, packed: null },
    norms: { committed: seal.normsHash, packed: packUints(entries.map(({ normSq }) => normSq), COLUMN_WIDTHS.norms) },
    normTraces: { committed: seal.normTracesHash, packed: packHex(entries.map(({ normTraceRoot }) => normTraceRoot), COLUMN_WIDTHS.normTraces) },
    signatures: { committed: seal.signaturesHash, packed: null },
  };
}

/** Names the first item that differs. */
function sameItems(list: CheckList, path: string, expected: Uint8Array, actual: Uint8Array, width: number): void {
  let at = 0;
  while (at < expected.length && expected[at] === actual[at]) at++;
  const item = Math.floor(at / width);
  const show = (column: Uint8Array) => (at === expected.length ? "every entry" : `entry ${item}: ${toHex(column.subarray(item * width, (item + 1) * width))}`);
  list.same("column agrees with the manifest's entries", path, show(expected), show(actual));
}

function checkEntries(list: CheckList, { entries, config }: RoundManifest, weights: readonly number[]): void {
  const unordered = entries.findIndex(({ seat }, i) => i > 0 && seat <= entries[i - 1]!.seat);
  list.same("seats ascend", ROUND_FILES.seats, "every entry", unordered < 0 ? "every entry" : `entry ${unordered}: seat ${entries[unordered]!.seat}`);
  const counted = entries.filter((_, i) => weights[i]! > 0);
  const roots = new Set(counted.map(({ updateRoot }) => updateRoot));
  list.same("entries with weight have different roots", ROUND_FILES.updateRoots, counted.length, roots.size);
  const over = config.normSqBound === 0n ? undefined : entries.find(({ normSq }) => normSq > config.normSqBound);
  list.same("norms within the bound", ROUND_FILES.norms, "every entry", over === undefined ? "every entry" : `seat ${over.seat}: ${over.normSq}`);
}

/** @returns null when a column has not one item an entry: nothing behind it can be recomputed then. @throws bundle-unreadable */
export async function checkColumns(list: CheckList, reader: BundleReader, manifest: RoundManifest): Promise<RoundColumns | null> {
  const present = new Set(await reader.list());
  const files = new Map(manifest.files.map((file) => [file.path, file]));
  const read = new Map<ColumnName, Uint8Array>();
  for (const [name, { committed, packed }] of Object.entries(expectedColumns(manifest)) as [ColumnName, { committed: Hex; packed: Uint8Array | null }][]) {
    const path = ROUND_FILES[name];
    const file = files.get(path);
    if (file === undefined || !present.has(path)) continue; // `checkFileSet` says so.
    const bytes = await readFile(reader, path, 2 ** 20);
    const width = COLUMN_WIDTHS[name];
    checkHashedFile(list, file, bytes);
    list.same("column hash", path, committed, columnHash(bytes));
    if (!list.same("column length", path, manifest.entries.length * width, bytes.length)) continue;
    list.same("listed length", path, bytes.length, file.bytes);
    if (packed !== null) sameItems(list, path, packed, bytes, width);
    read.set(name, bytes);
  }
  const [weights, signatures] = [read.get("weights"), read.get("signatures")];
  if (weights === undefined || signatures === undefined) return null;
  const columns = { weights: unpackNumbers(weights, COLUMN_WIDTHS.weights), signatures: unpackHex(signatures, COLUMN_WIDTHS.signatures) };
  checkEntries(list, manifest, columns.weights);
  list.same("exclusions are entries", "manifest.json", true, manifest.report.excluded >> BigInt(manifest.entries.length) === 0n);
  return columns;
}
