// The Python package for Flower: style, types and all of its tests, the slow ones too, in an environment of its own with exactly the locked packages.
import { spawnSync } from "node:child_process";
import path from "node:path";

import { ChongwenError } from "../../protocol/errors.ts";
import { prepareEnvironment, type PythonEnvironment } from "../../scripts/flower/python/environment.ts";
import { createProgress } from "../../scripts/output/progress.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const cwd = path.join(root, "integrations", "flower");

/** What a registry that cannot be reached makes impossible, and nobody's change has broken. */
async function environment(): Promise<PythonEnvironment | null> {
  try {
    return await prepareEnvironment({ root, dir: path.join(root, ".chongwen", "flower", "python"), purpose: "test", progress: createProgress(process.stderr, process.env) });
  } catch (error) {
    if (!(error instanceof ChongwenError && error.code === "python-registry-unreachable")) throw error;
    console.log(`NOT RUN: ${error.message}\n${error.fix}`);
    return null;
  }
}

function run(title: string, { python, bin }: PythonEnvironment, args: readonly string[]): void {
  const started = performance.now();
  const PATH = [bin, process.env["PATH"] ?? ""].join(path.delimiter);
  const { status } = spawnSync(python, ["-m", ...args], { cwd, stdio: "inherit", env: { ...process.env, PATH, FLWR_TELEMETRY_ENABLED: "0", FLWR_DISABLE_UPDATE_CHECK: "1", NO_PROXY: "127.0.0.1,localhost" } });
  console.log(`${title}: ${status === 0 ? "ok" : "failed"} in ${((performance.now() - started) / 1_000).toFixed(0)} s`);
  if (status !== 0) process.exit(1);
}

/** The protocol in TypeScript against the protocol in Python. */
function compare({ python }: PythonEnvironment): void {
  const { status } = spawnSync(process.execPath, ["--test", "test/flower/*.test.ts"], { cwd: root, stdio: "inherit", env: { ...process.env, CHONGWEN_PYTHON: python } });
  console.log(`both languages: ${status === 0 ? "ok" : "failed"}`);
  if (status !== 0) process.exit(1);
}

const python = await environment();
if (python !== null) {
  run("ruff", python, ["ruff", "check", "."]);
  run("format", python, ["ruff", "format", "--check", "."]);
  run("mypy", python, ["mypy"]);
  run("pytest", python, ["pytest", "-q", "--durations=5"]);
  compare(python);
}
