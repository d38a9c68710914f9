import { dataError, describePlace } from "./errors.ts";

/** One line of a CSV file. `line` counts from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: string[];
}

/**
 * The rows of a CSV text, one at a time so that a large file is never held twice.
 * Reads RFC 4180 with LF or CRLF line ends, an optional byte order mark, quoted cells ("" is a quote inside one)
 * and blank lines, which are skipped. A quoted cell may not span lines: no table of numbers needs it.
 *
 * @param text - the whole file
 * @param file - its name, for messages
 */
export function* readCsvRows(text: string, file: string): Generator<CsvRow> {
  let start = text.startsWith("\uFEFF") ? 1 : 0;
  for (let line = 1; start < text.length; line++) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    const stop = end > start && text[end - 1] === "\r" ? end - 1 : end;
    const content = text.slice(start, stop);
    start = end + 1;
    if (content.trim() !== "") yield { line, cells: splitLine(content, file, line) };
  }
}

function splitLine(content: string, file: string, line: number): string[] {
  if (!content.includes('"')) return content.split(",").map((cell) => cell.trim());
  const cells: string[] = [];
  let position = 0;
  for (;;) {
    const [cell, next] = readCell(content, position, file, line, cells.length + 1);
    cells.push(cell);
    if (next > content.length) return cells;
    position = next;
  }
}

/** The cell that starts at `position`, and where the next one starts (past the end after the last). */
function readCell(content: string, position: number, file: string, line: number, column: number): [string, number] {
  const opening = /\s*/y;
  opening.lastIndex = position;
  opening.test(content);
  const first = opening.lastIndex;
  if (content[first] !== '"') {
    const comma = content.indexOf(",", position);
    const end = comma < 0 ? content.length : comma;
    return [content.slice(position, end).trim(), end + 1];
  }
  const quoted = /"((?:[^"]|"")*)"\s*(?:,|$)/y;
  quoted.lastIndex = first;
  const match = quoted.exec(content);
  if (match === null) {
    throw dataError(
      "data-quote",
      `${describePlace({ file, line, column })}: a quoted cell is not closed before the end of its line.`,
      'Close the quote on the same line, or double it ("") if it belongs to the text.',
    );
  }
  const after = quoted.lastIndex;
  return [(match[1] as string).replaceAll('""', '"').trim(), match[0].endsWith(",") ? after : content.length + 1];
}
