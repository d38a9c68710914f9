import assert from "node:assert/strict";
import { test } from "node:test";
import { splitTable } from "../../../scripts/data/split.ts";
import { divideHoldout, HOLDOUT_SHARE } from "../../../scripts/federation/quality.ts";

const labels = Uint8Array.from({ length: 400 }, (_, i) => i % 4);
const table = { records: { count: 400, featureCount: 1, classCount: 4, features: Float64Array.from({ length: 400 }, (_, i) => i / 400), labels } };

test("what judges settlements never evaluates reports, and no record judges twice", () => {
  const split = splitTable(table, { seed: 1, holdoutShare: HOLDOUT_SHARE });
  const { evaluation, judges } = divideHoldout(split, 4);
  const of = ({ features }: { readonly features: Float64Array }) => [...features];
  const all = [...of(evaluation.records), ...judges.flatMap(of)];
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(all.toSorted((a, b) => a - b), of(split.holdout.records).toSorted((a, b) => a - b));
  assert.deepEqual(judges.map(({ count }) => count), [15, 15, 15, 15]);
  for (const judge of judges) assert.equal(new Set(judge.labels).size, 4, "every class is judged in every window");
  assert.deepEqual(evaluation.rows.map((row) => (table.records.features[row] ?? -1)), of(evaluation.records));
});

test("without windows all of it evaluates", () => {
  const split = splitTable(table, { seed: 1 });
  assert.deepEqual(divideHoldout(split, 0), { evaluation: split.holdout, judges: [] });
});
