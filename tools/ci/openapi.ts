// The oracle's OpenAPI document, tried by schemathesis against a running oracle, in a Python environment of its own with exactly the locked packages. Without Python or its registry, it says that it was not run.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ChongwenError } from "../../protocol/errors.ts";
import { findPython } from "../../scripts/flower/python/find.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const lock = path.join(import.meta.dirname, "schemathesis.lock");
const place = path.join(root, ".chongwen", "schemathesis");
const bin = path.join(place, process.platform === "win32" ? "Scripts" : "bin");
const stamp = path.join(place, "chongwen-stamp");
/** Milliseconds for each step of the installation. */
const PATIENCE = 120_000;

function absent(why: string): null {
  console.log(`NOT RUN: the oracle's OpenAPI document was not tried by schemathesis: ${why}.`);
  return null;
}

/** @returns The program; null, with the reason said, where it cannot be had. */
async function install(): Promise<string | null> {
  const program = path.join(bin, "schemathesis");
  const wanted = createHash("sha256").update(readFileSync(lock)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return program;
  const python = await findPython(process.env).catch((error: unknown) => {
    if (error instanceof ChongwenError) return null;
    throw error;
  });
  if (python?.venv !== true) return absent("there is no Python 3.11 or newer with venv on this machine");
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const options = { encoding: "utf8", timeout: PATIENCE } as const;
  if (spawnSync(python.executable, ["-m", "venv", place], options).status !== 0) return absent("no environment can be made for it");
  // Wheels only: no package's own program runs while it is installed.
  const installed = spawnSync(path.join(bin, "python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--require-hashes", "--requirement", lock], options);
  if (/DO NOT MATCH THE HASHES/.test(installed.stderr)) throw new Error(installed.stderr);
  if (installed.status !== 0) return absent(`its packages cannot be had: ${installed.stderr.trim().split("\n").at(-1) ?? ""}`);
  writeFileSync(stamp, wanted);
  return program;
}

const program = await install();
if (program !== null) {
  const { status } = spawnSync(process.execPath, ["--test", "--test-timeout=600000", "test/scripts/oracle/service/openapi.long.test.ts"], { cwd: root, stdio: "inherit", env: { ...process.env, CHONGWEN_SCHEMATHESIS: program } });
  console.log(`The oracle's OpenAPI document against a running oracle: ${status === 0 ? "ok" : "failed"}`);
  if (status !== 0) process.exit(1);
}
