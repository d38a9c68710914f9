import assert from "node:assert/strict";
import { test } from "node:test";
import {
  buildGenesisBundle, configHash, encodeJson, firstFailure, genesisReport, hashOf, mapReader, MANIFEST, reportHash, verifyGenesisBundle, type Hex, type Json,
} from "../../protocol/index.ts";
import { randomInt32 } from "./support/random.ts";
import { ARTEFACT, CONFIG, PARAMETERS, SPEC, ZERO_HASH } from "./support/round.ts";
import { withCode } from "./support/throws.ts";

function make() {
  const model = randomInt32(PARAMETERS, 8);
  const bundle = buildGenesisBundle(CONFIG, SPEC, model);
  const report = genesisReport(4, bundle.modelRoot, ARTEFACT);
  const expected = { federation: 4, configHash: configHash(CONFIG), modelRoot: bundle.modelRoot, artefact: ARTEFACT, reportHash: reportHash(report) };
  return { model, bundle, expected };
}

test("a genesis bundle verifies and gives the first model", async () => {
  const { model, bundle, expected } = make();
  const result = await verifyGenesisBundle(mapReader(bundle.files), expected);
  assert.equal(firstFailure(result.checks), null);
  assert(result.ok);
  assert.deepEqual(result.model, model);
  assert.deepEqual(result.manifest, bundle.manifest);
});

test("the report of round 0 is zero but for federation, model and artefact", () => {
  const zero = { federation: 4, round: 0, attempt: 0, sealHash: ZERO_HASH, metricsHash: ZERO_HASH, excluded: 0n, modelRoot: ARTEFACT, artefact: ARTEFACT };
  assert.equal(reportHash(genesisReport(4, ARTEFACT, ARTEFACT)), hashOf("Report", zero));
});

test("any flipped byte and any other word of the chain is found", async () => {
  const { bundle, expected } = make();
  for (const [path, bytes] of bundle.files) {
    for (let at = 0; at < bytes.length; at += 5) {
      const flipped = bytes.slice();
      flipped[at]! ^= 4;
      const result = await verifyGenesisBundle(mapReader(new Map(bundle.files).set(path, flipped)), expected).catch(() => ({ ok: false, model: null }));
      assert(!result.ok, `${path}, byte ${at}`);
      if (path === "model.bin") assert.equal(result.model, null);
    }
  }
  const other: Hex = `0x${"34".repeat(32)}`;
  for (const change of [{ federation: 5 }, { configHash: other }, { modelRoot: other }, { artefact: other }, { reportHash: other }]) {
    assert(!(await verifyGenesisBundle(mapReader(bundle.files), { ...expected, ...change })).ok, JSON.stringify(change));
  }
});

test("a manifest that was edited is found, field by field", async () => {
  const { bundle, expected } = make();
  const failing = async (edit: (manifest: { config: Record<string, Json>; modelSpec: { tensors: Record<string, Json>[] }; modelRoot: Json; files: Record<string, Json>[] }) => void) => {
    const manifest = JSON.parse(new TextDecoder().decode(bundle.files.get(MANIFEST)));
    edit(manifest);
    const { checks } = await verifyGenesisBundle(mapReader(new Map(bundle.files).set(MANIFEST, encodeJson(manifest))), expected);
    return checks.filter(({ ok }) => !ok).map(({ name }) => name);
  };
  assert.deepEqual(await failing((manifest) => (manifest.config["maxSeats"] = 3)), ["configuration hash"]);
  assert.deepEqual(await failing((manifest) => (manifest.modelSpec.tensors[0]!["fracBits"] = 3)), ["model specification root"]);
  assert.deepEqual(await failing((manifest) => (manifest.modelRoot = ZERO_HASH)), ["listed model root"]);
  assert.deepEqual(await failing((manifest) => (manifest.files[0]!["bytes"] = 3)), ["listed length"]);
  assert.deepEqual(await failing((manifest) => (manifest.files[0]!["sszRoot"] = ZERO_HASH)), ["file hash"]);
});

test("missing, cut and unknown files are found; a model of another size is not written", async () => {
  const { bundle, expected } = make();
  const missing = new Map(bundle.files);
  missing.delete("model.bin");
  assert.equal(firstFailure((await verifyGenesisBundle(mapReader(missing), expected)).checks)?.name, "file is there");
  const cut = new Map(bundle.files).set("model.bin", new Uint8Array(4));
  assert.equal(firstFailure((await verifyGenesisBundle(mapReader(cut), expected)).checks)?.name, "model length");
  const extra = new Map(bundle.files).set("readme.txt", new Uint8Array(4));
  assert.equal(firstFailure((await verifyGenesisBundle(mapReader(extra), expected)).checks)?.name, "no unknown file");
  assert.throws(() => buildGenesisBundle(CONFIG, SPEC, new Int32Array(3)), withCode("length-mismatch"));
  await assert.rejects(verifyGenesisBundle(mapReader(new Map([[MANIFEST, Uint8Array.of(0x31)]])), expected), withCode("manifest-invalid"));
});
