import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { keccak256 } from "viem/utils";
import type { Plugin } from "vite";

const NAME = "virtual:contract-code";

interface Artifact {
  readonly contractName?: string;
  readonly deployedBytecode?: string;
  readonly immutableReferences?: Readonly<Record<string, readonly { readonly start: number; readonly length: number }[]>>;
}

/** What the compiler wrote, as `src/chain/code.ts` takes it. Without artifacts the table is empty, and every contract is of an unknown build. */
export function readCodeTable(root: string): Record<string, { bytes: number; immutables: [number, number][]; hash: string }> {
  const files = globSync("artifacts/contracts/**/*.json", { cwd: root }).filter((file) => !/contracts\/(interfaces|libraries|test|types)\//.test(file)).sort();
  const table: Record<string, { bytes: number; immutables: [number, number][]; hash: string }> = {};
  for (const file of files) {
    const { contractName, deployedBytecode = "0x", immutableReferences = {} } = JSON.parse(readFileSync(path.join(root, file), "utf8")) as Artifact;
    if (contractName === undefined || deployedBytecode === "0x") continue;
    const code = Uint8Array.from(Buffer.from(deployedBytecode.slice(2), "hex"));
    const immutables = Object.values(immutableReferences).flat().map(({ start, length }): [number, number] => [start, length]);
    for (const [start, length] of immutables) code.fill(0, start, start + length);
    table[contractName] = { bytes: code.length, immutables, hash: keccak256(code) };
  }
  return table;
}

/** The run-time code of this build's contracts, so that the page can say whether the chain runs it. */
export function contractCode(root: string): Plugin {
  return {
    name: "contract-code",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) => (id === `\0${NAME}` ? `export const codeTable = ${JSON.stringify(readCodeTable(root))};` : undefined),
  };
}
