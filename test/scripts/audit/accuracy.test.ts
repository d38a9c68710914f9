import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { encodeJson, type Json } from "../../../protocol/bundle/canonical-json.ts";
import { ROUND_FILES } from "../../../protocol/bundle/round-manifest.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import type { Evaluation } from "../../../protocol/evaluation/evaluation.ts";
import { evaluateModel } from "../../../protocol/evaluation/evaluate.ts";
import { checkAccuracy } from "../../../protocol/audit/accuracy.ts";
import { createLedgerbook } from "../../../protocol/audit/findings.ts";
import { encodeRecords, type Records } from "../../../scripts/data/index.ts";
import { createDiskStore, type ArtefactStore } from "../../../scripts/store/index.ts";
import { evaluate, evaluationInput } from "../../../scripts/trainer/index.ts";

const records: Records = {
  count: 12, featureCount: 3, classCount: 2, features: Float64Array.from({ length: 36 }, (_, i) => ((7 * i) % 11) / 11), labels: Uint8Array.from({ length: 12 }, (_, i) => i % 2),
};
const model = Int32Array.of(900, -300, 200, 500, -100, 800, 20, -40);
const { correct, total } = evaluate(model, records);
const { evaluation } = evaluateModel(model, evaluationInput(records));

describe("the audit of a round's accuracy", () => {
  let dir: string;
  let store: ArtefactStore;
  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-accuracy-"));
    store = createDiskStore(dir);
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const holdoutOf = (change: Partial<Records> = {}) => store.putFile(encodeRecords({ ...records, ...change }));
  /** What it finds: "file: message". */
  const findings = async (metrics: Json, claimed: Evaluation | null) => {
    const book = createLedgerbook();
    const bundle = await store.open(await store.putDirectory(new Map([[ROUND_FILES.metrics, encodeJson(metrics)]])));
    await checkAccuracy({ store, book }, "round 1", bundle, claimed, model);
    return { found: book.findings.map(({ subject, message }) => `${subject}: ${message.split(",")[0]}`), checked: book.checked };
  };

  it("finds nothing wrong when metrics, evaluation and the named holdout agree", async () => {
    assert(correct > 0 && correct < total);
    assert.deepEqual(await findings({ correct, total, holdout: await holdoutOf() }, evaluation), { found: [], checked: 4 });
    assert.deepEqual(await findings({ correct, total }, evaluation), { found: [], checked: 2 });
    assert.deepEqual(await findings({ note: "see the evaluation" }, evaluation), { found: [], checked: 0 });
  });

  it("names metrics that say something else than the evaluation", async () => {
    assert.deepEqual((await findings({ correct: correct + 1, total: total - 1 }, evaluation)).found, [
      `metrics.json: correct is ${correct + 1}`, `metrics.json: total is ${total - 1}`,
    ]);
  });

  it("names an evaluation on other records or labels than those of the named holdout", async () => {
    const features = records.features.slice();
    features[5] = 0.5;
    const [other] = (await findings({ holdout: await holdoutOf({ features }) }, evaluation)).found;
    assert.match(other ?? "", /^holdout\.bin: root of the named holdout is /);
    const labels = records.labels.slice();
    labels[5] = 0;
    const [relabelled] = (await findings({ holdout: await holdoutOf({ labels }) }, evaluation)).found;
    assert.match(relabelled ?? "", /^labels\.bin: labels of the named holdout is /);
  });

  it("counts by itself, on the named holdout, when the metrics are only attested", async () => {
    const holdout = await holdoutOf();
    assert.deepEqual(await findings({ correct, total, holdout }, null), { found: [], checked: 2 });
    assert.deepEqual((await findings({ correct: correct - 1, total, holdout }, null)).found, [`metrics.json: correct is ${correct - 1}`]);
    assert.deepEqual((await findings({ holdout }, null)).found, ["metrics.json: correct is NaN", "metrics.json: total is NaN"]);
  });

  it("has nothing to compare when the metrics name no holdout", async () => {
    for (const metrics of [{ correct: 1, total: 2 }, { holdout: 3 }, [], null, 5]) {
      assert.deepEqual(await findings(metrics, null), { found: [], checked: 0 });
    }
    for (const metrics of [[], null, 5, "metrics"]) {
      assert.deepEqual(await findings(metrics, evaluation), { found: [], checked: 0 });
    }
  });

  it("says so when the named holdout is not there", async () => {
    const missing = `0x${"12".repeat(32)}`;
    await assert.rejects(findings({ holdout: missing }, evaluation), (error) => error instanceof ChongwenError && error.code === "artefact-missing");
  });
});
