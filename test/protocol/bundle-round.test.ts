import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keccak256 } from "viem";
import {
  buildRoundBundle, encodeJson, excludedBitmap, firstFailure, mapReader, MANIFEST, readRoundManifest, reportHash, updatePath, verifyRoundBundle,
  type BundleReader, type Hex, type Json,
} from "../../protocol/index.ts";
import { int32Of } from "../../protocol/bytes.ts";
import { metricsHash } from "../../protocol/evaluation/evaluation.ts";
import { makeRound, PARAMETERS, ZERO_HASH } from "./support/round.ts";
import { readPayloads } from "../../protocol/bundle/round-payloads.ts";
import { withCode } from "./support/throws.ts";

const failures = (checks: readonly { name: string; ok: boolean }[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe("a sound round verifies", () => {
  for (const [name, options] of [
    ["fedavg with a base", {}],
    ["fedavg without a base", { config: { hasBase: false } }],
    ["norm-clip", { config: { ruleId: 2, ruleParam: 50_000n } }],
    ["trimmed mean", { config: { ruleId: 3, ruleParam: 1n } }],
    ["median", { config: { ruleId: 4 } }],
    ["with a dropped entry", { weights: [10, 0, 30, 40, 50] }],
    ["with an excluded entry", { excluded: excludedBitmap([3]) }],
    ["with one dropped and one excluded", { weights: [0, 20, 30, 40, 50], excluded: excludedBitmap([4]) }],
    ["within a norm bound", { config: { normSqBound: 2n ** 60n } }],
  ] as const) {
    test(name, async () => {
      const { bundle, expected, input } = await makeRound(options);
      const result = await verifyRoundBundle(mapReader(bundle.files), expected);
      assert.equal(firstFailure(result.checks), null);
      assert(result.ok);
      assert.deepEqual(result.model, input.model);
      assert.deepEqual(result.manifest, await readRoundManifest(mapReader(bundle.files)));
      assert.equal(result.checks.filter(({ name }) => name === "signature").length, input.entries.filter(({ weight }) => weight > 0).length);
      assert.equal(result.checks.filter(({ name }) => name === "aggregate").length, 1);
    });
  }

  test("and says what settlements score", async () => {
    const { bundle, expected } = await makeRound({ weights: [0, 20, 30, 40, 50], excluded: excludedBitmap([4]) });
    const { scored } = await verifyRoundBundle(mapReader(bundle.files), expected);
    const roots = bundle.manifest.entries.map(({ updateRoot }) => updateRoot);
    assert.deepEqual(scored, { round: 1, parentRound: 0, seats: [2, 3, 5, 7, 11], weights: [0, 20, 30, 40, 0], roots });
    const payloads = await readPayloads(mapReader(bundle.files), scored!);
    assert.deepEqual([...payloads.keys()], [3, 5, 7]);
    const swapped = new Map([...bundle.files, [updatePath(3), bundle.files.get(updatePath(5))!]]);
    await assert.rejects(readPayloads(mapReader(swapped), scored!), withCode("bundle-unreadable", /seat 3/));
    assert(!bundle.files.has(updatePath(2)) && !bundle.files.has(updatePath(11)), "no payload without weight");
  });

  test("whatever order and buffers the files come in", async () => {
    const { bundle, expected } = await makeRound();
    const shifted = new Map([...bundle.files].toReversed().map(([path, bytes]) => {
      const buffer = new Uint8Array(bytes.length + 3);
      buffer.set(bytes, 3);
      return [path, buffer.subarray(3)];
    }));
    assert((await verifyRoundBundle(mapReader(shifted), expected)).ok);
  });
});

test("building is deterministic, and reading gives back what was written", async () => {
  const [a, b] = [await makeRound(), await makeRound()];
  assert.deepEqual(a.bundle.files, b.bundle.files);
  assert.deepEqual(await readRoundManifest(mapReader(a.bundle.files)), a.bundle.manifest);
});

test("any byte of any file, flipped, is found, and the file is named", async () => {
  const { bundle, expected } = await makeRound();
  for (const [path, bytes] of bundle.files) {
    const step = path === MANIFEST ? 7 : Math.max(1, Math.floor(bytes.length / 20));
    for (let at = 0; at < bytes.length; at += step) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1;
      const files = new Map(bundle.files).set(path, flipped);
      try {
        const { ok, checks, model } = await verifyRoundBundle(mapReader(files), expected);
        assert(!ok, `${path}, byte ${at}`);
        if (path === "model.bin") assert.equal(model, null, "nobody builds on it");
        if (path !== MANIFEST) assert(firstFailure(checks)?.subject.startsWith(path), `${path}, byte ${at}: ${JSON.stringify(firstFailure(checks))}`);
      } catch (error) {
        assert.equal(path, MANIFEST, String(error));
        assert(withCode((error as { code: "json-invalid" }).code)(error));
      }
    }
  }
});

test("any file missing, cut, or longer is found", async () => {
  const { bundle, expected } = await makeRound();
  for (const [path, bytes] of bundle.files) {
    if (path === MANIFEST) continue;
    for (const changed of [null, bytes.subarray(0, -1), bytes.subarray(0, 0), new Uint8Array([...bytes, 0]), new Uint8Array(bytes.length + 2 ** 21)]) {
      const files = new Map(bundle.files);
      if (changed === null) files.delete(path);
      else files.set(path, changed);
      const { ok, checks } = await verifyRoundBundle(mapReader(files), expected);
      assert(!ok, `${path}: ${changed?.length}`);
      assert(checks.some((check) => !check.ok && check.subject.startsWith(path)), path);
    }
  }
});

describe("a manifest that was edited, its own file list made to fit", () => {
  type Manifest = { entries: Record<string, Json>[]; files: Record<string, Json>[]; parent: Record<string, Json>; seal: Record<string, Json>; report: Record<string, Json> };
  const edited = async (options: Parameters<typeof makeRound>[0], edit: (manifest: Manifest, files: Map<string, Uint8Array>) => void) => {
    const { bundle, expected } = await makeRound(options);
    const files = new Map(bundle.files);
    const manifest = JSON.parse(new TextDecoder().decode(files.get(MANIFEST))) as Manifest;
    edit(manifest, files);
    files.set(MANIFEST, encodeJson(manifest as unknown as Json));
    return failures((await verifyRoundBundle(mapReader(files), expected)).checks);
  };
  for (const path of ["seats.bin", "update-roots.bin", "weights.bin", "norms.bin", "norm-traces.bin", "signatures.bin", "metrics.json"]) {
    test(`another ${path} than the one that was signed`, async () => {
      const failing = await edited({}, (manifest, files) => {
        const bytes = files.get(path)!.slice();
        bytes[bytes.length - 2]! ^= 1;
        files.set(path, bytes);
        manifest.files.find((file) => file["path"] === path)!["keccak256"] = keccak256(bytes);
      });
      assert(failing.includes(path === "metrics.json" ? "metrics hash" : "column hash"), failing.join());
    });
  }
  test("another norm for an entry that was dropped, whose signature nobody checks", async () => {
    const failing = await edited({ weights: [0, 20, 30, 40, 50] }, (manifest) => (manifest.entries[0]!["normSq"] = "5"));
    assert.deepEqual(failing, ["column agrees with the manifest's entries"]);
  });
  test("one entry more, and one less", async () => {
    assert((await edited({}, (manifest) => manifest.entries.push({ ...manifest.entries[4]!, seat: 12 }))).includes("column length"));
    assert((await edited({}, (manifest) => manifest.entries.pop())).includes("column length"));
  });
  test("a wrong length or hash in the file list", async () => {
    for (const path of ["seats.bin", "metrics.json", "model.bin", "updates/3.bin"]) {
      const entry = (manifest: Manifest) => manifest.files.find((file) => file["path"] === path)!;
      assert.deepEqual(await edited({}, (manifest) => (entry(manifest)["bytes"] = 3)), ["listed length"], path);
      const key = path.includes("model") || path.includes("updates") ? "sszRoot" : "keccak256";
      assert.deepEqual(await edited({}, (manifest) => (entry(manifest)[key] = ZERO_HASH)), ["file hash"], path);
    }
  });
  test("the other kind of hash in the file list", async () => {
    const swap = (path: string, from: string, to: string) => edited({}, (manifest) => {
      const file = manifest.files.find((item) => item["path"] === path)!;
      file[to] = file[from]!;
      delete file[from];
    });
    assert.deepEqual(await swap("model.bin", "sszRoot", "keccak256"), ["file hash"]);
    assert.deepEqual(await swap("updates/2.bin", "sszRoot", "keccak256"), ["file hash"]);
    assert.deepEqual(await swap("metrics.json", "keccak256", "sszRoot"), ["file hash"]);
  });
  for (const [field, failing] of [
    ["seal.federation", ["seal's federation", "seal hash"]], ["seal.round", ["seal's round", "seal hash"]], ["seal.attempt", ["seal hash"]],
    ["report.federation", ["report's federation", "report hash"]], ["report.round", ["report's round", "report hash"]],
    ["report.attempt", ["report's attempt", "report hash"]], ["parent.round", ["parent round"]],
  ] as const) {
    test(`another ${field}`, async () => {
      const [part, name] = field.split(".") as ["seal" | "report" | "parent", string];
      assert.deepEqual(await edited({}, (manifest) => (manifest[part][name] = Number(manifest[part][name]) + 1)), failing);
    });
  }
  for (const [field, failing] of [["parentReportHash", ["seal's parent", "seal hash"]], ["configHash", ["seal's configuration", "seal hash"]]] as const) {
    test(`another ${field} in the seal`, async () => assert.deepEqual(await edited({}, (manifest) => (manifest.seal[field] = ZERO_HASH)), failing));
  }
  test("a report of another seal, which the chain holds", async () => {
    const { bundle, expected } = await makeRound();
    const report = { ...bundle.report, sealHash: ZERO_HASH };
    const json = JSON.parse(new TextDecoder().decode(bundle.files.get(MANIFEST))) as Record<string, Json>;
    const manifest = encodeJson({ ...json, report: { ...(json["report"] as Record<string, Json>), sealHash: ZERO_HASH } });
    const chain = { ...expected, reportHash: reportHash({ ...report, artefact: expected.artefact }) };
    assert.deepEqual(failures((await verifyRoundBundle(mapReader(new Map(bundle.files).set(MANIFEST, manifest)), chain)).checks), ["report's seal"]);
  });
  test("a file listed twice", async () => {
    await assert.rejects(edited({}, (manifest) => (manifest.files.find((file) => file["path"] === "updates/2.bin")!["path"] = "updates/11.bin")), withCode("manifest-invalid", /unique/));
  });
});

test("a configuration with another depth than the model's vectors have is found", async () => {
  const { bundle, expected } = await makeRound({ config: { depth: 2 } });
  assert.deepEqual(failures((await verifyRoundBundle(mapReader(bundle.files), expected)).checks), ["depth of vectors"]);
});

test("hex of the chain may be in any letter case", async () => {
  const { bundle, expected } = await makeRound();
  const seats = new Map([...expected.seats].map(([seat, { key, exempt }]) => [seat, { key: key.toLowerCase() as Hex, exempt }]));
  const chain = { ...expected, seats, ledger: expected.ledger.toLowerCase() as Hex, reportHash: `0x${expected.reportHash.slice(2).toUpperCase()}` as Hex };
  assert((await verifyRoundBundle(mapReader(bundle.files), chain)).ok);
});

test("metrics that are no canonical JSON are found, though their hash fits", async () => {
  const { bundle, expected } = await makeRound();
  const bytes = new TextEncoder().encode('{"accuracy": 0.9}');
  const report = { ...bundle.report, metricsHash: metricsHash(null, bytes) };
  const files = new Map(bundle.files).set("metrics.json", bytes);
  const listed = bundle.manifest.files.map((file) => (file.path === "metrics.json" ? { path: file.path, bytes: bytes.length, keccak256: keccak256(bytes) } : file));
  const json = JSON.parse(new TextDecoder().decode(bundle.files.get(MANIFEST))) as Record<string, Json>;
  files.set(MANIFEST, encodeJson({ ...json, report: { ...(json["report"] as Record<string, Json>), metricsHash: report.metricsHash }, files: listed as unknown as Json }));
  const chain = { ...expected, reportHash: reportHash({ ...report, artefact: expected.artefact }) };
  assert.deepEqual(failures((await verifyRoundBundle(mapReader(files), chain)).checks), ["canonical JSON"]);
});

test("a file that is not of the format is found, and one outside of the directory is refused", async () => {
  const { bundle, expected } = await makeRound();
  const extra = new Map(bundle.files).set("notes.txt", Uint8Array.of(1));
  assert.deepEqual(failures((await verifyRoundBundle(mapReader(extra), expected)).checks), ["no unknown file"]);
  const unpaid = new Map(bundle.files).set(updatePath(4), new Uint8Array(2 * PARAMETERS));
  assert.deepEqual(failures((await verifyRoundBundle(mapReader(unpaid), expected)).checks), ["no unknown file"]);
  const text = new TextDecoder().decode(bundle.files.get(MANIFEST));
  for (const path of ["../../etc/passwd", "/etc/passwd", "updates/../x.bin", "updates/02.bin", "updates\\\\2.bin", "UPDATES/2.bin"]) {
    const manifest = new TextEncoder().encode(text.replace('"updates/2.bin"', `"${path}"`));
    await assert.rejects(verifyRoundBundle(mapReader(new Map(bundle.files).set(MANIFEST, manifest)), expected), withCode("bundle-path"), path);
  }
});

describe("what the chain says otherwise", () => {
  const other: Hex = `0x${"12".repeat(32)}`;
  for (const [name, change, failing] of [
    ["chain", { chainId: 1 }, "chain"],
    ["ledger", { ledger: "0x0000000000000000000000000000000000000001" }, "ledger"],
    ["federation", { federation: 2 }, "federation"],
    ["round", { round: 2 }, "round"],
    ["configuration", { configHash: other }, "configuration hash"],
    ["report", { reportHash: other }, "report hash"],
    ["artefact", { artefact: other }, "report hash"],
    ["seats", { seats: new Map() }, "signature"],
  ] as const) {
    test(name, async () => {
      const { bundle, expected } = await makeRound();
      const { ok, checks } = await verifyRoundBundle(mapReader(bundle.files), { ...expected, ...change });
      assert(!ok);
      assert.equal(firstFailure(checks)?.name, failing);
    });
  }
  for (const [name, change, failing] of [
    ["parent round", { round: 9 }, "parent round"],
    ["parent report", { reportHash: other }, "parent report hash"],
    ["parent artefact", { artefact: other }, "parent artefact"],
    ["parent model root", { modelRoot: other }, "parent's model root"],
    ["no parent model", { model: null }, "parent's model root"],
    ["another parent model", { model: new Int32Array(PARAMETERS) }, "parent's model root"],
    ["a parent model of another size", { model: new Int32Array(PARAMETERS + 1) }, "parent's model root"],
  ] as const) {
    test(name, async () => {
      const { bundle, expected } = await makeRound();
      const { ok, checks } = await verifyRoundBundle(mapReader(bundle.files), { ...expected, parent: { ...expected.parent, ...change } });
      assert(!ok);
      assert.equal(firstFailure(checks)?.name, failing);
    });
  }
  test("a key that was rotated away, and a seat that is not exempt", async () => {
    const { bundle, expected } = await makeRound();
    const seats = new Map(expected.seats).set(5, { key: expected.seats.get(7)!.key, exempt: false }).set(11, { key: expected.seats.get(11)!.key, exempt: false });
    const { checks } = await verifyRoundBundle(mapReader(bundle.files), { ...expected, seats });
    assert.deepEqual(failures(checks), ["signature", "signer", "privacy cost"]);
    assert.match(firstFailure(checks)!.subject, /entry 2, seat 5/);
  });
});

describe("a lying aggregator, with every hash made to fit", () => {
  test("a wrong aggregate is found at its first coordinate", async () => {
    const { input, expected } = await makeRound();
    const model = input.model.slice();
    model[41]! += 1;
    model[60]! -= 1;
    const { report, checks } = await lie(input, expected, { model });
    assert.deepEqual(failures(checks), ["aggregate"]);
    assert.deepEqual(firstFailure(checks), { name: "aggregate", subject: "model.bin", ok: false, expected: `coordinate 41: ${input.model[41]}`, actual: `coordinate 41: ${model[41]}` });
    assert.equal(report.modelRoot.length, 66);
  });
  test("weights that the ledger did not give", async () => {
    const { input, expected } = await makeRound();
    const entries = input.entries.map((entry) => ({ ...entry, weight: entry.weight + 1 }));
    const { checks } = await lie(input, expected, { entries });
    assert.deepEqual(failures(checks), ["aggregate"], "the seal hash differs, so the chain would not have this report: `report hash` says so there");
  });
  test("a signature of someone else, a norm and a trace that are not the update's", async () => {
    const { input, expected } = await makeRound();
    for (const [change, failing] of [
      [{ signature: input.entries[0]!.signature }, ["signature"]],
      [{ normSq: input.entries[1]!.normSq + 1n }, ["signature", "norm"]],
      [{ normTraceRoot: ZERO_HASH }, ["signature", "norm trace"]],
      [{ rho: 0 }, ["signature", "privacy cost"]],
      [{ signer: input.entries[0]!.signer }, ["signer"]],
    ] as const) {
      const entries = input.entries.with(1, { ...input.entries[1]!, ...change });
      assert.deepEqual(failures((await lie(input, expected, { entries })).checks), failing);
    }
  });
  test("another update than the committed one", async () => {
    const { input, expected } = await makeRound();
    const updates = new Map(input.updates).set(3, new Int16Array(PARAMETERS));
    const { checks, model } = await lie(input, expected, { updates });
    assert.deepEqual(failures(checks), ["file hash", "norm", "norm trace", "update root", "aggregate"]);
    assert.match(checks.find(({ name }) => name === "aggregate")!.actual, /not recomputed/);
    assert.deepEqual(model, input.model, "the model is still the reported one");
  });
  test("a norm above the bound, equal roots with weight, an exclusion beyond the entries", async () => {
    const { input, expected } = await makeRound({ config: { normSqBound: 1n } });
    assert.deepEqual(failures((await verifyRoundBundle(mapReader(buildRoundBundle(input).files), expected)).checks), ["norms within the bound"]);
    const sound = await makeRound();
    const twins = sound.input.entries.with(1, { ...sound.input.entries[1]!, updateRoot: sound.input.entries[0]!.updateRoot });
    assert(failures((await lie(sound.input, sound.expected, { entries: twins })).checks).includes("entries with weight have different roots"));
    assert(failures((await lie(sound.input, sound.expected, { excluded: 32n })).checks).includes("exclusions are entries"));
  });
  test("a model with other units: the specification is not the configuration's", async () => {
    const { input, expected } = await makeRound();
    const modelSpec = { ...input.modelSpec, tensors: input.modelSpec.tensors.map((tensor) => ({ ...tensor, fracBits: 1 })) };
    const { checks, model } = await lie(input, expected, { modelSpec });
    assert.equal(firstFailure(checks)?.name, "model specification root");
    assert.equal(model, null, "nothing of unknown size is computed with");
  });
  test("too little weight to aggregate is a finding, not a crash", async () => {
    const { input, expected } = await makeRound();
    const entries = input.entries.map((entry) => ({ ...entry, weight: 20_000 }));
    const { checks } = await lie(input, expected, { entries });
    assert.deepEqual(failures(checks), ["aggregation", "aggregate"]);
    assert(failures((await lie(input, expected, { excluded: 31n })).checks).includes("aggregation"));
  });
});

/** Rebuilds the bundle with a change and lets the chain hold the report that fits it. */
async function lie(input: Parameters<typeof buildRoundBundle>[0], expected: Parameters<typeof verifyRoundBundle>[1], change: Partial<typeof input>) {
  const bundle = buildRoundBundle({ ...input, ...change });
  const chain = { ...expected, reportHash: reportHash({ ...bundle.report, artefact: expected.artefact }) };
  return { ...(await verifyRoundBundle(mapReader(bundle.files), chain)), report: bundle.report };
}

describe("unreadable input is a typed error", () => {
  const withManifest = async (edit: (text: string) => string) => {
    const { bundle, expected } = await makeRound();
    const text = edit(new TextDecoder().decode(bundle.files.get(MANIFEST)));
    return verifyRoundBundle(mapReader(new Map(bundle.files).set(MANIFEST, new TextEncoder().encode(text))), expected);
  };
  test("a newer version says what to do", () => assert.rejects(withManifest((text) => text.replace('"version":1,"weightsHash"', '"version":2,"weightsHash"')), withCode("version-unknown", /version 2/)));
  test("another format", () => assert.rejects(withManifest((text) => text.replace("chongwen-round", "chongwen-settlement")), withCode("manifest-invalid", /chongwen-settlement/)));
  test("a field too many", () => assert.rejects(withManifest((text) => text.replace("{", '{"Extra":1,')), withCode("manifest-invalid", /Extra/)));
  test("a number too large", () => assert.rejects(withManifest((text) => text.replace('"rho":5000', '"rho":281474976710656')), withCode("manifest-invalid", /rho/)));
  test("no JSON", () => assert.rejects(withManifest(() => "{"), withCode("json-invalid")));
  test("files listed twice or unsorted", () => assert.rejects(withManifest((text) => text.replace('"path":"weights.bin"', '"path":"metrics.json"')), withCode("manifest-invalid", /sorted/)));
  test("updates of four bytes", async () => {
    const { bundle, expected } = await makeRound({ config: { elementWidth: 4 } });
    await assert.rejects(verifyRoundBundle(mapReader(bundle.files), expected), withCode("unsupported"));
  });
  test("masked sums, which no version aggregates", async () => {
    const { bundle, expected } = await makeRound({ config: { privacyMode: 2 } });
    await assert.rejects(verifyRoundBundle(mapReader(bundle.files), expected), withCode("privacy-mode-unsupported", /mode C/));
  });
  test("no manifest, and a store that fails: try again", async () => {
    const { bundle, expected } = await makeRound();
    const files = new Map(bundle.files);
    files.delete(MANIFEST);
    await assert.rejects(verifyRoundBundle(mapReader(files), expected), withCode("bundle-unreadable"));
    const failing: BundleReader = { ...mapReader(bundle.files), read: async (path) => (path === "model.bin" ? Promise.reject(new Error("ECONNRESET")) : bundle.files.get(path)!) };
    await assert.rejects(verifyRoundBundle(failing, expected), withCode("bundle-unreadable", /model\.bin .*ECONNRESET/));
  });
});

describe("buildRoundBundle refuses", () => {
  test("a missing payload, wrong lengths, fractions in the metrics", async () => {
    const { input } = await makeRound();
    const updates = new Map(input.updates);
    updates.delete(7);
    assert.throws(() => buildRoundBundle({ ...input, updates }), withCode("column-invalid", /Seat 7/));
    assert.throws(() => buildRoundBundle({ ...input, updates: new Map(input.updates).set(7, new Int16Array(3)) }), withCode("length-mismatch", /seat 7 has 3/));
    assert.throws(() => buildRoundBundle({ ...input, model: new Int32Array(1) }), withCode("length-mismatch"));
    assert.throws(() => buildRoundBundle({ ...input, metrics: { accuracy: 0.93 } }), withCode("json-invalid"));
  });
});

test("a manifest does not hold what only its own digest could give", async () => {
  const { bundle } = await makeRound();
  assert(!("artefact" in bundle.report));
  assert.equal(int32Of(bundle.files.get("model.bin")!).length, PARAMETERS);
});
