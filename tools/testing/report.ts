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
  const width = 2 + Math.max(...results.map(({ step }) => step.title.length), ...notRun.map((title) => title.length));
  const rows = results.map((result) => `  ${result.step.title.padEnd(width)}${describeCounts(result)}${describeTime(result)}`);
  const rest = notRun.map((title) => `  ${title.padEnd(width)}not run`);
  const { passed, failed } = addCounts([before, ...results]);
  const processor = results.reduce((sum, { outcome }) => sum + (outcome?.processorSeconds ?? 0), 0);
  const total = processor === 0 ? [] : [`  ${"together".padEnd(width)}${processor.toFixed(0)} s of a processor`];
  return [bold("── Summary"), ...rows, ...rest, ...total, `${passed} passed, ${failed} failed`].join("\n");
}

function describeCounts(result: Result): string {
  if (result.outcome === undefined) return "absent";
  if (result.step.readCounts === undefined) return result.ok ? "ok" : "failed";
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : "";
  return `${result.passed} passed, ${result.failed} failed${skipped}`;
}

/** What a slow day of the machine changes, and what it does not. */
function describeTime({ outcome }: Result): string {
  if (outcome === undefined) return "";
  const processor = outcome.processorSeconds === undefined ? "" : `, ${outcome.processorSeconds.toFixed(0)} s of a processor`;
  return `  (${outcome.seconds.toFixed(0)} s${processor})`;
}

function heading(title: string, state: string, color: "green" | "red" | "yellow"): string {
  return `${bold(`── ${title}`)} ${styleText(color, state)}`;
}

function bold(text: string): string {
  return styleText("bold", text);
}
