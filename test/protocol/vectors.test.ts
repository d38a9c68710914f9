import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { hexToBytes, type Hex } from "viem";
import { firstFailure, mapReader, modelRoot, verifyGenesisBundle, verifyRoundBundle } from "../../protocol/index.ts";
import { int32Of } from "../../protocol/bytes.ts";
import { buildVectors } from "../../tools/vectors.ts";

const FOLDER = new URL("../../protocol/vectors/", import.meta.url);

test("regenerating the vectors gives the committed files, byte for byte", async () => {
  const vectors = await buildVectors();
  assert.deepEqual(readdirSync(FOLDER).sort(), [...vectors.keys()].sort());
  for (const [name, text] of vectors) {
    assert(readFileSync(new URL(name, FOLDER), "utf8") === text, `${name} differs: a format changed. If it is meant, run \`node tools/run.mjs tools/vectors.ts\` and say so in the changelog.`);
  }
});

interface Bundle {
  readonly files: Record<string, Hex>;
  readonly artefact: Hex;
  readonly reportHash: Hex;
  readonly modelRoot: Hex;
}
interface RoundVector {
  readonly genesis: Bundle;
  readonly round: Bundle & { readonly configHash: Hex; readonly seats: readonly { seat: number; key: Hex; exempt: boolean }[] };
}

test("the round of the vectors verifies from its files, back to genesis", async () => {
  const { genesis, round } = JSON.parse(readFileSync(new URL("round.json", FOLDER), "utf8")) as RoundVector;
  const reader = ({ files }: Bundle) => mapReader(new Map(Object.entries(files).map(([path, hex]) => [path, hexToBytes(hex)])));
  const { artefact, reportHash, configHash } = { ...genesis, configHash: round.configHash };
  const first = await verifyGenesisBundle(reader(genesis), { federation: 1, configHash, modelRoot: genesis.modelRoot, artefact, reportHash });
  assert.equal(firstFailure(first.checks), null);
  const result = await verifyRoundBundle(reader(round), {
    chainId: 31_337, ledger: "0x5FbDB2315678afecb367f032d93F642f64180aa3", federation: 1, round: 1, configHash, reportHash: round.reportHash, artefact: round.artefact,
    parent: { round: 0, reportHash, artefact, modelRoot: genesis.modelRoot, model: first.model },
    seats: new Map(round.seats.map(({ seat, key, exempt }) => [seat, { key, exempt }])),
  });
  assert.equal(firstFailure(result.checks), null);
  assert.equal(modelRoot(int32Of(hexToBytes(round.files["model.bin"]!))), round.modelRoot);
});
