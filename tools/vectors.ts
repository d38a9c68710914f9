// Regenerates protocol/vectors/*.json. A test compares what this makes with the files, so a change of format is never an accident.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { accountVectors } from "./vectors/accounts.ts";
import { openRoundVectors } from "./vectors/open-round.ts";
import { privacyVectors } from "./vectors/privacy.ts";
import { qualityVectors } from "./vectors/quality.ts";
import { rewardsVectors } from "./vectors/rewards.ts";
import { roundVectors } from "./vectors/round.ts";
import { scoringVectors } from "./vectors/scoring.ts";
import { columnVectors, eip712Vectors } from "./vectors/signing.ts";
import { unixfsVectors } from "./vectors/unixfs.ts";
import { aggregateVectors, modelSpecVectors, normTraceVectors, quantiseVectors, sszVectors } from "./vectors/tensors.ts";

/** Indented, with short lists on one line; bigints as decimal strings. */
function format(value: unknown): string {
  const text = JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? item.toString() : item), 2);
  return `${text.replaceAll(/\[\s+([^[\]{}]*?)\s+\]/g, (_, items: string) => `[${items.replaceAll(/\s*\n\s*/g, " ")}]`)}\n`;
}

/** File names and contents. */
export async function buildVectors(): Promise<ReadonlyMap<string, string>> {
  const vectors: Record<string, unknown> = {
    "model-spec.json": modelSpecVectors(),
    "quantise.json": quantiseVectors(),
    "aggregate.json": aggregateVectors(),
    "ssz.json": sszVectors(),
    "norm-trace.json": normTraceVectors(),
    "eip712.json": await eip712Vectors(),
    "columns.json": columnVectors(),
    "rewards.json": await rewardsVectors(),
    "round.json": await roundVectors(),
    "open-round.json": await openRoundVectors(),
    "accounts.json": await accountVectors(),
    "scoring.json": scoringVectors(),
    "quality.json": await qualityVectors(),
    "privacy.json": privacyVectors(),
    "unixfs.json": await unixfsVectors(),
  };
  return new Map(Object.entries(vectors).map(([name, value]) => [name, format(value)]));
}

async function main(): Promise<void> {
  const folder = path.resolve(import.meta.dirname, "..", "protocol", "vectors");
  await mkdir(folder, { recursive: true });
  for (const [name, text] of await buildVectors()) {
    await writeFile(path.join(folder, name), text);
    console.log(`protocol/vectors/${name}: ${text.length} characters`);
  }
}

if (process.argv[1] === import.meta.filename) await main();
