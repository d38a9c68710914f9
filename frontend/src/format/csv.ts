/**
 * Comma-separated values after RFC 4180: CRLF, quotes doubled. A cell that a spreadsheet would run as a formula is text there too: an apostrophe goes before
 * it (OWASP, "CSV Injection"). Pure.
 */

/** What spreadsheets take for the start of a formula, full-width forms included; a tab or line break before it is skipped by some. */
const FORMULA = /^[\s\p{Cc}]*[=+\-@＝＋－＠|%]/u;

function cell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n\t]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param rows The first is the head. */
export function formatCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
