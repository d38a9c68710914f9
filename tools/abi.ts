// `npm run abi` compiles the contracts and writes their ABIs to protocol/abi, where they are committed: a change of any
// external interface shows in review. With `--check`, as in `npm test`, it only says what differs.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import type { Artifact } from "./abi/source.ts";
import { abiFileName, abiSource, indexSource, isContract } from "./abi/source.ts";

const root = path.resolve(import.meta.dirname, "..");
const artifacts = path.join(root, "artifacts", "contracts");
const target = path.join(root, "protocol", "abi");

function compile(): void {
  const hardhat = path.join(root, "node_modules", "hardhat", "dist", "src", "cli.js");
  const { status } = spawnSync(process.execPath, [hardhat, "build"], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Every file that belongs in protocol/abi, with its text. */
function expectedFiles(): Map<string, string> {
  const contracts = fs
    .globSync("**/*.sol/*.json", { cwd: artifacts, exclude: ["mocks/**", "test/**"] })
    .map((file): Artifact => JSON.parse(fs.readFileSync(path.join(artifacts, file), "utf8")))
    .filter(isContract)
    .toSorted((a, b) => (a.contractName < b.contractName ? -1 : 1));
  const files = new Map(contracts.map((contract) => [abiFileName(contract.contractName), abiSource(contract)]));
  return files.set("index.ts", indexSource(contracts.map((contract) => contract.contractName)));
}

function differences(expected: ReadonlyMap<string, string>): string[] {
  const present = fs.globSync("*.ts", { cwd: target });
  const changed = [...expected].filter(([name, text]) => !present.includes(name) || read(name) !== text);
  return [...changed.map(([name]) => name), ...present.filter((name) => !expected.has(name))];
}

function read(name: string): string {
  return fs.readFileSync(path.join(target, name), "utf8");
}

function write(expected: ReadonlyMap<string, string>): void {
  fs.mkdirSync(target, { recursive: true });
  for (const name of differences(expected)) {
    const text = expected.get(name);
    if (text === undefined) fs.rmSync(path.join(target, name));
    else fs.writeFileSync(path.join(target, name), text);
    console.log(`protocol/abi/${name} ${text === undefined ? "removed" : "written"}`);
  }
}

if (process.argv.includes("--check")) {
  const different = differences(expectedFiles());
  for (const name of different) console.error(`protocol/abi/${name} is not what the compiler says: run \`npm run abi\`.`);
  process.exitCode = different.length === 0 ? 0 : 1;
} else {
  compile();
  write(expectedFiles());
}
