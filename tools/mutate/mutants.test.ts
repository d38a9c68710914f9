import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";

import type { MutantKind } from "./mutants.ts";
import { applyMutant, isDeletedCheck, makeMutants, maskProse } from "./mutants.ts";
import { TARGETS } from "./targets.ts";

const root = path.resolve(import.meta.dirname, "..", "..");

function changes(source: string, kind: MutantKind): string[] {
  return makeMutants(source)
    .filter((mutant) => mutant.kind === kind)
    .map((mutant) => applyMutant(source, mutant));
}

describe("mutants", () => {
  it("take each check away: guarded reverts, bare ones, and calls that are named after a check", () => {
    const source = `function f() {\n  if (a > b) revert Bad(a, "x;)");\n  h.requireHeld(context);\n  revert Bad();\n}`;
    assert.deepEqual(changes(source, "check"), [
      `function f() {\n  {}\n  h.requireHeld(context);\n  revert Bad();\n}`,
      `function f() {\n  if (a > b) revert Bad(a, "x;)");\n  {}\n  revert Bad();\n}`,
      `function f() {\n  if (a > b) revert Bad(a, "x;)");\n  h.requireHeld(context);\n  {}\n}`,
    ]);
  });

  it("take each modifier away, and nothing else of a header", () => {
    const source = "function rule(uint32 a) external virtual onlyOwner when(a != 0) returns (uint256 b) {}";
    assert.deepEqual(changes(source, "modifier"), [
      "function rule(uint32 a) external virtual  when(a != 0) returns (uint256 b) {}",
      "function rule(uint32 a) external virtual onlyOwner  returns (uint256 b) {}",
    ]);
  });

  it("negate conditions, but not those of a revert, which is deleted", () => {
    assert.deepEqual(changes("if (a) b();\nif (c) revert D();", "condition"), ["if (!(a)) b();\nif (c) revert D();"]);
  });

  it("swap relations, arithmetic, logic and shifts, in assembly too", () => {
    assert.deepEqual(changes("x = a <= b;", "relation"), ["x = a < b;"]);
    assert.deepEqual(changes("x := lt(a, b)", "relation"), ["x := gt(a, b)"]);
    assert.deepEqual(changes("x = a + b;\nx -= c;", "arithmetic"), ["x = a - b;\nx -= c;", "x = a + b;\nx += c;"]);
    assert.deepEqual(changes("x = a && b;", "logic"), ["x = a || b;"]);
    assert.deepEqual(changes("x := shl(5, a)", "shift"), ["x := shr(5, a)"]);
  });

  it("miss positions by one", () => {
    assert.deepEqual(changes("x = proof.uintAt(13, 2);", "constant"), ["x = proof.uintAt(14, 2);", "x = proof.uintAt(13, 3);"]);
    assert.deepEqual(changes("if (y == 7) z();", "constant"), []);
  });

  it("leave comments, strings, imports, errors and events alone", () => {
    const source = `import {A} from "./a + b";\n// a + b\n/// if (x) revert Y();\nerror A(uint256 a);\nstring b = "a && b";\n`;
    assert.deepEqual(makeMutants(source), []);
    assert.equal(maskProse(source).length, source.length);
  });

  it("find every check of every target, and the tests that should notice", () => {
    for (const { name, file, mocha, solidity } of TARGETS) {
      const source = fs.readFileSync(path.join(root, file), "utf8");
      const mutants = makeMutants(source);
      const reverts = [...maskProse(source).matchAll(/\brevert\b/g)].length;
      assert.ok(mutants.filter(isDeletedCheck).length >= reverts, name);
      for (const test of [...mocha, ...solidity]) assert.ok(fs.existsSync(path.join(root, test)), `${name}: ${test}`);
    }
  });
});
