// The evaluator and the utilities in TypeScript against a second implementation in plain Python: the same integers, or one of them is wrong.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, it } from "node:test";
import { scoringCases, solveScoringCase, type ScoringCase } from "../../../tools/vectors/scoring.ts";

const SCRIPT = fileURLToPath(new URL("../../python/scoring.py", import.meta.url));
const VECTORS = new URL("../../../protocol/vectors/scoring.json", import.meta.url);
const SEEDS = Array.from({ length: 40 }, (_, i) => 100 + i);

const python = ["python3", "python"].find((command) => spawnSync(command, ["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]).status === 0);
const skip = python === undefined ? "there is no Python 3.8 or later on this machine" : false;
if (skip !== false) console.warn(`Not compared with Python: ${skip}.`);

function inPython(cases: readonly ScoringCase[]): (number | readonly number[])[] {
  const { status, stdout, stderr } = spawnSync(python ?? "", [SCRIPT], { input: JSON.stringify(cases), encoding: "utf8", maxBuffer: 2 ** 26 });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as (number | readonly number[])[];
}

describe("scores in Python", () => {
  it("are those of the vectors", { skip }, () => {
    const vectors = JSON.parse(readFileSync(VECTORS, "utf8")) as { case: ScoringCase; result: number | number[] }[];
    assert.deepEqual(inPython(vectors.map((vector) => vector.case)), vectors.map(({ result }) => result));
  });

  it("are those of TypeScript on 360 drawn cases", { skip }, () => {
    const cases = SEEDS.flatMap(scoringCases);
    inPython(cases).forEach((result, i) => assert.deepEqual(solveScoringCase(cases[i]!), result, JSON.stringify(cases[i])));
  });
});
