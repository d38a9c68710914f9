import type { ChongwenError } from "../../protocol/errors.ts";
import { dataError } from "./errors.ts";

/**
 * What is declared about a table beside its cells, in `<name>.schema.json` next to `<name>.csv`. Every field but `schema` is optional.
 * Declaring `ranges` is how a hospital keeps the smallest and largest value of its patients to itself:
 * without them the ranges are read from the table (see `parseTable`).
 */
export interface TableSchema {
  /** Version of this format: 1. */
  readonly schema: 1;
  readonly name?: string;
  readonly title?: string;
  /** What one row is, for example "patient": the privacy unit. */
  readonly unit?: string;
  readonly licence?: string;
  readonly source?: string;
  /** "exempt": the data is public, so no privacy budget is charged for it. */
  readonly privacy?: "exempt";
  /** SHA-256 of the CSV file, 64 hexadecimal digits. */
  readonly csvSha256?: string;
  readonly rows?: number;
  /** Name of the last column, the class. */
  readonly label?: string;
  /** Class label in the file → its name for readers. */
  readonly classes?: Readonly<Record<string, string>>;
  /** Feature name → [smallest, largest] value it can take. */
  readonly ranges?: Readonly<Record<string, readonly [number, number]>>;
}

/** The declared range of a feature. Own fields only: a column may be called "constructor". */
export function declaredRange(schema: TableSchema, column: string): readonly [number, number] | undefined {
  return schema.ranges !== undefined && Object.hasOwn(schema.ranges, column) ? schema.ranges[column] : undefined;
}

/** What readers call a class: its name in the schema, else its label in the file. */
export function className(schema: TableSchema, label: string): string {
  return (schema.classes !== undefined && Object.hasOwn(schema.classes, label) ? schema.classes[label] : undefined) ?? label;
}

const TEXTS = ["name", "title", "unit", "licence", "source", "csvSha256", "label"] as const;

/** Reads a schema and refuses what it does not know, so that a misspelt field is not silently ignored. */
export function parseSchema(json: string, file: string): TableSchema {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw refuse(file, `is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  if (!isObject(value)) throw refuse(file, "is not a JSON object");
  if (value["schema"] !== 1) throw refuse(file, `has schema version ${JSON.stringify(value["schema"])}, and only version 1 is known`);
  for (const [key, field] of Object.entries(value)) {
    if (!isKnown(key, field)) throw refuse(file, `has an unknown or malformed field "${key}"`);
  }
  return value as unknown as TableSchema;
}

function isKnown(key: string, field: unknown): boolean {
  if ((TEXTS as readonly string[]).includes(key)) return typeof field === "string";
  switch (key) {
    case "schema":
      return true;
    case "rows":
      return Number.isSafeInteger(field);
    case "privacy":
      return field === "exempt";
    case "classes":
      return isObject(field) && Object.values(field).every((name) => typeof name === "string");
    case "ranges":
      return isObject(field) && Object.values(field).every(isRange);
    default:
      return false;
  }
}

function isRange(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(file: string, what: string): ChongwenError {
  return dataError("data-schema", `${file} ${what}.`, "Compare it with data/dermatology.schema.json, or remove it: a table works without a schema.");
}
