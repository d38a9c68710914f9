// What `npm test` runs, in which order, and what may run side by side on two cores.
import path from "node:path";

import { readMochaCounts, readNodeTestCounts } from "./counts.ts";
import type { Step } from "./step.ts";
import { exists, nodeTests } from "./step.ts";

/** Tests that run for a minute, each against a whole ledger: for `.ci/run`. */
export const LONG_TESTS = "test/**/*.long.test.ts";

/** As much work as a tenth of all scripts' tests. */
const CHAOS = "test/scripts/chaos/";

/** Lanes of a stage run side by side, the steps of a lane one after another. */
export type Stage = readonly (readonly Step[])[];

export function planStages(root: string): readonly Stage[] {
  const hardhat = path.join(root, "node_modules", "hardhat", "dist", "src", "cli.js");
  const oxlint = path.join(root, "node_modules", "oxlint", "bin", "oxlint");
  const suite = (title: string, pattern: string, without = ""): Step => ({
    ...nodeTests(title, pattern, root, (file) => !file.endsWith(".long.test.ts") && (without === "" || !file.startsWith(without))),
    readCounts: readNodeTestCounts,
  });
  /** Pure functions leave nothing behind, so their tests share a process: half the work, since each need not read the libraries again. */
  const pureSuite = (title: string, pattern: string): Step => {
    const step = suite(title, pattern);
    return step.args === undefined ? step : { ...step, args: ["--test-isolation=none", ...step.args] };
  };
  const contracts = (title: string, runner: string, pattern: string): Step =>
    exists(root, pattern)
      ? { title, args: [hardhat, "test", runner, "--no-compile"], readCounts: readMochaCounts }
      : { title, args: undefined, absent: pattern };
  const withContracts = (step: Step): Step =>
    exists(root, "contracts/**/*.sol") ? step : { title: step.title, args: undefined, absent: "contracts/**/*.sol" };

  return [
    // Compiling takes one processor most of a minute: what needs no compiled contract has the other meanwhile, about as long.
    [
      [
        withContracts({ title: "Compile the contracts", args: [hardhat, "build"] }),
        withContracts({ title: "ABIs are current", args: ["tools/abi.ts", "--check"] }),
        withContracts({ title: "Sizes and storage layouts", args: ["tools/snapshots.ts", "--check"] }),
      ],
      [
        { title: "Lock file", args: ["tools/lock.ts", "--check"] },
        { title: "Lint and import direction", args: [oxlint, "--deny-warnings"] },
        suite("Tools", "tools/**/*.test.ts"),
        suite("Indexer", "test/indexer/*.test.ts"),
        pureSuite("Protocol", "test/protocol/**/*.test.ts"),
        pureSuite("Frontend", "test/frontend/**/*.test.ts"),
      ],
    ],
    // Three lanes of about the same work; the end to end tests mostly wait for windows on a chain's clock.
    [
      [contracts("Contracts, Solidity", "solidity", "test/solidity/**/*.t.sol"), contracts("Contracts, TypeScript", "mocha", "test/contracts/**/*.ts")],
      [suite("End to end", "test/e2e/**/*.test.ts"), { title: "Types", args: ["tools/typecheck.ts"] }, suite("Chaos, a short run", `${CHAOS}**/*.test.ts`)],
      [suite("Scripts", "test/scripts/**/*.test.ts", CHAOS)],
    ],
  ];
}
