import assert from "node:assert/strict";
import { ChongwenError } from "../../../protocol/errors.ts";
import { type Records, type Table, parseTable, type TableSchema } from "../../../scripts/data/index.ts";

/** Runs what must fail, and returns the error after checking that it tells its reader what to do. */
export function failure(run: () => unknown): ChongwenError {
  try {
    run();
  } catch (error) {
    assert(error instanceof ChongwenError, `a typed error, not ${String(error)}`);
    assert(error.fix.length > 0);
    assert.equal(error.retryable, false);
    return error;
  }
  throw new assert.AssertionError({ message: "it did not fail" });
}

/** "x,y,class" and `rows` lines, the class alternating between the labels. */
export function csv(rows: number, labels: readonly string[] = ["a", "b"]): string {
  const lines = Array.from({ length: rows }, (_, i) => `${i},${(i * 7) % 5},${labels[i % labels.length]}`);
  return `x,y,class\n${lines.join("\n")}\n`;
}

/** The CSV above with one line replaced; line 1 is the header. */
export function withLine(line: number, content: string, rows = 60): string {
  const lines = csv(rows).split("\n");
  lines[line - 1] = content;
  return lines.join("\n");
}

export function parse(text: string, schema?: TableSchema): Table {
  return parseTable(text, schema === undefined ? { file: "t.csv" } : { file: "t.csv", schema });
}

/** Records with the given labels; features are zero. */
export function labelled(labels: readonly number[], classCount: number): Pick<Table, "records"> {
  const records: Records = {
    count: labels.length,
    featureCount: 1,
    classCount,
    features: new Float64Array(labels.length),
    labels: Uint8Array.from(labels),
  };
  return { records };
}
