import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Lock, LockEntry } from "./rules.ts";
import { findProblems, stripEngines } from "./rules.ts";

const manifest = { dependencies: { a: "1.0.0" } };

function lockWith(packages: Record<string, LockEntry>): Lock {
  return { packages: { "": manifest, "node_modules/a": {}, ...packages } };
}

describe("the rules of the lock", () => {
  it("find nothing wrong with a sound lock", () => {
    const lock = lockWith({
      "node_modules/a": { optionalDependencies: { "a-linux": "1.0.0", "a-win": "1.0.0" } },
      "node_modules/a-linux": { optional: true },
      "node_modules/a/node_modules/a-win": { optional: true },
    });
    assert.deepEqual(findProblems(lock, manifest), []);
  });

  it("take engines out of optional entries alone", () => {
    const lock = lockWith({
      "node_modules/a": { engines: { node: ">=22" } },
      "node_modules/b": { optional: true, engines: { node: ">=22" } },
    });
    assert.match(findProblems(lock, manifest).join(), /^node_modules\/b is optional and names engines/);
    assert.equal(stripEngines(lock), 1);
    assert.deepEqual(lock.packages["node_modules/a"], { engines: { node: ">=22" } });
    assert.deepEqual(findProblems(lock, manifest), []);
  });

  it("miss an optional package that lies only where its dependent cannot see it", () => {
    const lock = lockWith({
      "node_modules/a": { optionalDependencies: { "a-linux": "1.0.0" } },
      "node_modules/b/node_modules/a-linux": { optional: true },
    });
    assert.match(findProblems(lock, manifest).join(), /^a-linux, wanted by node_modules\/a, is not in the lock/);
  });

  it("refuse hosts, ranges and a manifest the lock does not know", () => {
    assert.match(findProblems(lockWith({ "node_modules/a": { resolved: "x" } }), manifest).join(), /names a registry host/);
    const problems = findProblems(lockWith({}), { dependencies: { a: "^1.0.0" } });
    assert.match(problems.join("\n"), /^dependencies of package\.json and of the lock differ.*\na is asked for as "\^1\.0\.0"/);
  });
});
