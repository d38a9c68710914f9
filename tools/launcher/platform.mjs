// Small facts about where we run.
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout this launcher belongs to. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

export const windows = process.platform === "win32";

/** The exit code that stands for how a program ended, as shells count it.
 *  @param {number | null} code
 *  @param {NodeJS.Signals | null} signal */
export function exitCodeOf(code, signal) {
  return signal === null ? (code ?? 1) : 128 + os.constants.signals[signal];
}
