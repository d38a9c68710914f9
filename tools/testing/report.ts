// What `npm test` prints.
import { styleText } from "node:util";

import type { Counts } from "./counts.ts";
import { addCounts, NO_TESTS } from "./counts.ts";
import type { Result } from "./step.ts";

/** The output of one step under its heading. */
export function describeResult(result: Result): string {
  const { step, outcome } = result;
  if (outcome === undefined) return `${heading(step.title, "absent", "yellow")}\nNothing matches ${step.absent ?? "it"}.\n`;
  const time = `${outcome.seconds.toFixed(1)} s`;
  const title = result.ok ? heading(step.title, `passed in ${time}`, "green") : heading(step.title, `FAILED after ${time}`, "red");
  const output = outcome.output.trim();
  return output === "" ? `${title}\n` : `${title}\n${output}\n`;
}

/** The counts of every suite, and as its last line, in plain text, the sum; `before` was counted elsewhere. */
export function describeTotals(results: readonly Result[], notRun: readonly string[], before: Counts = NO_TESTS): string {
  const rows = results.map((result) => `  ${result.step.title.padEnd(26)}${describeCounts(result)}`);
  const rest = notRun.map((title) => `  ${title.padEnd(26)}not run`);
  const { passed, failed } = addCounts([before, ...results]);
  return [bold("── Summary"), ...rows, ...rest, `${passed} passed, ${failed} failed`].join("\n");
}

function describeCounts(result: Result): string {
  if (result.outcome === undefined) return "absent";
  if (result.step.readCounts === undefined) return result.ok ? "ok" : "failed";
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : "";
  return `${result.passed} passed, ${result.failed} failed${skipped}`;
}

function heading(title: string, state: string, color: "green" | "red" | "yellow"): string {
  return `${bold(`── ${title}`)} ${styleText(color, state)}`;
}

function bold(text: string): string {
  return styleText("bold", text);
}
