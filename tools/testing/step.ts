// One step of `npm test`: what it is called, what it runs, what came of it.
import fs from "node:fs";

import type { Counts } from "./counts.ts";
import { NO_TESTS } from "./counts.ts";
import type { Outcome, RunOptions } from "./process.ts";
import { runNode } from "./process.ts";

export interface Step {
  readonly title: string;
  /** Arguments for Node; undefined when there is nothing to run, and `absent` says what is missing. */
  readonly args: readonly string[] | undefined;
  readonly absent?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of the limit of all steps. */
  readonly limitSeconds?: number;
  /** Present for suites of tests, absent for checks. */
  readonly readCounts?: (output: string) => Counts;
}

export interface Result extends Counts {
  readonly step: Step;
  readonly ok: boolean;
  /** Undefined when there was nothing to run. */
  readonly outcome: Outcome | undefined;
}

export async function runStep(step: Step, options: RunOptions): Promise<Result> {
  if (step.args === undefined) return { ...NO_TESTS, step, ok: true, outcome: undefined };

  const outcome = await runNode(step.args, { ...options, env: { ...options.env, ...step.env } });
  const counts = step.readCounts?.(outcome.output) ?? NO_TESTS;
  const ok = outcome.exitCode === 0 && counts.failed === 0;
  // A check that fails, or a suite that dies before it can count, is one failure.
  const failed = ok ? 0 : Math.max(1, counts.failed);
  return { ...counts, failed, step, ok, outcome };
}

/** Tests in files, run by Node itself. */
export function nodeTests(title: string, pattern: string, root: string, chosen: (file: string) => boolean = () => true): Pick<Step, "title" | "args" | "absent"> {
  const files = fs.globSync(pattern, { cwd: root, exclude: ["node_modules/**"] }).filter(chosen).toSorted();
  if (files.length === 0) return { title, args: undefined, absent: pattern };
  return { title, args: ["--test", "--test-reporter=spec", "--test-timeout=300000", ...files] };
}

export function exists(root: string, pattern: string): boolean {
  return fs.globSync(pattern, { cwd: root, exclude: ["node_modules/**"] }).length > 0;
}
