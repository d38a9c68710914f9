// The heavier checks of `.ci/run`, after `npm test` has passed: `node tools/run.mjs tools/ci.ts "12 passed, 0 failed"`.
// They repeat or deepen what was tested, so they add no tests to the count; one that fails adds one failure.
import path from "node:path";

import { ChongwenError } from "../protocol/errors.ts";
import { findPython } from "../scripts/flower/python/find.ts";
import { readCountLine } from "./testing/counts.ts";
import { LONG_TESTS, type Stage } from "./testing/plan.ts";
import { endChildrenWithUs } from "./testing/process.ts";
import { describeFailures, describeResult, describeTotals } from "./testing/report.ts";
import type { Result, Step } from "./testing/step.ts";
import { exists, nodeTests, runStep } from "./testing/step.ts";

const root = path.resolve(import.meta.dirname, "..");
const hardhat = path.join(root, "node_modules", "hardhat", "dist", "src", "cli.js");

/** `npm test` plays fewer and shorter ones. */
const GAMES = "test/solidity/disputes/GameRandom.t.sol";
const ALL_GAMES = "test/solidity/disputes/GameExhaustive.t.sol";

/** `npm test` plays a quarter of their cases. */
const RANDOM_CASES = ["AggregateRules", "AggregateVerifier", "NormVerifier", "RewardsVerifier", "SignatureVerifier"].map((file) => `test/contracts/disputes/${file}.test.ts`);

function check(title: string, needs: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Step {
  return exists(root, needs) ? { title, args, env } : { title, args: undefined, absent: needs };
}

/** Runs where there is a Python that can; where there is none, the summary says so. */
function flower(title: string, script: string): Step {
  return python === null ? { title, args: undefined, absent: "Python 3.11 or newer, with venv" } : check(title, script, [script]);
}

const python = await findPython(process.env).catch((error: unknown) => {
  if (error instanceof ChongwenError) return null;
  throw error;
});
/** Lanes of a stage run side by side: what keeps one processor busy beside what does too, or beside what mostly waits. */
const stages: readonly Stage[] = [
  [
    [{ ...check("Every game of four moves", ALL_GAMES, [hardhat, "test", "solidity", "--no-compile", ALL_GAMES], { GAME_DEPTH: "4" }), limitSeconds: 1_200 }],
    [
      check("Fuzzing, 5000 runs each", "test/solidity/**/*.t.sol", [hardhat, "test", "solidity", "--no-compile"], {
        FUZZ_RUNS: "5000",
        INVARIANT_RUNS: "256",
      }),
      check("10,000 games against the fault proofs", GAMES, [hardhat, "test", "solidity", "--no-compile", GAMES], { GAMES: "10000" }),
      check("Every random round and settlement", "test/contracts/disputes/AggregateVerifier.test.ts", [hardhat, "test", "mocha", "--no-compile", ...RANDOM_CASES], { ALL_CASES: "1" }),
    ],
  ],
  [
    [{ ...nodeTests("Long tests against a whole ledger", LONG_TESTS, root), limitSeconds: 2_100 }],
    [
      check("Coverage of the contracts", "test/solidity/**/*.t.sol", [hardhat, "--coverage", "test", "solidity"]),
      check("Benchmark of a round", "bench/index.ts", ["bench/index.ts", "round", "--json"]),
      check("Benchmark of the fault proofs", "bench/index.ts", ["bench/index.ts", "fault", "--json"]),
    ],
  ],
  ...[
    check("Three frauds, one watcher", "scripts/demo/fault.ts", ["--test", "test/e2e/fault.test.ts"], { CHONGWEN_LONG: "1" }),
    check("The dapp in a browser", "test/browser/dapp.test.ts", ["--test", "test/browser/dapp.test.ts"]),
    check("Indexer with Ponder, PGlite and PostgreSQL", "indexer/package.json", ["tools/ci/indexer.ts"]),
    check("The store against a real Kubo node", "tools/ci/kubo.ts", ["tools/ci/kubo.ts"]),
    check("Alerts and dashboard in a real Prometheus", "tools/ci/prometheus.ts", ["tools/ci/prometheus.ts"]),
    check("The oracle's OpenAPI document, tried by schemathesis", "tools/ci/openapi.ts", ["tools/ci/openapi.ts"]),
    check("A remote signer that is not ours: clef", "tools/ci/clef.ts", ["tools/ci/clef.ts"]),
    check("npm start, once", "scripts/cli.ts", ["tools/ci/start.ts"]),
    { ...flower("Flower: Python tests", "tools/ci/flower-tests.ts"), limitSeconds: 1_800 },
    { ...flower("Flower: a federation of processes", "tools/ci/flower.ts"), limitSeconds: 1_200 },
    { ...check("Chaos: six seeds against the oracle's service", "test/chaos/main.ts", ["test/chaos/main.ts", "--seeds", "6", "--json"]), limitSeconds: 900 },
    { ...check("Four operators: one dead, slow, lying, cut off", "scripts/network/main.ts", ["tools/ci/network.ts"]), limitSeconds: 600 },
  ].map((step) => [[step]]),
];

/** A real browser on a busy machine may stumble once. It is said when it does; twice is a failure. */
const MAY_STUMBLE = "The dapp in a browser";

const limitOf = ({ limitSeconds }: Step) => (limitSeconds === undefined ? {} : { limitSeconds });

endChildrenWithUs();
const options = { cwd: root, color: false, limitSeconds: 720 };

async function run(step: Step): Promise<Result> {
  process.stderr.write(`… ${step.title}\n`);
  const result = await runStep(step, { ...options, ...limitOf(step) });
  console.log(describeResult(result));
  if (result.ok || step.title !== MAY_STUMBLE) return result;
  console.log(`── ${step.title}: stumbled; once more`);
  const again = await runStep(step, { ...options, ...limitOf(step) });
  console.log(describeResult(again));
  return again;
}

async function runLane(lane: Stage[number]): Promise<Result[]> {
  const ran: Result[] = [];
  for (const step of lane) ran.push(await run(step));
  return ran;
}

const results: Result[] = [];
for (const stage of stages) results.push(...(await Promise.all(stage.map(runLane))).flat());
const failures = describeFailures(results);
if (failures !== "") console.log(failures);
console.log(describeTotals(results, [], readCountLine(process.argv[2] ?? "")));
process.exitCode = results.every((result) => result.ok) ? 0 : 1;
