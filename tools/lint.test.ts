// Who may import whom is a lint rule; here each forbidden direction is tried, so that no rule is silently off.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";

const root = path.resolve(import.meta.dirname, "..");
const oxlint = path.join(root, "node_modules", "oxlint", "bin", "oxlint");

const FORBIDDEN: readonly (readonly [file: string, source: string])[] = [
  ["protocol/scripts.ts", 'export * from "../scripts/a.ts";'],
  ["protocol/deep/frontend.ts", 'export type { A } from "../../frontend/a.ts";'],
  ["protocol/later.ts", 'export const later = () => import("../scripts/a.ts");'],
  ["protocol/node.ts", 'export { readFile } from "node:fs/promises";'],
  ["protocol/hardhat.ts", 'export { network } from "hardhat";'],
  ["scripts/frontend.ts", 'export * from "../frontend/a.ts";'],
  ["scripts/test.ts", 'export * from "../test/a.ts";'],
  ["deploy/scripts.ts", 'export * from "../scripts/a.ts";'],
  ["frontend/src/scripts.tsx", 'export * from "../../scripts/a.ts";'],
  ["frontend/src/node.ts", 'export { createHash } from "node:crypto";'],
  ["frontend/src/pages/rounds/datasets.ts", 'export * from "../datasets/a.ts";'],
  ["frontend/src/pages/rounds/parts/datasets.ts", 'export * from "../../datasets/a.ts";'],
  ["frontend/src/pages/rounds/scripts.ts", 'export * from "../../../../scripts/a.ts";'],
  ["frontend/src/chain/room.ts", 'export * from "../pages/rounds/a.ts";'],
  ["indexer/scripts.ts", 'export * from "../scripts/a.ts";'],
  ["scripts/cycle.ts", 'import { b } from "./cycle-b.ts";\nexport const a = () => b;'],
];

const ALLOWED: readonly (readonly [file: string, source: string])[] = [
  ["protocol/abi-user.ts", 'export * from "./abi/index.ts";'],
  ["protocol/viem.ts", 'export { keccak256 } from "viem";'],
  ["scripts/protocol.ts", 'export * from "../protocol/abi-user.ts";\nexport { readFile } from "node:fs/promises";'],
  ["scripts/deploy.ts", 'export * from "../deploy/modules/a.ts";'],
  ["scripts/cycle-b.ts", 'import { a } from "./cycle.ts";\nexport const b = () => a;'],
  ["frontend/src/protocol.ts", 'export * from "../../protocol/abi-user.ts";'],
  ["frontend/src/app/routes.ts", 'export * from "../pages/rounds/shared.ts";'],
  ["frontend/src/pages/rounds/shared.ts", 'export * from "../../chain/a.ts";\nexport * from "./parts/own.ts";'],
  ["frontend/src/pages/rounds/parts/own.ts", 'export * from "../../../chain/a.ts";\nexport * from "../words.ts";'],
  ["test/all.ts", 'export * from "../scripts/protocol.ts";\nexport * from "../protocol/viem.ts";'],
];

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

describe("import direction", () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "chongwen-lint-"));
  let refused = new Set<string>();

  before(() => {
    fs.copyFileSync(path.join(root, ".oxlintrc.json"), path.join(directory, ".oxlintrc.json"));
    for (const [file, source] of [...FORBIDDEN, ...ALLOWED]) {
      fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      fs.writeFileSync(path.join(directory, file), `${source}\n`);
    }
    const { stdout } = spawnSync(process.execPath, [oxlint, "--format=json"], { cwd: directory, encoding: "utf8" });
    const { diagnostics }: { diagnostics: Diagnostic[] } = JSON.parse(stdout);
    const directions = diagnostics.filter(({ code }) => /no-restricted-imports|no-nodejs-modules|no-cycle/.test(code));
    refused = new Set(directions.map(({ filename }) => filename.replaceAll("\\", "/")));
  });
  after(() => fs.rmSync(directory, { recursive: true }));

  for (const [file, source] of FORBIDDEN) {
    it(`refuses in ${file}: ${source.split("\n", 1)[0]}`, () => assert.ok(refused.has(file)));
  }

  it("allows everything else", () => {
    const files = ALLOWED.map(([file]) => file).filter((file) => file !== "scripts/cycle-b.ts");
    assert.deepEqual(files.filter((file) => refused.has(file)), []);
  });
});
