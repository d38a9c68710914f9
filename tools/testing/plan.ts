// What `npm test` runs, in which order, and what may run side by side on two cores.
import fs from "node:fs";
import path from "node:path";

import { readMochaCounts, readNodeTestCounts } from "./counts.ts";
import type { Step } from "./step.ts";
import { exists, nodeTests } from "./step.ts";

/** Tests that run for a minute, each against a whole ledger: for `.ci/run`. */
export const LONG_TESTS = "test/**/*.long.test.ts";
const isLong = (file: string): boolean => file.endsWith(".long.test.ts");

/** Lanes of a stage run side by side, the steps of a lane one after another. */
export type Stage = readonly (readonly Step[])[];

export function planStages(root: string): readonly Stage[] {
  const hardhat = path.join(root, "node_modules", "hardhat", "dist", "src", "cli.js");
  const oxlint = path.join(root, "node_modules", "oxlint", "bin", "oxlint");
  const suite = (title: string, pattern: string): Step => ({
    ...nodeTests(title, pattern, root),
    readCounts: readNodeTestCounts,
  });
  const scripts = (title: string, onChain: boolean): Step => ({
    ...nodeTests(title, "test/scripts/**/*.test.ts", root, (file) => !isLong(file) && usesChain(path.join(root, path.dirname(file))) === onChain),
    readCounts: readNodeTestCounts,
  });
  const contracts = (title: string, runner: string, pattern: string): Step =>
    exists(root, pattern)
      ? { title, args: [hardhat, "test", runner, "--no-compile"], readCounts: readMochaCounts }
      : { title, args: undefined, absent: pattern };
  const withContracts = (step: Step): Step =>
    exists(root, "contracts/**/*.sol") ? step : { title: step.title, args: undefined, absent: "contracts/**/*.sol" };

  return [
    // Compiling takes one processor a minute and a half: what needs no compiled contract has the other meanwhile, about as long.
    [
      [withContracts({ title: "Compile the contracts", args: [hardhat, "build"] })],
      [
        { title: "Lock file", args: ["tools/lock.ts", "--check"] },
        { title: "Lint and import direction", args: [oxlint, "--deny-warnings"] },
        suite("Tools", "tools/**/*.test.ts"),
        suite("Indexer", "test/indexer/*.test.ts"),
        suite("Protocol", "test/protocol/**/*.test.ts"),
        suite("Frontend", "test/frontend/**/*.test.ts"),
        scripts("Scripts", false),
      ],
    ],
    // These read what the compiler wrote.
    [
      [withContracts({ title: "ABIs are current", args: ["tools/abi.ts", "--check"] })],
      [withContracts({ title: "Sizes and storage layouts", args: ["tools/snapshots.ts", "--check"] })],
    ],
    // Mocha is the longest by itself, and the end to end tests mostly wait for windows on a chain's clock.
    [
      [contracts("Contracts, TypeScript", "mocha", "test/contracts/**/*.ts")],
      [suite("End to end", "test/e2e/**/*.test.ts")],
      [
        contracts("Contracts, Solidity", "solidity", "test/solidity/**/*.t.sol"),
        { title: "Types", args: ["tools/typecheck.ts"] },
        scripts("Scripts, on a chain", true),
      ],
    ],
  ];
}

/** Whether the tests of a folder start a chain, which deploys what was compiled. */
function usesChain(folder: string): boolean {
  const sources = fs.readdirSync(folder).filter((name) => name.endsWith(".ts"));
  return sources.some((name) => /\/devnet\.ts"|"hardhat"/.test(fs.readFileSync(path.join(folder, name), "utf8")));
}
