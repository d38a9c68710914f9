// Finding Python and preparing its environment, without a Python: programs of the test's own stand in for it.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { ChongwenError } from "../../../protocol/errors.ts";
import { silentProgress } from "../../../scripts/output/progress.ts";
import { prepareEnvironment } from "../../../scripts/flower/python/environment.ts";
import { findPython } from "../../../scripts/flower/python/find.ts";
import { installFailure, type Run } from "../../../scripts/flower/python/install.ts";

const folder = mkdtempSync(path.join(tmpdir(), "chongwen-python-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const codeOf = (code: string) => (error: unknown) => error instanceof ChongwenError && error.code === code;

/** A program that answers as a Python of that version would. */
function pretend(name: string, version: readonly number[], venv = true): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho '${JSON.stringify({ executable: file, version, platform: "linux-x86_64", venv })}'\n`);
  chmodSync(file, 0o755);
  return file;
}

describe("finding a Python", { skip: process.platform === "win32" }, () => {
  it("takes the one that is named", async () => {
    const python = await findPython({ CHONGWEN_PYTHON: pretend("named", [3, 12, 1]) });
    assert.equal(python.version, "3.12.1");
  });
  it("says that it is missing, and what was looked for", () => assert.rejects(findPython({ CHONGWEN_PYTHON: path.join(folder, "none") }), codeOf("python-missing")));
  it("says that it is missing when what is there does not run, as a version manager's placeholder", () => {
    const file = path.join(folder, "placeholder");
    writeFileSync(file, "#!/bin/sh\necho 'not installed' >&2\nexit 127\n");
    chmodSync(file, 0o755);
    return assert.rejects(findPython({ CHONGWEN_PYTHON: file }), codeOf("python-missing"));
  });
  it("says that it is too old", () => assert.rejects(findPython({ CHONGWEN_PYTHON: pretend("old", [3, 10, 9]) }), codeOf("python-too-old")));
  it("says that venv is missing, unless something else can make environments", async () => {
    const bare = pretend("bare", [3, 13, 0], false);
    await assert.rejects(findPython({ CHONGWEN_PYTHON: bare }), codeOf("python-without-venv"));
    assert.equal((await findPython({ CHONGWEN_PYTHON: bare }, true)).version, "3.13.0");
  });
});

describe("why an installation failed", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["ERROR: Could not find a version that satisfies the requirement flwr==1.41.0 (from versions: none)", "python-registry-unreachable"],
    ["error: Failed to fetch: `https://registry.invalid/simple/flwr/`\n  Caused by: dns error", "python-registry-unreachable"],
    ["NewConnectionError('<pip._vendor.urllib3…>: Failed to establish a new connection: [Errno 111] Connection refused')", "python-registry-unreachable"],
    ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "python-package-altered"],
    ["error: Hash mismatch for `flwr==1.41.0`", "python-package-altered"],
    ["error: command 'gcc' failed", "python-install-failed"],
  ];
  for (const [said, code] of cases) it(`${code}: ${said.slice(0, 50)}`, () => assert.equal(installFailure([said]).code, code));
  it("does not call a package altered by an attacker unreachable, because another tool could not reach it", () => {
    assert.equal(installFailure(["error: Failed to fetch", "THESE PACKAGES DO NOT MATCH THE HASHES"]).code, "python-package-altered");
  });
});

describe("the environment of a workspace", { skip: process.platform === "win32" }, () => {
  const root = path.join(folder, "repository");
  const package_ = path.join(root, "integrations", "flower");
  const dir = path.join(folder, "environments");
  let calls: string[] = [];
  let failing: string | undefined;
  /** Makes the folder as `python -m venv` does, and installs nothing. */
  const run: Run = async (command, args) => {
    if (command === "uv") return { exitCode: null, output: "not found" };
    calls.push(args.join(" "));
    if (args[1] === "venv") mkdirSync(path.join(args[2] ?? "", "bin"), { recursive: true });
    return failing !== undefined && args.join(" ").includes(failing) ? { exitCode: 1, output: "ConnectTimeout" } : { exitCode: 0, output: "" };
  };
  const prepare = () => prepareEnvironment({ root, dir, purpose: "example", progress: silentProgress, env: { CHONGWEN_PYTHON: pretend("python", [3, 12, 1]) }, run });

  beforeEach(() => {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(package_, { recursive: true });
    writeFileSync(path.join(package_, "pyproject.toml"), "[project]");
    writeFileSync(path.join(package_, "requirements.lock"), "flwr==1.41.0");
    calls = [];
    failing = undefined;
  });

  it("installs what is locked, by hash, then the package without fetching anything; and then never again", async () => {
    await prepare();
    assert.equal(calls.length, 3);
    assert.match(calls[1] ?? "", /--require-hashes -r .*requirements\.lock/);
    assert.match(calls[2] ?? "", /--no-deps --no-index --no-build-isolation/);
    await prepare();
    assert.equal(calls.length, 3);
  });
  for (const file of ["requirements.lock", "pyproject.toml"]) {
    it(`installs again when ${file} has changed`, async () => {
      await prepare();
      writeFileSync(path.join(package_, file), "changed");
      await prepare();
      assert.equal(calls.length, 6);
    });
  }
  it("starts from nothing after an installation that was interrupted", async () => {
    const environment = await prepare();
    rmSync(path.join(environment.dir, "chongwen-stamp"));
    writeFileSync(path.join(environment.dir, "half-written"), "");
    await prepare();
    assert.equal(existsSync(path.join(environment.dir, "half-written")), false);
    assert.notEqual(readFileSync(path.join(environment.dir, "chongwen-stamp"), "utf8"), "");
  });
  it("says that the registry cannot be reached, and tries again the next time", async () => {
    failing = "--require-hashes";
    await assert.rejects(prepare(), codeOf("python-registry-unreachable"));
    failing = undefined;
    await prepare();
  });
  it("takes over from an installation whose process is gone", async () => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, "example.lock"), "999999999");
    await prepare();
    assert.equal(existsSync(path.join(dir, "example.lock")), false);
  });
});
