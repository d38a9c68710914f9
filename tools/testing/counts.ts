// Reads how many tests ran from what the test runners print.
import { stripVTControlCharacters } from "node:util";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NO_TESTS: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Mocha's and Hardhat's summary: `  12 passing (3s)`, `  1 pending`, `  2 failing`. */
export function readMochaCounts(output: string): Counts {
  const last = (word: string): number => lastNumber(output, new RegExp(`^\\s*(\\d+) ${word}\\b`, "gm"));
  return { passed: last("passing"), failed: last("failing"), skipped: last("pending") + last("skipped") };
}

/** The summary of `node --test --test-reporter=spec`: `ℹ pass 12`, `ℹ fail 0`, … */
export function readNodeTestCounts(output: string): Counts {
  const last = (word: string): number => lastNumber(output, new RegExp(`^ℹ ${word} (\\d+)$`, "gm"));
  return { passed: last("pass"), failed: last("fail") + last("cancelled"), skipped: last("skipped") + last("todo") };
}

/** The last line of `npm test`: `12 passed, 0 failed`. */
export function readCountLine(line: string): Counts {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(line) ?? [];
  return { passed: Number(passed ?? 0), failed: Number(failed ?? 0), skipped: 0 };
}

export function addCounts(all: readonly Counts[]): Counts {
  return all.reduce(
    (sum, one) => ({
      passed: sum.passed + one.passed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
    }),
    NO_TESTS,
  );
}

function lastNumber(output: string, pattern: RegExp): number {
  const found = [...stripVTControlCharacters(output).matchAll(pattern)].at(-1)?.[1];
  return found === undefined ? 0 : Number(found);
}
