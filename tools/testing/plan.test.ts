import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { LONG_TESTS, planStages } from "./plan.ts";

const root = path.resolve(import.meta.dirname, "..", "..");

describe("the plan of npm test", () => {
  const stages = planStages(root);
  const planned = stages.flat(2).flatMap(({ args = [] }) => args.filter((arg) => arg.endsWith(".test.ts")));

  it("runs every test of Node once; the long ones, the browser's, Ponder's and Python's are for .ci/run", () => {
    const files = fs.globSync("{test,tools}/**/*.test.ts", { cwd: root, exclude: ["test/contracts/**", "test/browser/**", "test/flower/**", "test/indexer/ponder/**", LONG_TESTS] });
    assert.deepEqual(planned.toSorted(), files.toSorted());
  });

  it("starts no chain before there are contracts to deploy", () => {
    const early = (stages[0] ?? []).flat().flatMap(({ args = [] }) => args.filter((arg) => arg.startsWith("test/")));
    assert.ok(early.some((file) => file.startsWith("test/protocol/")));
    assert.deepEqual(early.filter((file) => !/^test\/(protocol|frontend|indexer)\//.test(file)), []);
  });
});
