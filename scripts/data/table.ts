import { createHash } from "node:crypto";
import { readCsvRows, type CsvRow } from "./csv.ts";
import { dataError, describePlace, type Place } from "./errors.ts";
import type { Records } from "./records.ts";
import { className, declaredRange, type TableSchema } from "./schema.ts";
import { classesOf, headerOf, LIMITS } from "./shape.ts";

/** A feature column and the range that scales it. */
export interface Column {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** true: the range comes from the schema; false: it was read from the whole table. */
  readonly declared: boolean;
  /** How many of its cells were missing and now hold the column's median. */
  readonly missing: number;
}

/** A table in memory: named numeric features, one class per row. */
export interface Table {
  readonly name: string;
  /** SHA-256 of the CSV, hexadecimal. */
  readonly sha256: string;
  readonly columns: readonly Column[];
  /** Class labels as they stand in the file; a record's label is an index into this list. */
  readonly classes: readonly string[];
  /** The same, with the names the schema gives them. */
  readonly classNames: readonly string[];
  readonly records: Records;
  readonly schema: TableSchema;
}

/** Parameters of `parseTable`. */
export interface ParseTableParameters {
  /** Name used in messages and as the table's name if the schema gives none. */
  readonly file: string;
  readonly schema?: TableSchema;
  /** Digest of the file's bytes; computed from the text when left out. */
  readonly sha256?: string;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Reads a table from CSV: a header, numeric features, the class label in the last column; `?` or an empty cell is missing.
 *
 * Missing cells take the lower median of their column over the whole table. Features are scaled to (v − min) / (max − min),
 * with the range the schema declares or, for a column without one, the smallest and largest value of the whole table
 * (holdout included): a convenience for public tables, because it lets every site know those two numbers.
 * A column that never varies becomes 0.
 */
export function parseTable(text: string, parameters: ParseTableParameters): Table {
  const { file, schema = { schema: 1 } } = parameters;
  const rows = readCsvRows(text, file);
  const first = rows.next();
  if (first.done === true) throw dataError("data-empty", `${file} is empty.`, "Give a CSV file with a header line and one line per record.");
  const names = headerOf(first.value.cells, file, schema);
  const values: number[] = [];
  const labels: string[] = [];
  for (const row of rows) {
    readRow(row, names, file, schema, values, labels);
    if (labels.length > LIMITS.maxRows) {
      throw dataError("data-too-large", `${file} has more than ${LIMITS.maxRows} rows.`, "Split the file, or use a trainer made for large data.");
    }
  }
  const classes = classesOf(labels, file);
  const columns = names.slice(0, -1).map((name, at) => fillAndScale(values, names.length - 1, at, name, schema, file));
  const index = new Map(classes.map((label, at) => [label, at]));
  return {
    name: schema.name ?? file.replace(/\.csv$/i, ""),
    sha256: parameters.sha256 ?? createHash("sha256").update(text).digest("hex"),
    columns,
    classes,
    classNames: classes.map((label) => className(schema, label)),
    records: {
      count: labels.length,
      featureCount: columns.length,
      classCount: classes.length,
      features: Float64Array.from(values),
      labels: Uint8Array.from(labels, (label) => index.get(label) ?? 0),
    },
    schema,
  };
}

/** Checks one line and appends its cells; a missing one as NaN. */
function readRow(row: CsvRow, names: readonly string[], file: string, schema: TableSchema, values: number[], labels: string[]): void {
  const { line, cells } = row;
  if (cells.length !== names.length) {
    throw dataError(
      "data-ragged-row",
      `${describePlace({ file, line })}: ${cells.length} cells, but the header has ${names.length}.`,
      "Give every line as many cells as the header; write ? for a missing one and quote text that holds a comma.",
    );
  }
  cells.forEach((cell, at) => {
    const columnName = names[at] ?? "";
    const place: Place = { file, line, column: at + 1, columnName };
    const missing = cell === "?" || cell === "";
    if (at === names.length - 1) {
      if (missing) throw dataError("data-label-missing", `${describePlace(place)}: the class is missing.`, "Fill in the class, or remove the line.");
      labels.push(cell);
    } else {
      values.push(missing ? Number.NaN : numberOf(cell, place, declaredRange(schema, columnName)));
    }
  });
}

function numberOf(cell: string, place: Place, range?: readonly [number, number]): number {
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
  if (!Number.isFinite(value)) {
    throw dataError(
      "data-not-a-number",
      `${describePlace(place)}: ${JSON.stringify(cell.slice(0, 40))} is not a number.`,
      "Write a decimal number with a point, or ? for a missing value; turn categories into numbers first. Only the last column may be text.",
    );
  }
  if (range !== undefined && (value < range[0] || value > range[1])) {
    throw dataError(
      "data-out-of-range",
      `${describePlace(place)}: ${cell} is outside the declared range ${range[0]} to ${range[1]}.`,
      "Correct the cell, or widen the range in the table's schema file.",
    );
  }
  return value;
}

/** Fills the missing cells of one column, scales it in place and says how. */
function fillAndScale(values: number[], width: number, at: number, name: string, schema: TableSchema, file: string): Column {
  const known: number[] = [];
  for (let i = at; i < values.length; i += width) if (!Number.isNaN(values[i])) known.push(values[i] as number);
  known.sort((a, b) => a - b);
  const missing = values.length / width - known.length;
  const [least, median, most] = [known[0], known[(known.length - 1) >> 1], known[known.length - 1]];
  if (least === undefined || median === undefined || most === undefined) {
    const place = describePlace({ file, column: at + 1, columnName: name });
    throw dataError("data-column-empty", `${place}: every cell is missing.`, "Remove the column.");
  }
  const declared = declaredRange(schema, name);
  const [min, max] = declared ?? [least, most];
  // Halves first: the difference of two finite numbers can overflow, that of their halves cannot.
  const span = max / 2 - min / 2;
  for (let i = at; i < values.length; i += width) {
    const value = Number.isNaN(values[i]) ? median : (values[i] as number);
    values[i] = span > 0 ? (value / 2 - min / 2) / span : 0;
  }
  return { name, min, max, declared: declared !== undefined, missing };
}
