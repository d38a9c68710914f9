import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeRecords, DERMATOLOGY_PATH, encodeRecords, loadTable, splitTable } from "../../../scripts/data/index.ts";
import { evaluate, measureMargins, seatWeights, simulateFederation, TRAINING_DEFAULTS } from "../../../scripts/trainer/index.ts";
import { csv, failure, parse } from "./fixtures.ts";

const table = loadTable(DERMATOLOGY_PATH);

describe("the embedded federation", () => {
  const margins = measureMargins(table, [1, 2, 3, 4, 5]);

  it("beats the majority class and the best single site, over five seeds", () => {
    assert(margins.overMajority > 0.5, `over the majority class: ${margins.overMajority}`);
    assert(margins.overBestSite > 0.05, `over the best site: ${margins.overBestSite}`);
    assert(margins.worstOverBestSite > 0, `worst seed: ${margins.worstOverBestSite}`);
    assert(margins.global > 0.9);
  });

  it("clamps no update, and reports every round and site", () => {
    for (const result of margins.results) {
      assert.equal(result.saturated, 0);
      assert.equal(result.rounds.length, TRAINING_DEFAULTS.rounds);
      assert.equal(result.perSite.length, 6);
      assert.equal(result.trainingRecords + result.holdoutRecords, 358);
      assert(result.perSite.every((site) => site.alone.accuracy <= result.bestSite.alone.accuracy));
    }
  });

  it("repeats bit for bit", () => {
    assert.deepEqual(simulateFederation(table, { seed: 1 }), margins.results[0]);
  });

  it("can be recomputed by an auditor who has only the model and the holdout's bytes", () => {
    const { model, global } = margins.results[0]!;
    const bytes = encodeRecords(splitTable(table, { seed: 1 }).holdout.records);
    assert.deepEqual(evaluate(model, decodeRecords(bytes)), global);
  });

  it("runs on any table that can be read", () => {
    const result = simulateFederation(parse(csv(60, ["a", "b", "c"])), { seed: 1, rounds: 2, epochs: 2, sites: 8 });
    assert.equal(result.perSite.length, 8);
    assert.equal(result.model.length, 9);
  });

  it("training-parameter: refuses no rounds at all", () => {
    assert.equal(failure(() => simulateFederation(table, { seed: 1, rounds: 0 })).code, "training-parameter");
  });
});

describe("seatWeights", () => {
  it("are the records, until they would exceed the ledger's total", () => {
    assert.deepEqual(seatWeights([90, 49, 13]), [90, 49, 13]);
    const large = seatWeights([1_000_000, 500_001, 1]);
    assert(large.reduce((a, b) => a + b, 0) <= 65_535);
    assert.equal(large[2], 1);
    assert(Math.abs(large[0]! / large[1]! - 2) < 0.01);
  });
});
