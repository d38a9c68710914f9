import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { readCsvRows } from "../data/csv.ts";
import type { Table } from "../data/table.ts";

/**
 * Writes part of a table as a hospital would have it: its rows as they stand in the file, and a schema that declares ranges and classes, so that all
 * scale alike and nobody learns another's extremes.
 * @param rows 0-based, of the whole table.
 */
export async function writeDataFolder(folder: string, source: string, { schema, columns, classes, classNames }: Table, rows: readonly number[]): Promise<void> {
  const [header, ...records] = [...readCsvRows(await readFile(source, "utf8"), path.basename(source))].map(({ cells }) => cells.map(quote).join(","));
  const lines = [header ?? "", ...rows.map((row) => records[row] ?? "")];
  const { csvSha256: _, rows: __, ...declared } = schema;
  // A column that never varies has no range: both ways it becomes 0.
  const ranges = Object.fromEntries(columns.filter(({ min, max }) => min < max).map(({ name, min, max }) => [name, [min, max]]));
  const names = Object.fromEntries(classes.map((label, at) => [label, classNames[at] ?? label]));
  const name = path.basename(source).replace(/\.csv$/i, "");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path.join(folder, `${name}.csv`), `${lines.join("\n")}\n`, { mode: 0o600 });
  await writeFile(path.join(folder, `${name}.schema.json`), `${JSON.stringify({ ...declared, rows: rows.length, classes: names, ranges }, null, 2)}\n`, { mode: 0o600 });
}

const quote = (cell: string): string => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
