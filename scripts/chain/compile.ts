import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { ChongwenError } from "../../protocol/errors.ts";

/**
 * Compiles what has changed since the last time. In a process of its own: the compiler takes a gigabyte, and installs a handler that would end ours on
 * any rejected promise that is handled a moment late.
 */
export async function compileContracts(root: string): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve("hardhat/package.json");
  const cli = path.join(path.dirname(manifest), "dist", "src", "cli.js");
  const build = () => promisify(execFile)(process.execPath, [cli, "build", "--no-tests", "--quiet"], { cwd: root, maxBuffer: 2 ** 26 });
  try {
    // Two builds at once trip over each other's cache; the second try finds what the other has built.
    await build().catch((error: unknown) => (outputOf(error).includes("HHE910") ? Promise.reject(error) : sleep(2_000).then(build)));
  } catch (cause) {
    const output = outputOf(cause);
    throw new ChongwenError({
      code: "compile-failed",
      message: `The contracts do not compile.${output === "" ? "" : `\n${output.slice(-4000)}`}`,
      fix: "Run `npx hardhat build` to see the whole output.",
      cause,
    });
  }
}

function outputOf(error: unknown): string {
  return error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
}
