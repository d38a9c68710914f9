// `npm run snapshots` writes each contract's size and storage layout to snapshots/contracts.json, where they are committed: a slot that moves or a
// contract that nears its size limit shows in review. With `--check`, as in `npm test`, it only says what differs.
import fs from "node:fs";
import path from "node:path";

import { z } from "zod";

const root = path.resolve(import.meta.dirname, "..");
const artifacts = path.join(root, "artifacts");
const target = path.join(root, "snapshots", "contracts.json");
/** EIP-170. */
const SIZE_LIMIT = 24_576;

const artifactSchema = z.object({
  contractName: z.string(),
  bytecode: z.string(),
  deployedBytecode: z.string(),
  inputSourceName: z.string(),
  buildInfoId: z.string(),
});
const layoutSchema = z.object({
  storage: z.array(z.object({ label: z.string(), slot: z.string(), offset: z.number(), type: z.string() })),
  types: z.record(z.string(), z.object({ label: z.string(), members: z.array(z.object({ label: z.string(), slot: z.string(), offset: z.number(), type: z.string() })).optional() })).nullable(),
});
const outputSchema = z.object({
  output: z.object({ contracts: z.record(z.string(), z.record(z.string(), z.looseObject({ storageLayout: layoutSchema.optional() }))) }),
});
type Layout = z.infer<typeof layoutSchema>;

const outputs = new Map<string, z.infer<typeof outputSchema>>();
function outputOf(buildInfoId: string): z.infer<typeof outputSchema> {
  const known = outputs.get(buildInfoId);
  if (known !== undefined) return known;
  const file = path.join(artifacts, "build-info", `${buildInfoId}.output.json`);
  const output = outputSchema.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  outputs.set(buildInfoId, output);
  return output;
}

/** "slot 3 + 4: _federations mapping(uint32 => struct Rounds.Federation)", and the members of structures below it. */
function describeLayout({ storage, types }: Layout): Record<string, string> {
  const name = (type: string): string => types?.[type]?.label ?? type;
  const variables = storage.map(({ label, slot, offset, type }) => [label, `slot ${slot} + ${offset}: ${name(type)}`]);
  const members = Object.values(types ?? {}).flatMap(({ label, members = [] }) =>
    members.map((member) => [`${label}.${member.label}`, `slot ${member.slot} + ${member.offset}: ${name(member.type)}`]),
  );
  return Object.fromEntries([...variables, ...members]);
}

function snapshot(): string {
  const contracts = fs
    .globSync("**/*.sol/*.json", { cwd: path.join(artifacts, "contracts"), exclude: ["interfaces/**", "test/**"] })
    .map((file) => artifactSchema.parse(JSON.parse(fs.readFileSync(path.join(artifacts, "contracts", file), "utf8"))))
    .filter(({ deployedBytecode }) => deployedBytecode.length > 200)
    .toSorted((a, b) => (a.contractName < b.contractName ? -1 : 1));
  const entries = contracts.map(({ contractName, bytecode, deployedBytecode, inputSourceName, buildInfoId }) => {
    const runtime = deployedBytecode.length / 2 - 1;
    if (runtime > SIZE_LIMIT) throw new Error(`${contractName} has ${runtime} bytes; no chain takes more than ${SIZE_LIMIT}.`);
    const layout = outputOf(buildInfoId).output.contracts[inputSourceName]?.[contractName]?.storageLayout;
    return [contractName, { runtimeBytes: runtime, creationBytes: bytecode.length / 2 - 1, storage: layout === undefined ? {} : describeLayout(layout) }];
  });
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

const text = snapshot();
if (process.argv.includes("--check")) {
  if (fs.existsSync(target) && fs.readFileSync(target, "utf8") === text) console.log("sizes and storage layouts are as committed");
  else {
    console.error("snapshots/contracts.json is not what the compiler says: run `npm run snapshots`, and look at what moved.");
    process.exitCode = 1;
  }
} else {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, text);
  console.log("snapshots/contracts.json written");
}
