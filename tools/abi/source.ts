// The TypeScript source that carries one contract's ABI.

export interface AbiEntry {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface Artifact {
  readonly contractName: string;
  readonly abi: readonly AbiEntry[];
  readonly bytecode: string;
}

/** Whether it can be deployed and called; interfaces, abstract contracts and inlined libraries cannot. */
export function isContract({ abi, bytecode }: Artifact): boolean {
  return bytecode !== "0x" && abi.some((entry) => entry.type === "function");
}

/** `ContributionToken` → `contribution-token.ts`. */
export function abiFileName(contractName: string): string {
  return `${words(contractName).join("-").toLowerCase()}.ts`;
}

/** `ContributionToken` → `contributionTokenAbi`. */
export function abiConstantName(contractName: string): string {
  const [first = "", ...rest] = words(contractName);
  return `${first.toLowerCase()}${rest.join("")}Abi`;
}

/** One entry a line, so that a change of the interface reads well in a diff. */
export function abiSource({ contractName, abi }: Artifact): string {
  const entries = abi.map((entry) => `  ${JSON.stringify(entry, withoutSolidityNames)},`);
  return `${HEADER}\nexport const ${abiConstantName(contractName)} = [\n${entries.join("\n")}\n] as const;\n`;
}

export function indexSource(contractNames: readonly string[]): string {
  const lines = contractNames.map((name) => `export { ${abiConstantName(name)} } from "./${abiFileName(name)}";`);
  return `${HEADER}\n${lines.join("\n")}\n`;
}

const HEADER = "// Written by `npm run abi` from what the compiler says. Do not edit.";

// Acronyms stay together: `SHUToken` is SHU, Token.
function words(name: string): string[] {
  return name.match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+/g) ?? [name];
}

// `internalType` names Solidity's own structs and enums; nothing that encodes or decodes reads it.
function withoutSolidityNames(key: string, value: unknown): unknown {
  return key === "internalType" ? undefined : value;
}
