import { ChongwenError } from "../../protocol/errors.ts";

/** Everything that can be wrong with a table, its schema or its split: one code per cause. Trying again never helps. */
export const DATA_ERROR_CODES = [
  "data-unreadable",
  "data-too-large",
  "data-not-text",
  "data-empty",
  "data-separator",
  "data-no-header",
  "data-header",
  "data-quote",
  "data-ragged-row",
  "data-not-a-number",
  "data-out-of-range",
  "data-label-missing",
  "data-column-empty",
  "data-too-few-rows",
  "data-too-few-classes",
  "data-too-many-classes",
  "data-too-many-columns",
  "data-schema",
  "data-checksum",
  "data-split",
  "data-records",
] as const;

export type DataErrorCode = (typeof DATA_ERROR_CODES)[number];

/** @param message Where and what. @param fix What to do, as an instruction. */
export function dataError(code: DataErrorCode, message: string, fix: string): ChongwenError {
  return new ChongwenError({ code, message, fix, docs: "data/README.md" });
}

/** Where a cell stands. Lines and columns count from 1, the header is line 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly columnName?: string;
}

/** "patients.csv, line 12, column 34 (age)" */
export function describePlace(place: Place): string {
  const parts = [place.file];
  if (place.line !== undefined) parts.push(`line ${place.line}`);
  if (place.column !== undefined) {
    parts.push(`column ${place.column}${place.columnName === undefined ? "" : ` (${place.columnName})`}`);
  }
  return parts.join(", ");
}
