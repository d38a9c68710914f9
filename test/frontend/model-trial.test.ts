// Trying a model: the page takes a row as training took it, and believes only files that hash to what the ledger holds.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf } from "../../protocol/bytes.ts";
import { columnHash, packUints } from "../../protocol/columns.ts";
import { evaluateModel } from "../../protocol/evaluation/evaluate.ts";
import { metricsHash } from "../../protocol/evaluation/evaluation.ts";
import { bestClass, classScores } from "../../protocol/evaluation/scores.ts";
import { modelRoot } from "../../protocol/ssz/vector.ts";
import { checkBundle, checkHoldout, checkModel, parseRow, quantiseRecord } from "../../frontend/src/pages/rounds/bundle.ts";
import { layoutLineage } from "../../frontend/src/pages/rounds/lineage-layout.ts";
import { DERMATOLOGY_PATH, loadTable } from "../../scripts/data/index.ts";
import { evaluationInput } from "../../scripts/trainer/evaluate.ts";
import { randomInt32 } from "../protocol/support/random.ts";
import { readFileSync } from "node:fs";

describe("a pasted row", () => {
  const table = loadTable(DERMATOLOGY_PATH);
  const ranges = table.columns.map(({ min, max }): readonly [number, number] => [min, max]);
  const input = evaluationInput(table.records);
  const model = randomInt32((input.features + 1) * input.classes, 5);

  it("gives the class that the protocol gives, for every row of the shipped table", () => {
    const { predictions } = evaluateModel(model, input);
    const rows = readFileSync(DERMATOLOGY_PATH, "utf8").trim().split("\n").slice(1);
    assert.equal(rows.length, predictions.length);
    for (const [i, row] of rows.entries()) {
      const parsed = parseRow(row, input.features);
      assert.ok("values" in parsed);
      const record = quantiseRecord(parsed.values, ranges, input.featureBits);
      assert.deepEqual(record, input.holdout.slice(i * input.features, (i + 1) * input.features), `row ${i}`);
      assert.equal(bestClass(classScores(model, input, record)), predictions[i]);
    }
  });

  it("is refused when it is short, long, or no numbers", () => {
    assert.deepEqual(parseRow("1,2", 3), { found: 2 });
    assert.deepEqual(parseRow("1,2,3,4,5", 3), { found: 5 });
    assert.deepEqual(parseRow("1,x,3", 3), { place: 1 });
    for (const bad of ["1e9", "Infinity", "0x10", "--1", "1."]) assert.deepEqual(parseRow(`1,${bad},3`, 3), { place: 1 }, bad);
    assert.deepEqual(parseRow(" 1; 2\t3 ", 3), { values: [1, 2, 3] });
  });

  it("is refused when the grid cannot hold it, and not cut off", () => assert.throws(() => quantiseRecord([1000], [[0, 1]], 14), { code: "out-of-range" }));
});

describe("files of a bundle", () => {
  const shape = { headLane: 0, features: 2, classes: 2, featureBits: 3 };
  const holdout = Int16Array.of(1, 2, 3, 4, 5, 6);
  const labels = Uint8Array.of(0, 1, 1);
  const model = Int32Array.of(1, -1, 2, -2, 3, -3);
  const { evaluation } = evaluateModel(model, { ...shape, holdout, labels });
  const metrics = new TextEncoder().encode("{}");
  const norms = [4n, 9n];
  const manifest = new TextEncoder().encode(JSON.stringify({ evaluation, entries: norms.map((normSq, seat) => ({ seat, normSq: String(normSq) })) }));
  const expected = { metricsHash: metricsHash(evaluation, metrics), normsHash: columnHash(packUints(norms, 8)) };

  it("are believed when they hash to what the ledger holds", () => {
    assert.deepEqual(checkBundle(manifest, metrics, expected), { evaluation, norms });
    assert.deepEqual(checkModel(bytesOf(model), modelRoot(model)), model);
    assert.deepEqual(checkHoldout(bytesOf(holdout), labels, evaluation)?.records, holdout);
  });

  it("attack: another evaluation, other norms, another model, holdout or label is noticed", () => {
    assert.equal(checkBundle(manifest, new TextEncoder().encode("{ }"), expected), undefined);
    assert.equal(checkBundle(manifest, metrics, { ...expected, normsHash: columnHash(packUints([4n, 8n], 8)) })?.norms, undefined);
    const lied = new TextEncoder().encode(JSON.stringify({ evaluation: { ...evaluation, correct: 3 }, entries: [] }));
    assert.equal(checkBundle(lied, metrics, { ...expected, metricsHash: metricsHash({ ...evaluation, correct: evaluation.correct - 1 }, metrics) }), undefined);
    assert.equal(checkModel(bytesOf(Int32Array.of(1, -1, 2, -2, 3, -4)), modelRoot(model)), undefined);
    assert.equal(checkModel(bytesOf(model).slice(1), modelRoot(model)), undefined);
    assert.equal(checkHoldout(bytesOf(Int16Array.of(1, 2, 3, 4, 5, 7)), labels, evaluation), undefined);
    assert.equal(checkHoldout(bytesOf(holdout), Uint8Array.of(0, 1, 0), evaluation), undefined);
    assert.equal(checkHoldout(bytesOf(holdout), Uint8Array.of(0, 1), evaluation), undefined);
  });

  it("attack: a manifest that is no manifest is no error", () => {
    for (const text of ["", "null", "[]", '{"evaluation":{},"entries":[]}', '{"evaluation":null}']) assert.equal(checkBundle(new TextEncoder().encode(text), metrics, expected), undefined);
  });
});

describe("the drawing of a lineage", () => {
  it("places every round right of its parent, and branches apart", () => {
    const { nodes, lines, width, height } = layoutLineage([{ round: 0, parent: undefined }, { round: 1, parent: 0 }, { round: 2, parent: 1 }, { round: 3, parent: 1 }]);
    const at = new Map(nodes.map((node) => [node.round, node]));
    assert.ok(at.get(1)!.x > at.get(0)!.x && at.get(3)!.x > at.get(1)!.x && at.get(2)!.y !== at.get(3)!.y);
    assert.equal(lines.length, 3);
    assert.ok(width > 0 && height > 0);
  });

  it("draws what it knows when a parent is not shown", () => assert.equal(layoutLineage([{ round: 7, parent: 6 }]).lines.length, 0));
});
