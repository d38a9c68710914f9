// A run for people.
import { formatEther } from "viem";
import type { FlowerReport, RoundReport } from "./report.ts";

const percent = (share: number | null): string => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);

/** The report as text for a terminal. */
export function describeReport(report: FlowerReport): string {
  const { rounds, data, claims, promises, seconds, kill } = report;
  const nameOf = (seat: number): string => data.hospitals.find((hospital) => hospital.seat === seat)?.name ?? `seat ${seat}`;
  const rows = rounds.map((round) => [String(round.round), round.state, round.contributors.join(" "), percent(round.accuracy), percent(round.overhead), leftOut(round, kill.round === round.round ? `${nameOf(kill.seat)}: killed` : null, nameOf)]);
  const paid = claims.map(({ seat, amount }) => `    ${nameOf(seat).padEnd(12)} ${formatEther(BigInt(amount))} SHU`);
  return [
    "",
    ...columns([["round", "state", "seats", "right", "overhead", "left out, and why"], ...rows]),
    "",
    "  Overhead: commit, sign and verify as a share of training.",
    "",
    ...paid,
    "",
    ...report.studies.lines.map((line) => `  ${line}`),
    "",
    ...promises.map(({ what, kept }) => `  ${kept ? "✓" : "✗"} ${what}`),
    "",
    `  ${promises.filter(({ kept }) => kept).length} of ${promises.length} promises kept in ${Math.round(seconds.total)} s.`,
    "",
  ].join("\n");
}

function leftOut({ excluded }: RoundReport, killed: string | null, nameOf: (seat: number) => string): string {
  return [...(killed === null ? [] : [killed]), ...excluded.map(({ seat, code }) => `${nameOf(seat)}: ${code}`)].join(", ") || "–";
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()}`);
}
