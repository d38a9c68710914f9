import { globSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";

const root = path.resolve(import.meta.dirname, "..", "..", "..");
const read = (pattern: string): string => globSync(pattern, { cwd: root }).map((file) => readFileSync(path.join(root, file), "utf8")).join("\n");

describe("docs/bad-input.md", () => {
  const lines = read("docs/bad-input.md").split("\n");
  const rows = lines.filter((line) => line.startsWith("| ") && !line.startsWith("| What is wrong"));
  const cases = [...rows, ...lines.filter((line) => line.startsWith("- "))];
  const named = (pattern: RegExp) => [...new Set(cases.flatMap((row) => [...row.matchAll(pattern)].map((match) => match[1] ?? "")))];

  it("has five cells in every row, and an error or a test in every one that is not empty", () => {
    expect(rows.length).to.be.above(25);
    for (const row of rows) {
      const cells = row.slice(1, -1).split("|").map((cell) => cell.trim());
      expect(cells.length, row).to.equal(6);
      for (const cell of cells.slice(1)) expect(cell, row).to.match(/^–|`test_|“/);
    }
  });

  it("names tests of the contracts that exist", () => {
    const tests = read("test/contracts/{rounds,value,disputes}/*.ts");
    expect(named(/`(test_\w+)`/g).filter((test) => !tests.includes(`"${test}"`))).to.deep.equal([]);
  });

  it("names tests of the protocol that exist", () => {
    const tests = read("test/protocol/*.test.ts");
    // A title that is made from a name stands in the file as a template.
    const has = (title: string) => tests.includes(title) || tests.includes(`\${name}: ${title}`);
    expect(named(/“([^”]+)”/g).filter((title) => !has(title))).to.deep.equal([]);
  });

  it("names errors that exist", () => {
    const sources = read("contracts/**/*.sol") + read("protocol/errors.ts") + read("protocol/abi/*.ts");
    const known = (name: string) => [`error ${name}(`, `"${name}":`, `"name":"${name}","type":"error"`].some((text) => sources.includes(text));
    expect(named(/`((?!test_)[\w-]+)`/g).filter((name) => !known(name))).to.deep.equal([]);
  });
});
