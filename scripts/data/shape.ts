import type { ChongwenError } from "../../protocol/errors.ts";
import { dataError, describePlace } from "./errors.ts";
import type { TableSchema } from "./schema.ts";

/** What a table may be. The embedded trainer is for tables that fit in memory many times over. */
export const LIMITS = {
  /** bytes of the CSV file */
  maxBytes: 32 * 1024 * 1024,
  maxRows: 1_000_000,
  /** features and the class together */
  maxColumns: 1024,
  /** enough for five sites and a holdout */
  minRows: 40,
  minClasses: 2,
  maxClasses: 64,
} as const;

/** Checks the header line. Returns the column names, the class last. */
export function headerOf(cells: readonly string[], file: string, schema: TableSchema): string[] {
  if (cells.length < 2) {
    const separator = /[;\t|]/.exec(cells[0] ?? "")?.[0];
    if (separator !== undefined) {
      throw dataError(
        "data-separator",
        `${file}, line 1: the cells seem to be separated by ${JSON.stringify(separator)}.`,
        "Save the file with commas between cells.",
      );
    }
    throw dataError(
      "data-header",
      `${file}, line 1: one column only.`,
      "Give at least one feature column and the class as the last column.",
    );
  }
  if (cells.length > LIMITS.maxColumns) {
    throw dataError(
      "data-too-many-columns",
      `${file}, line 1: ${cells.length} columns, and at most ${LIMITS.maxColumns} are read.`,
      "Remove columns the model does not need.",
    );
  }
  if (cells.slice(0, -1).every((cell) => cell === "?" || (cell !== "" && Number.isFinite(Number(cell))))) {
    throw dataError(
      "data-no-header",
      `${file}, line 1 holds numbers, so the column names are missing.`,
      "Add a first line with one name per column; without it the first record would be lost.",
    );
  }
  cells.forEach((name, at) => {
    const place = describePlace({ file, line: 1, column: at + 1 });
    if (name === "") throw dataError("data-header", `${place}: the column has no name.`, "Name every column.");
    const earlier = cells.indexOf(name);
    if (earlier !== at) {
      throw dataError(
        "data-header",
        `${place}: "${name}" is already the name of column ${earlier + 1}.`,
        "Give every column its own name.",
      );
    }
  });
  checkSchemaNames(cells, file, schema);
  return [...cells];
}

/** A declared column that does not exist is a misspelling, and would silently leave the real one undeclared. */
function checkSchemaNames(cells: readonly string[], file: string, schema: TableSchema): void {
  const label = cells[cells.length - 1] as string;
  const refuse = (what: string): ChongwenError =>
    dataError("data-schema", `The schema of ${file} ${what}.`, "Correct the schema file so that its names are those of the header.");
  if (schema.label !== undefined && schema.label !== label) throw refuse(`calls the class "${schema.label}", but the last column is "${label}"`);
  for (const name of Object.keys(schema.ranges ?? {})) {
    if (!cells.slice(0, -1).includes(name)) throw refuse(`declares a range for "${name}", which is no feature of the table`);
  }
}

/** The distinct labels: in numeric order if all are integers, else in code-unit order, so that the order never depends on the rows'. */
export function classesOf(labels: readonly string[], file: string): string[] {
  if (labels.length < LIMITS.minRows) {
    throw dataError(
      "data-too-few-rows",
      `${file} has ${labels.length} records; at least ${LIMITS.minRows} are needed for the sites and the holdout.`,
      "Give a larger table.",
    );
  }
  const classes = [...new Set(labels)];
  if (classes.length < LIMITS.minClasses) {
    throw dataError(
      "data-too-few-classes",
      `${file}: the last column holds only ${JSON.stringify(classes[0])}.`,
      "Put the class into the last column; at least two classes are needed.",
    );
  }
  if (classes.length > LIMITS.maxClasses) {
    throw dataError(
      "data-too-many-classes",
      `${file}: the last column holds ${classes.length} different values, and at most ${LIMITS.maxClasses} classes are read.`,
      "Put the class, not a measurement or a name, into the last column.",
    );
  }
  const numeric = classes.every((label) => /^[+-]?\d{1,15}$/.test(label));
  return classes.sort(numeric ? (a, b) => Number(a) - Number(b) || (a < b ? -1 : 1) : (a, b) => (a < b ? -1 : 1));
}
