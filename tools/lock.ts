// Puts package-lock.json into the shape that installs everywhere, or checks that it has it:
//   npm run lock             after every change of dependencies
//   npm run lock -- --check  as `npm test` does
import fs from "node:fs";
import path from "node:path";

import type { Lock, Manifest } from "./lock/rules.ts";
import { findProblems, stripEngines } from "./lock/rules.ts";

const root = path.resolve(import.meta.dirname, "..");
const check = process.argv.includes("--check");
const results = ["", "indexer"].map((part) => {
  const folder = path.join(root, part);
  const lockFile = path.join(folder, "package-lock.json");
  const lock: Lock = JSON.parse(fs.readFileSync(lockFile, "utf8"));
  const manifest: Manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));

  const changed = check ? 0 : stripEngines(lock);
  if (changed > 0) fs.writeFileSync(lockFile, `${JSON.stringify(lock, null, 2)}\n`);

  const problems = findProblems(lock, manifest);
  for (const problem of problems) console.error(problem);
  console.log(`${path.join(part, "package-lock.json")}: ${Object.keys(lock.packages).length - 1} packages, ${changed} changed, ${problems.length} problems`);
  return problems.length;
});
process.exitCode = results.every((problems) => problems === 0) ? 0 : 1;
