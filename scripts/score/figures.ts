/** Integers of a settlement, for people to read. Rounded down; what is not nothing never reads as nothing. */
export function share(part: bigint, whole: bigint): string {
  if (whole === 0n) return "0.00 %";
  const hundredths = (part * 10_000n) / whole;
  if (hundredths === 0n && part > 0n) return "<0.01 %";
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")} %`;
}

/** Parts per million, six places. */
export function ratio(ppm: number): string {
  const size = Math.abs(ppm);
  return `${ppm < 0 ? "-" : ""}${Math.floor(size / 1_000_000)}.${String(size % 1_000_000).padStart(6, "0")}`;
}

/** Columns of equal width, the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[], indent = ""): string {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), []);
  return rows.map((row) => `${indent}${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ").trimEnd()}\n`).join("");
}
