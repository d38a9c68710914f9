import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { addCounts, readCountLine, readMochaCounts, readNodeTestCounts } from "./counts.ts";

describe("counts", () => {
  it("reads mocha's summary", () => {
    const output = "  Bad\n    1) 3 failing things\n\n\n  12 passing (939ms)\n  1 pending\n  2 failing\n\n  1) Bad\n";
    assert.deepEqual(readMochaCounts(output), { passed: 12, failed: 2, skipped: 1 });
  });

  it("reads the summary of Solidity tests, in colour", () => {
    assert.deepEqual(readMochaCounts("\n\n  \u001b[32m7 passing\u001b[39m\n"), { passed: 7, failed: 0, skipped: 0 });
  });

  it("reads the summary of node --test", () => {
    const output = "✔ pass 99\nℹ tests 7\nℹ suites 2\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 1\n";
    assert.deepEqual(readNodeTestCounts(output), { passed: 3, failed: 2, skipped: 2 });
  });

  it("reads the last line of npm test", () => {
    assert.deepEqual(readCountLine("12 passed, 3 failed"), { passed: 12, failed: 3, skipped: 0 });
  });

  it("counts nothing where nothing was counted", () => {
    assert.deepEqual(addCounts([readMochaCounts("Error: crash"), readNodeTestCounts("")]), { passed: 0, failed: 0, skipped: 0 });
  });
});
