// What `npm test` prints.
import { stripVTControlCharacters, styleText } from "node:util";

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

/** Node's and Mocha's own lists of what failed begin with one of these. */
const LISTS = /^(✖ failing tests:|\s*\d+ failing)/m;
const MOST_LINES = 80;
/** Of a suite whose preparation failed: the reason stands behind all of these. */
const NEVER_BEGUN = "test did not finish before its parent and was cancelled";

/** What failed once more, briefly: whoever sees only the end of a long log finds the reason there. Empty when nothing did. */
export function describeFailures(results: readonly Result[]): string {
  return results
    .filter(({ ok }) => !ok)
    .map(({ step, outcome }) => {
      const output = stripVTControlCharacters(outcome?.output ?? "").trim();
      const listed = LISTS.exec(output);
      const excerpt = listed === null ? output.split("\n").slice(-MOST_LINES) : reasonsIn(output.slice(listed.index)).split("\n").slice(0, MOST_LINES);
      return `${heading(step.title, "FAILED", "red")}\n${excerpt.join("\n")}\n`;
    })
    .join("\n");
}

const reasonsIn = (list: string): string => list.split(/\n(?=test at )/).filter((one) => !one.includes(NEVER_BEGUN)).join("\n");

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
