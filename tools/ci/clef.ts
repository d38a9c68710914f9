// A remote signer that is not ours: clef, built from the Go module proxy into .chongwen/clef, signs for an oracle. Without a Go toolchain, or with the proxy silent, it says that it was not run.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";

/** The last that has clef. */
const VERSION = "v1.16.7";
const root = path.resolve(import.meta.dirname, "..", "..");
const dir = path.join(root, ".chongwen", "clef", VERSION);
const binary = path.join(dir, "clef");
/** Milliseconds. It is rather not run than waited for: later builds come from Go's cache. */
const PATIENCE = 270_000;

function absent(why: string): null {
  console.log(`NOT RUN: no remote signer but our own was tried: ${why}.`);
  return null;
}

/** @returns The program; null, with the reason said, where it cannot be had. */
function build(): string | null {
  if (existsSync(binary)) return binary;
  if (spawnSync("go", ["version"]).status !== 0) return absent("there is no Go toolchain on this machine");
  mkdirSync(dir, { recursive: true });
  const started = performance.now();
  const built = spawnSync("go", ["install", `github.com/ethereum/go-ethereum/cmd/clef@${VERSION}`], { encoding: "utf8", timeout: PATIENCE, env: { ...process.env, GOBIN: dir } });
  if (built.error !== undefined) return absent(`clef was not built in ${PATIENCE / 1000} s`);
  if (built.status !== 0) return absent(`clef cannot be built: ${built.stderr.trim().split("\n").at(-1) ?? ""}`);
  console.log(`clef ${VERSION} built in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return binary;
}

const clef = build();
if (clef !== null) {
  const { status } = spawnSync(process.execPath, ["--test", "--test-timeout=420000", "test/scripts/oracle/service/clef.long.test.ts"], { cwd: root, stdio: "inherit", env: { ...process.env, CHONGWEN_CLEF: clef } });
  console.log(`An oracle whose keys are in clef ${VERSION}: ${status === 0 ? "ok" : "failed"}`);
  if (status !== 0) process.exit(1);
}
