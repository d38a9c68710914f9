import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { ChongwenError } from "../../protocol/errors.ts";
import { dataError } from "./errors.ts";
import { parseSchema, type TableSchema } from "./schema.ts";
import { LIMITS } from "./shape.ts";
import { parseTable, type Table } from "./table.ts";

/** The table that is shipped: UCI Dermatology, see data/README.md. */
export const DERMATOLOGY_PATH = fileURLToPath(new URL("../../data/dermatology.csv", import.meta.url));

/**
 * Reads a table from a CSV file, with `<name>.schema.json` beside it if there is one.
 * Messages name the file without its folders, so that they can be shared.
 *
 * @throws data-* : one code per cause, see errors.ts
 */
export function loadTable(path: string): Table {
  const file = basename(path);
  const bytes = readLimited(path, file);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const schema = loadSchema(path);
  if (schema?.csvSha256 !== undefined && schema.csvSha256 !== sha256) {
    throw dataError(
      "data-checksum",
      `${file} is not the file its schema describes: its SHA-256 is ${sha256}, expected ${schema.csvSha256}.`,
      "Restore the file, or update csvSha256 in its schema if the change is meant.",
    );
  }
  const table = parseTable(decode(bytes, file), schema === undefined ? { file, sha256 } : { file, sha256, schema });
  if (schema?.rows !== undefined && schema.rows !== table.records.count) {
    throw dataError(
      "data-schema",
      `${file} has ${table.records.count} records, but its schema says ${schema.rows}.`,
      "Correct whichever is wrong.",
    );
  }
  return table;
}

function loadSchema(path: string): TableSchema | undefined {
  const beside = `${path.replace(/\.csv$/i, "")}.schema.json`;
  if (!existsSync(beside)) return undefined;
  const file = basename(beside);
  return parseSchema(decode(readLimited(beside, file), file), file);
}

function readLimited(path: string, file: string): Buffer {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw dataError("data-unreadable", `${file} is not a file.`, "Give the path of a CSV file.");
    if (stat.size > LIMITS.maxBytes) {
      throw dataError(
        "data-too-large",
        `${file} has ${stat.size} bytes, and at most ${LIMITS.maxBytes} are read.`,
        "Take a sample, or use a trainer made for large data.",
      );
    }
    return readFileSync(path);
  } catch (error) {
    if (error instanceof ChongwenError) throw error;
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw dataError("data-unreadable", `${file} cannot be read (${reason}).`, "Check the path and that you may read the file.");
  }
}

/** UTF-8 only: a table saved as UTF-16 or as a spreadsheet is refused, not misread. */
function decode(bytes: Buffer, file: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\u0000")) return text;
  } catch {
    // falls through to the same refusal
  }
  throw dataError("data-not-text", `${file} is not UTF-8 text.`, "Save it as CSV, UTF-8.");
}
