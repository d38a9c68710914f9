// The store's tests against a real Kubo node, built from the Go module proxy into .chongwen/kubo. Without a Go toolchain, or with the proxy silent, it says that it was not run.
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

const VERSION = "v0.40.1";
const root = path.resolve(import.meta.dirname, "..", "..");
const dir = path.join(root, ".chongwen", "kubo");
const binary = path.join(dir, `ipfs-${VERSION}`);
/** The first time it compiles some 900 packages; later ones come from Go's cache, wherever the project lies. Then it is rather not run than waited for: fetching and building have so many milliseconds each. */
const PATIENCE = 270_000;

function go(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync("go", args, { cwd: dir, encoding: "utf8", timeout: PATIENCE, env: { ...process.env, GOFLAGS: "-mod=mod -buildvcs=false" } });
}

/** What was built: null, with the reason said, where it cannot be. A build that fails with everything at hand is a failure. */
function build(): string | null {
  if (existsSync(binary)) return binary;
  const version = spawnSync("go", ["version"], { encoding: "utf8" });
  if (version.status !== 0) return absent("there is no Go toolchain on this machine");
  mkdirSync(dir, { recursive: true });
  // A module of its own: Kubo's dependencies are pinned by Kubo's, and nothing of them touches the project.
  writeFileSync(path.join(dir, "go.mod"), "module chongwen.invalid/kubo\n\ngo 1.25\n");
  const started = performance.now();
  const get = go("get", `github.com/ipfs/kubo/cmd/ipfs@${VERSION}`);
  if (get.status !== 0) return absent(`its source cannot be had: ${(get.stderr || get.error?.message || "").trim().split("\n").at(-1) ?? ""}`);
  const built = go("build", "-o", `${binary}.new`, "github.com/ipfs/kubo/cmd/ipfs");
  if (built.error !== undefined) return absent(`it was not built in ${PATIENCE / 1000} s`);
  if (built.status !== 0) {
    console.error(built.stderr);
    process.exit(1);
  }
  renameSync(`${binary}.new`, binary);
  console.log(`Kubo ${VERSION} built in ${((performance.now() - started) / 1000).toFixed(0)} s (${version.stdout.trim()})`);
  return binary;
}

function absent(why: string): null {
  console.log(`NOT RUN: the store was not tested against a real Kubo node: ${why}.`);
  return null;
}

const kubo = build();
if (kubo !== null) {
  const { status } = spawnSync(process.execPath, ["--test", "--test-timeout=240000", "test/scripts/store/kubo.test.ts"], { cwd: root, stdio: "inherit", env: { ...process.env, CHONGWEN_KUBO: kubo } });
  console.log(`The store against Kubo ${VERSION}: ${status === 0 ? "ok" : "failed"}`);
  if (status !== 0) process.exit(1);
}
