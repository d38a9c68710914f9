import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { createTable, fileHash, FLOW_INDEX, readFlowIndex } from "../../../protocol/flow/index.ts";
import { generateSynthetic } from "../../../scripts/commands/flow.ts";
import { createDiskStore } from "../../../scripts/store/index.ts";

interface Answer {
  readonly success: boolean;
  readonly data: { readonly digest: `0x${string}`; readonly contributions: number; readonly synthetic: unknown };
}

async function generate(dir: string, contributions: number, seed: number): Promise<Answer> {
  let said = "";
  const streams = { out: { write: (text: string) => (said += text) }, err: { write: () => true } };
  assert.equal(await generateSynthetic({ dir, json: true, contributions, seed, out: path.join(dir, "out") }, streams), 0);
  return JSON.parse(said) as Answer;
}

test("flow generate: an artefact whose index names every file by its hash, marked synthetic, the same for the same seed", async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-flow-"));
  try {
    const { data } = await generate(dir, 700, 5);
    assert.equal(data.contributions, 700);
    assert.deepEqual(data.synthetic, { seed: 5, contributions: 700 });
    const reader = await createDiskStore(path.join(dir, "store")).open(data.digest);
    const index = readFlowIndex(await reader.read(FLOW_INDEX));
    const files = await Promise.all(index.epochs.map(({ file }) => reader.read(file)));
    for (const [i, bytes] of files.entries()) assert.equal(await fileHash(bytes), index.epochs[i]?.hash);
    assert.equal(createTable(index, files).rows, 700);
    assert.deepEqual((await readdir(path.join(dir, "out"))).sort(), [...index.epochs.map(({ file }) => file), FLOW_INDEX].sort());
    assert.equal((await generate(dir, 700, 5)).data.digest, data.digest);
    assert.notEqual((await generate(dir, 700, 6)).data.digest, data.digest);
    await assert.rejects(generate(dir, 2_000_001, 1), /cannot be generated/);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
