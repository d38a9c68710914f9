import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { describeFailures } from "./report.ts";
import type { Result } from "./step.ts";

const result = (title: string, ok: boolean, output: string): Result => ({ step: { title, args: [] }, ok, passed: 0, failed: ok ? 0 : 1, skipped: 0, outcome: { exitCode: ok ? 0 : 1, output, seconds: 1, processorSeconds: 1 } });

describe("what failed, once more at the end", () => {
  it("is nothing where nothing failed", () => assert.equal(describeFailures([result("All", true, "✔ all of it")]), ""));
  it("is the runner's own list, without what came before", () => {
    const text = describeFailures([result("Good", true, "✔ good"), result("Long", false, "a thousand lines\n\n✖ failing tests:\n\n✖ four operators\n  because")]);
    assert.match(text, /Long.*FAILED[^\n]*\n✖ failing tests:\n\n✖ four operators\n  because\n$/);
    assert.doesNotMatch(text, /thousand|good/i);
  });
  it("leaves out what was never begun, so that the reason comes first", () => {
    const cancelled = Array.from({ length: 50 }, (_, i) => `test at a.test.ts:${i}:3\n✖ one\n  'test did not finish before its parent and was cancelled'\n`).join("\n");
    const text = describeFailures([result("End to end", false, `✖ failing tests:\n\n${cancelled}\ntest at a.test.ts:1:1\n✖ the product\n  Error: it ended`)]);
    assert.match(text, /✖ failing tests:\n\ntest at a.test.ts:1:1\n✖ the product\n {2}Error: it ended\n$/);
  });
  it("is the last lines where a program lists nothing", () => {
    const text = describeFailures([result("Bench", false, Array.from({ length: 500 }, (_, i) => `line ${i}`).join("\n"))]);
    assert.match(text, /\nline 420\n[^]*line 499\n$/);
    assert.doesNotMatch(text, /line 419\n/);
  });
});
