// A copy of the project to break: mutants never touch the real one.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { runNode } from "../testing/process.ts";
import type { Mutant } from "./mutants.ts";
import { applyMutant } from "./mutants.ts";
import type { Target } from "./targets.ts";

const COPIED = ["contracts", "deploy", "protocol", "scripts", "test/contracts", "test/protocol", "test/solidity", "package.json", "tsconfig.json", "tsconfig.base.json"];
/** What the compiler knows already. */
const COMPILED = ["cache", "artifacts"];
/** Without generated types, and with tests compiled only where they are run. */
const CONFIG = `import base from "./hardhat.base.config.ts";
export default {
  ...base,
  plugins: base.plugins.filter((plugin) => plugin.id !== "hardhat-typechain"),
  solidity: { ...base.solidity, splitTestsCompilation: true },
};
`;

export type Verdict = "killed" | "survived" | "invalid";

export interface Run {
  readonly verdict: Verdict;
  readonly seconds: number;
  /** The test that noticed, or what the compiler says. */
  readonly reason: string;
}

export class Scratch {
  readonly folder: string;

  constructor(root: string) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "chongwen-mutate-"));
    for (const name of COPIED.filter((name) => fs.existsSync(path.join(root, name)))) {
      fs.cpSync(path.join(root, name), path.join(this.folder, name), { recursive: true });
    }
    const base = path.join(root, "hardhat.base.config.ts");
    fs.copyFileSync(fs.existsSync(base) ? base : path.join(root, "hardhat.config.ts"), path.join(this.folder, "hardhat.base.config.ts"));
    fs.writeFileSync(path.join(this.folder, "hardhat.config.ts"), CONFIG);
    fs.symlinkSync(fs.realpathSync(path.join(root, "node_modules")), path.join(this.folder, "node_modules"), "junction");
  }

  /** Compiles everything, and returns copies of this folder: each mutant is then one or a few files to compile. */
  async warm(copies: number): Promise<Scratch[]> {
    const { exitCode, output } = await runNode([this.#hardhat(), "build", "--no-tests"], { cwd: this.folder, color: false, limitSeconds: 900 });
    if (exitCode !== 0) throw new Error(`The contracts do not compile: ${reasonOf(output)}`);
    return Array.from({ length: copies }, () => {
      const copy = new Scratch(this.folder);
      for (const name of COMPILED) fs.cpSync(path.join(this.folder, name), path.join(copy.folder, name), { recursive: true });
      return copy;
    });
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs the target's tests on the mutant, or on the code as it is, until one fails. */
  async run(target: Target, mutant: Mutant | undefined, limitSeconds: number): Promise<Run> {
    const file = path.join(this.folder, target.file);
    const source = fs.readFileSync(file, "utf8");
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1_000;
    try {
      if (mutant !== undefined) fs.writeFileSync(file, applyMutant(source, mutant));
      for (const args of this.#commands(target)) {
        const outcome = await runNode(args, { cwd: this.folder, color: false, limitSeconds, env: { FUZZ_RUNS: "64", INVARIANT_RUNS: "8" } });
        if (outcome.exitCode === 0) continue;
        const invalid = /HHE9\d\d|Compilation failed/.test(outcome.output);
        return { verdict: invalid ? "invalid" : "killed", seconds: seconds(), reason: reasonOf(outcome.output) };
      }
      return { verdict: "survived", seconds: seconds(), reason: "" };
    } finally {
      fs.writeFileSync(file, source);
    }
  }

  #hardhat(): string {
    return path.join(this.folder, "node_modules", "hardhat", "dist", "src", "cli.js");
  }

  #commands({ mocha, solidity }: Target): string[][] {
    const hardhat = this.#hardhat();
    return [
      ...(mocha.length > 0 ? [[hardhat, "test", "mocha", "--bail", ...mocha]] : []),
      ...solidity.map((file) => [hardhat, "test", "solidity", file]),
    ];
  }
}

function reasonOf(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const failure = lines.findIndex((line) => line.startsWith("1) "));
  const found = failure >= 0 ? lines.slice(failure, failure + 4).join(" ") : (lines.find((line) => /Error/.test(line)) ?? "ended without a word");
  return found.slice(0, 160);
}
