// The Python environment of a workspace: exactly the locked packages, installed once, and again when the lock, the package's metadata or Python itself change.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../../output/progress.ts";
import { findPython, type Interpreter } from "./find.ts";
import { installFailure, runCommand, type Run } from "./install.ts";

/** `example` runs the example app; `test` also runs the package's tests, Flower's simulation and its example apps. */
export type Purpose = "example" | "test";

const LOCKS: Readonly<Record<Purpose, string>> = { example: "requirements.lock", test: "requirements-test.lock" };

export interface PythonEnvironment {
  readonly dir: string;
  readonly python: string;
  readonly version: string;
  /** Where its programs are (`flwr`, `flower-supernode`, `chongwen-signer` …): first on the PATH of what uses it. */
  readonly bin: string;
  /** The program of that name. */
  program(name: string): string;
}

export interface EnvironmentParameters {
  /** The repository. */
  readonly root: string;
  /** Folder for environments, one a purpose. */
  readonly dir: string;
  readonly purpose: Purpose;
  readonly progress: Progress;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Runs the tools; another one in tests. */
  readonly run?: Run;
}

const windows = process.platform === "win32";

/**
 * Prepares the environment, or finds it prepared. The stamp is written last: an installation that was interrupted has none, and is done again from nothing.
 * @throws python-missing, python-too-old, python-without-venv, python-registry-unreachable, python-package-altered, python-install-failed
 */
export async function prepareEnvironment({ root, dir, purpose, progress, env = process.env, run = runCommand }: EnvironmentParameters): Promise<PythonEnvironment> {
  const uv = (await run("uv", ["--version"])).exitCode === 0;
  const python = await findPython(env, uv);
  const folder = path.join(root, "integrations", "flower");
  const lock = path.join(folder, LOCKS[purpose]);
  const stamp = await stampOf([lock, path.join(folder, "pyproject.toml")], python, folder);
  const home = path.resolve(dir, purpose);
  const environment = describe(home, python);
  const stampFile = path.join(home, "chongwen-stamp");
  const isReady = async (): Promise<boolean> => (await readFile(stampFile, "utf8").catch(() => "")) === stamp;
  if (await isReady()) return environment;

  const release = await claim(`${home}.lock`, progress);
  try {
    if (await isReady()) return environment;
    progress.note(`Installing Flower for Python ${python.version} with ${uv ? "uv" : "pip"}: once for this workspace.`);
    await rm(home, { recursive: true, force: true });
    await install({ home, python, lock, folder, uv, environment, run });
    await writeFile(stampFile, stamp);
    progress.done(`Python ${python.version} with Flower installed`);
    return environment;
  } finally {
    await release();
  }
}

function describe(home: string, { version }: Interpreter): PythonEnvironment {
  const bin = path.join(home, windows ? "Scripts" : "bin");
  const program = (name: string): string => path.join(bin, windows ? `${name}.exe` : name);
  return { dir: home, bin, version, program, python: program("python") };
}

async function stampOf(files: readonly string[], { version, platform, executable }: Interpreter, folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const part of [...(await Promise.all(files.map((file) => readFile(file)))), version, platform, executable, folder]) {
    hash.update(createHash("sha256").update(part).digest());
  }
  return hash.digest("hex");
}

interface Installation {
  readonly home: string;
  readonly python: Interpreter;
  readonly lock: string;
  readonly folder: string;
  readonly uv: boolean;
  readonly environment: PythonEnvironment;
  readonly run: Run;
}

async function install({ home, python, lock, folder, uv, environment, run }: Installation): Promise<void> {
  await mkdir(path.dirname(home), { recursive: true });
  const [tool, ...args] = python.venv ? [python.executable, "-m", "venv", home] : ["uv", "venv", "--seed", "--python", python.executable, home];
  await attempt([[tool ?? "", args]], run);

  // The package itself is linked, not copied: an edit of its source needs no new installation. Its build tool is locked as well, so nothing else is fetched.
  const locked = ["--require-hashes", "-r", lock];
  const linked = ["--no-deps", "--no-index", "--no-build-isolation", "--editable", folder];
  const withPip = (args: readonly string[]): Attempt => [environment.python, ["-m", "pip", "install", "--quiet", ...args]];
  const withUv = (args: readonly string[], ...more: readonly string[]): readonly Attempt[] => (uv ? [["uv", ["pip", "install", "--quiet", "--python", environment.python, ...more, ...args]]] : []);
  // Compiled now: of a dozen processes that start at once, each would otherwise compile everything for itself. uv reads no settings of pip's, so pip has the last word.
  await attempt([...withUv(locked, "--compile-bytecode"), withPip(locked)], run);
  await attempt([...withUv(linked), withPip(linked)], run);
}

type Attempt = readonly [command: string, args: readonly string[]];

/** Tries one after the other. @throws what `installFailure` makes of what all of them said */
async function attempt(attempts: readonly Attempt[], run: Run): Promise<void> {
  const outputs: string[] = [];
  for (const [command, args] of attempts) {
    const { exitCode, output } = await run(command, args);
    if (exitCode === 0) return;
    outputs.push(output);
  }
  throw installFailure(outputs);
}

/** Only one process installs at a time. A claim whose process is gone is taken over. */
async function claim(file: string, progress: Progress): Promise<() => Promise<void>> {
  await mkdir(path.dirname(file), { recursive: true });
  for (let announced = false; ; announced = true) {
    try {
      await writeFile(file, String(process.pid), { flag: "wx" });
      return () => rm(file, { force: true });
    } catch (error) {
      if (!existsSync(file)) throw error;
    }
    const holder = Number(await readFile(file, "utf8").catch(() => "0"));
    if (holder === process.pid || (holder !== 0 && !isAlive(holder))) await rm(file, { force: true });
    else if (!announced) progress.note(`Process ${holder} is installing Flower here; waiting for it.`);
    await sleep(300);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
