// The heavier checks of `.ci/run`, after `npm test` has passed: `node tools/run.mjs tools/ci.ts "12 passed, 0 failed"`.
// They repeat or deepen what was tested, so they add no tests to the count; one that fails adds one failure.
import path from "node:path";

import { readCountLine } from "./testing/counts.ts";
import { LONG_TESTS } from "./testing/plan.ts";
import { endChildrenWithUs } from "./testing/process.ts";
import { describeResult, describeTotals } from "./testing/report.ts";
import type { Result, Step } from "./testing/step.ts";
import { exists, nodeTests, runStep } from "./testing/step.ts";

const root = path.resolve(import.meta.dirname, "..");
const hardhat = path.join(root, "node_modules", "hardhat", "dist", "src", "cli.js");

/** `npm test` plays fewer and shorter ones. */
const GAMES = "test/solidity/disputes/GameRandom.t.sol";
const ALL_GAMES = "test/solidity/disputes/GameExhaustive.t.sol";

function check(title: string, needs: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Step {
  return exists(root, needs) ? { title, args, env } : { title, args: undefined, absent: needs };
}

const steps: readonly Step[] = [
  check("Fuzzing, 5000 runs each", "test/solidity/**/*.t.sol", [hardhat, "test", "solidity", "--no-compile"], {
    FUZZ_RUNS: "5000",
    INVARIANT_RUNS: "256",
  }),
  check("10,000 games against the fault proofs", GAMES, [hardhat, "test", "solidity", "--no-compile", GAMES], { GAMES: "10000" }),
  check("Every game of four moves", ALL_GAMES, [hardhat, "test", "solidity", "--no-compile", ALL_GAMES], { GAME_DEPTH: "4" }),
  nodeTests("Long tests against a whole ledger", LONG_TESTS, root),
  check("Three frauds, one watcher", "scripts/demo/fault.ts", ["--test", "test/e2e/fault.test.ts"], { CHONGWEN_LONG: "1" }),
  check("The dapp in a browser", "test/browser/dapp.test.ts", ["--test", "test/browser/dapp.test.ts"]),
  check("Coverage of the contracts", "test/solidity/**/*.t.sol", [hardhat, "--coverage", "test", "solidity"]),
  check("Indexer with Ponder, PGlite and PostgreSQL", "indexer/package.json", ["tools/ci/indexer.ts"]),
  check("npm start, once", "scripts/cli.ts", ["tools/ci/start.ts"]),
  check("Benchmark of a round", "bench/index.ts", ["bench/index.ts", "round", "--json"]),
  check("Benchmark of the fault proofs", "bench/index.ts", ["bench/index.ts", "fault", "--json"]),
];

/** A real browser on a busy machine may stumble once. It is said when it does; twice is a failure. */
const MAY_STUMBLE = "The dapp in a browser";

endChildrenWithUs();
const results: Result[] = [];
const options = { cwd: root, color: false, limitSeconds: 720 };
for (const step of steps) {
  process.stderr.write(`… ${step.title}\n`);
  let result = await runStep(step, options);
  if (!result.ok && step.title === MAY_STUMBLE) {
    console.log(describeResult(result));
    console.log(`── ${step.title}: stumbled; once more`);
    result = await runStep(step, options);
  }
  results.push(result);
  console.log(describeResult(result));
}
console.log(describeTotals(results, [], readCountLine(process.argv[2] ?? "")));
process.exitCode = results.every((result) => result.ok) ? 0 : 1;
