import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ChongwenError } from "../../../protocol/errors.ts";
import type { Child } from "./children.ts";

/** Colours of terminals, which Flower writes into files as well. */
// oxlint-disable-next-line no-control-regex -- that is what they are
const COLOUR = /\u001b\[[0-9;]*m/g;

const TAIL_BYTES = 16_384;

/** What a log ends with, indented. */
export function lastLines(file: string, count = 20): string {
  try {
    const log = openSync(file, "r");
    const { size } = fstatSync(log);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(log, bytes, 0, bytes.length, size - bytes.length);
    closeSync(log);
    const lines = bytes.toString("utf8").replaceAll(COLOUR, "").trimEnd().split("\n").slice(-count);
    return lines.map((line) => `    ${line}`).join("\n");
  } catch {
    return "    (there is no log)";
  }
}

/** All that a log says so far, without colours. */
export function readLog(file: string): string {
  try {
    return readFileSync(file, "utf8").replaceAll(COLOUR, "");
  } catch {
    return "";
  }
}

export interface Patience {
  readonly seconds: number;
  /** How often the pattern must have appeared. Default 1. */
  readonly times?: number;
  readonly signal?: AbortSignal;
}

/**
 * Waits until a process has written something.
 * @param pattern With the flag g.
 * @throws flower-process-silent
 */
export async function waitForLine({ name, log }: Pick<Child, "name" | "log">, pattern: RegExp, { seconds, times = 1, signal }: Patience): Promise<void> {
  const until = Date.now() + seconds * 1_000;
  while ([...readLog(log).matchAll(pattern)].length < times) {
    if (Date.now() > until) {
      throw new ChongwenError({
        code: "flower-process-silent",
        message: `${name} did not say ${pattern.source} in ${seconds} s. Its last lines:\n${lastLines(log)}`,
        fix: `Read ${log}. A busy machine may need another try.`,
        retryable: true,
      });
    }
    await sleep(150, undefined, { signal });
  }
}
