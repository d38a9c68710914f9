// Type-checks every part of the project against its own idea of where it runs.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const PROJECTS: readonly { readonly config: string; readonly sources: string; readonly needs?: string }[] = [
  { config: "tsconfig.json", sources: "." },
  { config: "tsconfig.protocol.json", sources: "protocol" },
  { config: "frontend/tsconfig.json", sources: "frontend/src" },
  { config: "frontend/verify/tsconfig.json", sources: "frontend/verify" },
  { config: "indexer/tsconfig.json", sources: "indexer", needs: "indexer/node_modules/ponder" },
];

const root = path.resolve(import.meta.dirname, "..");
const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");

const results = PROJECTS.map(({ config, sources, needs }) => {
  if (needs !== undefined && !fs.existsSync(path.join(root, needs))) {
    console.log(`${config}: not checked, ${needs} is not installed (npm run indexer -- install)`);
    return 0;
  }
  const present = fs.globSync(`${sources}/**/*.{ts,tsx}`, { cwd: root, exclude: ["**/node_modules/**"] }).length > 0;
  if (!present) {
    console.log(`${config}: no sources in ${sources}/`);
    return 0;
  }
  // Several checkers would each work out the contracts' types for themselves: twice the work for two, four times for four.
  const { status } = spawnSync(process.execPath, [tsc, "-p", config, "--checkers", "1"], { cwd: root, stdio: "inherit" });
  console.log(`${config}: ${status === 0 ? "ok" : "errors"}`);
  return status;
});

process.exitCode = results.every((status) => status === 0) ? 0 : 1;
