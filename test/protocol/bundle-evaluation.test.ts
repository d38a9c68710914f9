import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keccak256 } from "viem";
import { buildRoundBundle, encodeJson, firstFailure, mapReader, MANIFEST, readRoundManifest, reportHash, verifyRoundBundle, type Json } from "../../protocol/index.ts";
import { bytesOf, int16Of } from "../../protocol/bytes.ts";
import { EVALUATION_FILES } from "../../protocol/bundle/round-manifest.ts";
import { type Evaluation, metricsHash } from "../../protocol/evaluation/evaluation.ts";
import { evaluateModel } from "../../protocol/evaluation/evaluate.ts";
import { holdoutRoot } from "../../protocol/evaluation/holdout.ts";
import { toJson } from "../../protocol/bundle/struct-json.ts";
import { EVALUATED, makeRound, ZERO_HASH } from "./support/round.ts";
import { withCode } from "./support/throws.ts";

const failures = (checks: readonly { name: string; ok: boolean }[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);
const PATHS = Object.values(EVALUATION_FILES);

describe("a round with an evaluation", () => {
  test("verifies, and its report pins evaluation and metrics", async () => {
    const { input, bundle, expected } = await makeRound({ evaluated: true });
    const { ok, checks, manifest } = await verifyRoundBundle(mapReader(bundle.files), expected);
    assert.equal(firstFailure(checks), null);
    assert(ok);
    const { evaluation, predictions } = evaluateModel(input.model, EVALUATED);
    assert.deepEqual(manifest.evaluation, evaluation);
    assert.deepEqual(manifest, await readRoundManifest(mapReader(bundle.files)));
    assert.equal(bundle.report.metricsHash, metricsHash(evaluation, bundle.files.get("metrics.json")!));
    assert.deepEqual(PATHS.map((path) => bundle.files.get(path)), [bytesOf(EVALUATED.holdout), EVALUATED.labels, predictions]);
    for (const name of ["holdout root", "labels are classes", "predictions", "correct predictions"]) {
      assert.equal(checks.filter((check) => check.name === name).length, 1, name);
    }
  });

  test("without one, the metrics are bound alone and there are no files of one", async () => {
    const { input, bundle } = await makeRound();
    assert.equal(bundle.manifest.evaluation, null);
    assert.equal(bundle.report.metricsHash, metricsHash(null, bundle.files.get("metrics.json")!));
    assert(PATHS.every((path) => !bundle.files.has(path)));
    const { evaluation: _, ...rest } = input;
    assert.deepEqual(buildRoundBundle(rest).files, bundle.files);
  });

  test("any byte of its files, flipped, is found, and the file is named; so is a file that is cut, longer or missing", async () => {
    const { bundle, expected } = await makeRound({ evaluated: true });
    for (const path of PATHS) {
      const bytes = bundle.files.get(path)!;
      const changed: (Uint8Array | null)[] = [null, bytes.subarray(1), bytes.subarray(0, 0), new Uint8Array([...bytes, 0])];
      for (let at = 0; at < bytes.length; at += 3) changed.push(bytes.with(at, bytes[at]! ^ 1));
      for (const [i, content] of changed.entries()) {
        const files = new Map(bundle.files);
        if (content === null) files.delete(path);
        else files.set(path, content);
        const failed = (await verifyRoundBundle(mapReader(files), expected)).checks.filter(({ ok }) => !ok);
        assert(failed.some(({ subject }) => subject === path), `${path}, change ${i}`);
      }
    }
  });

  test("a building that nobody could disprove, or that has no answer, is refused", async () => {
    const { input } = await makeRound();
    const build = (change: Partial<typeof EVALUATED>) => buildRoundBundle({ ...input, evaluation: { ...EVALUATED, ...change } });
    assert.throws(() => build({ labels: new Uint8Array(65_001), holdout: new Int16Array(650_010) }), withCode("out-of-range", /Nobody could disprove.*records is 65001/));
    assert.throws(() => build({ headLane: 1 }), withCode("out-of-range"));
    assert.throws(() => build({ labels: EVALUATED.labels.with(3, 7) }), withCode("out-of-range", /record 3/));
    assert.throws(() => build({ labels: EVALUATED.labels.subarray(1) }), withCode("length-mismatch"));
  });
});

interface Lie {
  readonly evaluation?: Partial<Evaluation>;
  readonly predictions?: Uint8Array;
  readonly labels?: Uint8Array;
  readonly holdout?: Uint8Array;
  readonly files?: (files: Record<string, Json>[]) => void;
}

/** The bundle with another evaluation, all its hashes made to fit, and a chain that holds the report that fits it. */
async function lie(change: Lie) {
  const { bundle, expected } = await makeRound({ evaluated: true });
  const files = new Map(bundle.files);
  for (const name of ["predictions", "labels", "holdout"] as const) {
    const bytes = change[name];
    if (bytes !== undefined) files.set(EVALUATION_FILES[name], bytes);
  }
  const [holdout, labels, predictions] = PATHS.map((path) => files.get(path)!) as [Uint8Array, Uint8Array, Uint8Array];
  const made = bundle.manifest.evaluation!;
  const root = holdout.length > 0 && holdout.length % 20 === 0 ? holdoutRoot(int16Of(holdout), 10) : made.holdoutRoot;
  const evaluation = { ...made, holdoutRoot: root, labelsHash: keccak256(labels), predictionsHash: keccak256(predictions), ...change.evaluation };
  const report = { ...bundle.report, metricsHash: metricsHash(evaluation, files.get("metrics.json")!) };
  const json = JSON.parse(new TextDecoder().decode(files.get(MANIFEST))) as { report: Record<string, Json>; files: Record<string, Json>[] };
  for (const file of json.files) {
    const bytes = files.get(String(file["path"]))!;
    file["bytes"] = bytes.length;
    if (file["path"] === EVALUATION_FILES.holdout) file["sszRoot"] = root;
    else if ("keccak256" in file) file["keccak256"] = keccak256(bytes);
  }
  change.files?.(json.files);
  const manifest = { ...json, evaluation: toJson(evaluation), report: { ...json.report, metricsHash: report.metricsHash } };
  files.set(MANIFEST, encodeJson(manifest as unknown as Json));
  const chain = { ...expected, reportHash: reportHash({ ...report, artefact: expected.artefact }) };
  return (await verifyRoundBundle(mapReader(files), chain)).checks;
}

describe("a lying evaluation, with every hash made to fit", async () => {
  const { evaluation, predictions } = evaluateModel((await makeRound()).input.model, EVALUATED);
  const { labels, holdout } = EVALUATED;
  const wrong = (record: number) => predictions.with(record, (predictions[record]! + 1) % 7);
  const hit = predictions.findIndex((prediction, i) => prediction === labels[i]);
  const miss = predictions.findIndex((prediction, i) => prediction !== labels[i]);

  test("nothing is changed: nothing is found", async () => assert.deepEqual(failures(await lie({})), []));

  test("one prediction, each of them", async () => {
    for (let record = 0; record < predictions.length; record++) {
      const checks = await lie({ predictions: wrong(record) });
      const found = checks.find(({ name }) => name === "predictions")!;
      assert.deepEqual([found.ok, found.expected, found.actual], [false, `record ${record}: ${predictions[record]}`, `record ${record}: ${wrong(record)[record]}`]);
    }
  });
  test("a prediction that turns a miss into a hit, counted in", async () => {
    assert.deepEqual(failures(await lie({ predictions: predictions.with(miss, labels[miss]!), evaluation: { correct: evaluation.correct + 1 } })), ["predictions"]);
  });
  test("the count alone", async () => {
    for (const correct of [evaluation.correct + 1, evaluation.correct - 1, 0, 2 ** 32 - 1]) {
      assert.deepEqual(failures(await lie({ evaluation: { correct } })), ["correct predictions"]);
    }
  });
  test("a label, with and without the count", async () => {
    const changed = labels.with(hit, (labels[hit]! + 1) % 7);
    assert.deepEqual(failures(await lie({ labels: changed })), ["correct predictions"]);
    assert.deepEqual(failures(await lie({ labels: changed, evaluation: { correct: evaluation.correct - 1 } })), [], "whose labels are true nobody computes");
    assert.deepEqual(failures(await lie({ labels: labels.with(miss, 7) })), ["labels are classes"]);
  });
  test("columns of another length", async () => {
    assert.deepEqual(failures(await lie({ predictions: predictions.subarray(1) })), ["a byte a record"]);
    assert.deepEqual(failures(await lie({ predictions: new Uint8Array([...predictions, 0]) })), ["a byte a record"]);
    assert(failures(await lie({ labels: new Uint8Array([...labels, 0, 0, 0]) })).includes("a byte a record"));
    assert.deepEqual(failures(await lie({ labels: labels.subarray(1) })), ["a byte a record"]);
  });
  test("columns of another hash", async () => {
    for (const name of ["labelsHash", "predictionsHash"] as const) {
      const checks = await lie({ evaluation: { [name]: ZERO_HASH } });
      assert.deepEqual(failures(checks), ["column hash"]);
      assert.equal(firstFailure(checks)?.subject, name === "labelsHash" ? "labels.bin" : "predictions.bin");
    }
  });
  test("another holdout, or another root of this one", async () => {
    const other = holdout.map((value) => -value);
    assert.deepEqual(failures(await lie({ holdout: bytesOf(other) })), ["predictions"]);
    assert.deepEqual(failures(await lie({ evaluation: { holdoutRoot: ZERO_HASH } })), ["holdout root"]);
    assert.deepEqual(failures(await lie({ holdout: bytesOf(holdout).subarray(20) })), ["listed length", "holdout length"]);
  });
  test("another head: lanes, bits, classes", async () => {
    assert(failures(await lie({ evaluation: { featureBits: 0 } })).includes("predictions"));
    assert.deepEqual(failures(await lie({ evaluation: { headLane: 1 } })), ["head within the model"]);
    assert.deepEqual(failures(await lie({ evaluation: { classes: 8 } })), ["head within the model"]);
    assert.deepEqual(failures(await lie({ evaluation: { features: 9 } })).slice(0, 2), ["listed length", "holdout length"]);
  });
  test("a shape that nobody could disprove on chain, and nothing is computed with it", async () => {
    for (const [change, said] of [
      [{ features: 0 }, "features is 0, not 1 to 4096"], [{ features: 65_535 }, "features is 65535, not 1 to 4096"], [{ classes: 0 }, "classes is 0, not 1 to 256"],
      [{ features: 4_096, classes: 256 }, "weights is 1048576, not 1 to 8192"], [{ featureBits: 255 }, "featureBits is 255, not 0 to 30"],
      [{ records: 0 }, "records is 0, not 1 to 65000"], [{ records: 2 ** 32 - 1 }, "records is 4294967295, not 1 to 65000"],
    ] as const) {
      const checks = await lie({ evaluation: change });
      assert.deepEqual(failures(checks), ["evaluation within bounds"]);
      assert.equal(firstFailure(checks)?.actual, said);
    }
  });
  test("a file list with another hash or length", async () => {
    for (const path of PATHS) {
      const key = path === EVALUATION_FILES.holdout ? "sszRoot" : "keccak256";
      const listed = (files: Record<string, Json>[]) => files.find((file) => file["path"] === path)!;
      assert.deepEqual(failures(await lie({ files: (files) => (listed(files)[key] = ZERO_HASH) })), ["file hash"], path);
      assert.deepEqual(failures(await lie({ files: (files) => (listed(files)["bytes"] = 1) })), ["listed length"], path);
    }
  });
});

describe("the manifest", () => {
  const withManifest = async (edit: (manifest: Record<string, Json>, files: Map<string, Uint8Array>) => void, options = { evaluated: true }) => {
    const { bundle, expected } = await makeRound(options);
    const files = new Map(bundle.files);
    const manifest = JSON.parse(new TextDecoder().decode(files.get(MANIFEST))) as Record<string, Json>;
    edit(manifest, files);
    return (await verifyRoundBundle(mapReader(files.set(MANIFEST, encodeJson(manifest))), expected)).checks;
  };

  test("with the evaluation left out or added: the metrics hash is another, and the files are unknown or missing", async () => {
    const without = failures(await withManifest((manifest) => (manifest["evaluation"] = null)));
    assert.deepEqual(without.toSorted(), ["metrics hash", "no unknown file", "no unknown file", "no unknown file"]);
    const { evaluation } = evaluateModel((await makeRound()).input.model, EVALUATED);
    const added = failures(await withManifest((manifest) => (manifest["evaluation"] = toJson(evaluation)), { evaluated: false }));
    assert.deepEqual(added.toSorted(), ["file is there", "file is there", "file is there", "metrics hash"]);
  });

  test("with an evaluation of another form cannot be read", async () => {
    for (const edit of [
      (evaluation: Record<string, Json>) => delete evaluation["features"],
      (evaluation: Record<string, Json>) => (evaluation["extra"] = 1),
      (evaluation: Record<string, Json>) => (evaluation["classes"] = 65_536),
      (evaluation: Record<string, Json>) => (evaluation["records"] = "23"),
      (evaluation: Record<string, Json>) => (evaluation["holdoutRoot"] = "0x"),
    ]) {
      await assert.rejects(withManifest((manifest) => void edit(manifest["evaluation"] as Record<string, Json>)), withCode("manifest-invalid", /evaluation/));
    }
    await assert.rejects(withManifest((manifest) => void delete manifest["evaluation"]), withCode("manifest-invalid", /evaluation/));
  });

  test("of a round whose model is another: the predictions are not recomputed, and that is said", async () => {
    const { bundle, expected } = await makeRound({ evaluated: true });
    const model = bundle.files.get("model.bin")!;
    const checks = (await verifyRoundBundle(mapReader(new Map(bundle.files).set("model.bin", model.with(0, model[0]! ^ 1))), expected)).checks;
    assert.match(checks.find(({ name }) => name === "predictions")!.actual, /not recomputed/);
  });
});
