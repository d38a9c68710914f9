// docs/errors.md explains every error, and none that is gone.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { PROTOCOL_ERROR_CODES } from "../../../protocol/errors.ts";
import { DATA_ERROR_CODES } from "../../../scripts/data/errors.ts";
import { SERVICE_ERROR_CODES } from "../../../scripts/service/refusal.ts";
import { TRAINING_ERROR_CODES } from "../../../scripts/trainer/errors.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const page = read("docs/errors.md");

/** Everything that `pattern` captures in the files. */
function collect(files: string, pattern: RegExp): Set<string> {
  const found = globSync(files, { cwd: root }).flatMap((file) => [...read(file).matchAll(pattern)].map((match) => match[1] ?? ""));
  assert.notEqual(found.length, 0, `${files} has no ${pattern}`);
  return new Set(found);
}

/** Names in the first cell of the tables between two headings. */
function documented(from: string, to: string): string[] {
  const [start, end] = [page.indexOf(`\n${from}\n`), page.indexOf(`\n${to}\n`)];
  assert.ok(start >= 0 && end > start, `docs/errors.md has no part from “${from}” to “${to}”`);
  const cells = page.slice(start, end).matchAll(/^\|([^|]*`[^|]*)\|/gm);
  return [...cells].flatMap((cell) => [...(cell[1] ?? "").matchAll(/`([^`]+)`/g)].map((name) => name[1] ?? ""));
}

function sameNames(actual: readonly string[], expected: ReadonlySet<string>): void {
  const twice = actual.filter((name, at) => actual.indexOf(name) !== at);
  assert.deepEqual(twice, [], "explained twice");
  assert.deepEqual([...expected].filter((name) => !actual.includes(name)).sort(), [], "not explained in docs/errors.md");
  assert.deepEqual(actual.filter((name) => !expected.has(name)).sort(), [], "explained in docs/errors.md, but gone");
}

describe("docs/errors.md", () => {
  it("explains every error of the contracts, inherited ones too", () => {
    const ours = collect("contracts/{interfaces,libraries,registry}/*.sol", /^\s*error (\w+)\(/gm);
    const deployed = collect("protocol/abi/*.ts", /"name":"(\w+)","type":"error"/g);
    sameNames(documented("## Contracts", "## Protocol library"), new Set([...ours, ...deployed]));
  });

  it("explains every code of the protocol library", () => {
    sameNames(documented("## Protocol library", "## Command line"), new Set(PROTOCOL_ERROR_CODES));
  });

  it("explains every code of the programs", () => {
    const codes = collect("{scripts,protocol/audit,protocol/ledger,frontend/verify}/**/*.ts", /\bcode: "([a-z-]+)"/g);
    sameNames(documented("## Command line", "## Exit codes"), new Set([...codes, ...DATA_ERROR_CODES, ...TRAINING_ERROR_CODES, ...SERVICE_ERROR_CODES]));
  });

  it("says of each whether a retry helps", () => {
    const rows = page.split("\n").filter((line) => line.startsWith("| `"));
    const unclear = rows.filter((line) => !/\| (no|later|refresh) \|$/.test(line));
    assert.deepEqual(unclear, []);
  });
});
