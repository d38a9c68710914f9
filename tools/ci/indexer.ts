// The indexer with Ponder: install, type-check, then its tests against a real ledger, PGlite and, where there is one, PostgreSQL.
import { spawnSync } from "node:child_process";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..", "..");

function run(title: string, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status === 0) return;
  console.error(`${title}: failed`);
  process.exit(1);
}

run("install", ["tools/indexer.mjs", "install"]);
run("types", ["node_modules/typescript/bin/tsc", "-p", "indexer/tsconfig.json"]);
// A PostgreSQL that is not there is said by the skipped test's own line.
run("tests", ["--test", "--test-reporter=spec", "--test-timeout=180000", "test/indexer/ponder/ponder.test.ts"]);
