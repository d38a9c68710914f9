// A threat is only covered by a test that exists: every test that docs/threat-model.md and docs/attacks.md name is found in its file.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";

const root = path.resolve(import.meta.dirname, "..", "..", "..");

/** Rows of tables: the files that a row names in code, and the tests that it names beside them. */
const rowsOf = (page: string) =>
  readFileSync(path.join(root, "docs", page), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => {
      const codes = [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
      return { files: codes.filter((code) => /^(test\/\S+\.(ts|sol)|integrations\/flower\/tests\/\S+\.py)$/.test(code)), tests: codes.filter((code) => /^((test|testFuzz|invariant|attack)_\w+|attack: .*)$/.test(code)) };
    })
    .filter(({ files, tests }) => files.length + tests.length > 0);

for (const page of ["threat-model.md", "attacks.md"]) {
  describe(`docs/${page}`, () => {
    const rows = rowsOf(page);

    it("names tests", () => assert.ok(rows.length > 20, `${rows.length} rows with tests`));

    it("names only test files that exist", () => {
      const missing = rows.flatMap(({ files }) => files).filter((file) => !existsSync(path.join(root, file)));
      assert.deepEqual([...new Set(missing)], []);
    });

    it("names only tests that are in a file of the same row", () => {
      const missing = rows.flatMap(({ files, tests }) => {
        const text = files.filter((file) => existsSync(path.join(root, file))).map((file) => readFileSync(path.join(root, file), "utf8")).join("\n");
        return tests.filter((test) => !text.includes(`"${test}"`) && !new RegExp(`\\b${test}\\b`).test(text)).map((test) => `${test} in ${files.join(", ")}`);
      });
      assert.deepEqual(missing, []);
    });
  });
}
