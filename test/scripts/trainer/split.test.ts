import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apportion } from "../../../scripts/data/apportion.ts";
import { deriveSeed, DERMATOLOGY_PATH, loadTable, Random, type Split, splitTable } from "../../../scripts/data/index.ts";
import { failure, labelled } from "./fixtures.ts";

const table = loadTable(DERMATOLOGY_PATH);

function requireComplete(split: Split, rows: number): void {
  const all = [...split.sites.flatMap((site) => site.rows), ...split.holdout.rows].sort((a, b) => a - b);
  assert.deepEqual(all, Array.from({ length: rows }, (_, row) => row), "every record in exactly one part");
  for (const part of [...split.sites, split.holdout]) assert.equal(part.records.count, part.rows.length);
  assert(split.sites.every((site) => site.rows.length > 0));
}

describe("splitTable", () => {
  it("gives every record to exactly one site or to the holdout", () => {
    for (const seed of [0, 1, 2, -5, 2 ** 40]) requireComplete(splitTable(table, { seed }), 358);
  });

  it("gives the same parts for the same seed, others for another", () => {
    assert.deepEqual(splitTable(table, { seed: 7 }), splitTable(table, { seed: 7 }));
    assert.notDeepEqual(splitTable(table, { seed: 7 }).holdout.rows, splitTable(table, { seed: 8 }).holdout.rows);
  });

  it("is said to be simulated, in its type and in every name", () => {
    const split = splitTable(table, { seed: 1 });
    assert.equal(split.simulated, true);
    assert.deepEqual(split.sites.map((site) => site.name).slice(0, 2), ["Hospital A (simulated)", "Hospital B (simulated)"]);
    assert(split.sites.every((site) => site.name.endsWith("(simulated)")));
  });

  it("makes one site small and every site specialised", () => {
    const { sites } = splitTable(table, { seed: 1 });
    const sizes = sites.map((site) => site.records.count);
    assert.deepEqual(sizes, [90, 49, 45, 38, 33, 13]);
    for (const site of sites) {
      const [first = 0, second = 0] = site.classCounts.toSorted((a, b) => b - a);
      assert((first + second) / site.records.count > 0.8, `${site.name} sees mostly two diseases`);
    }
  });

  it("stratifies the holdout", () => {
    const { holdout } = splitTable(table, { seed: 3 });
    const counts = [0, 0, 0, 0, 0, 0];
    for (const label of holdout.records.labels) counts[label]! += 1;
    assert.deepEqual(counts, [28, 15, 18, 12, 12, 5]);
  });

  it("holds for any table: two classes, many classes, single records, more or fewer sites", () => {
    const random = new Random(1, "tables");
    for (let run = 0; run < 200; run++) {
      const classCount = 2 + random.below(20);
      const labels = Array.from({ length: 40 + random.below(200) }, () => Math.min(random.below(classCount), random.below(classCount)));
      const sites = 5 + random.below(12);
      const parameters = { seed: run, sites, homeShare: random.below(11) / 10, holdoutShare: 0.05 + random.below(9) / 20 };
      const split = splitTable(labelled(labels, classCount), parameters);
      requireComplete(split, labels.length);
      const small = split.sites.at(-1)!.rows.length;
      const mean = (labels.length - split.holdout.rows.length) / sites;
      assert(small <= Math.max(2, mean), `small site has ${small} of a mean of ${mean}`);
    }
  });

  it("data-split: parameters that make no split", () => {
    for (const wrong of [{ sites: 4 }, { sites: 17 }, { sites: 5.5 }, { holdoutShare: 0 }, { holdoutShare: 0.9 }, { homeShare: 1.1 }, { homeShare: Number.NaN }]) {
      assert.equal(failure(() => splitTable(table, { seed: 1, ...wrong })).code, "data-split");
    }
    assert.equal(failure(() => splitTable(table, { seed: 0.5 })).code, "data-split");
  });
});

describe("Random", () => {
  it("is mulberry32", () => {
    // The author's C, transcribed, and its well-known first value for state 0.
    const mulberry32 = (state: number): (() => number) => {
      let a = state;
      return () => {
        a = (a + 0x6d2b79f5) >>> 0;
        let z = a;
        z = Math.imul(z ^ (z >>> 15), z | 1);
        z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
        return (z ^ (z >>> 14)) >>> 0;
      };
    };
    assert.equal(mulberry32(0)() / 2 ** 32, 0.26642920868471265);
    const [random, reference] = [new Random(1, "x", 0), mulberry32(deriveSeed(1, "x", 0))];
    for (let i = 0; i < 1000; i++) assert.equal(random.uint32(), reference());
  });

  it("stays the same, so that old splits can be repeated", () => {
    const random = new Random(1, "split", 0);
    assert.deepEqual([random.uint32(), random.uint32(), random.below(10)], [140_826_585, 1_328_343_343, 9]);
  });

  it("gives every use of a seed its own stream", () => {
    const seeds = ["split", "batches"].flatMap((purpose) => [0, 1, 2].map((index) => deriveSeed(1, purpose, index)));
    assert.equal(new Set(seeds).size, 6);
  });
});

describe("apportion", () => {
  it("sums to the total and stays within one of the exact share", () => {
    const random = new Random(2, "apportion");
    for (let run = 0; run < 500; run++) {
      const shares = Array.from({ length: 1 + random.below(8) }, () => random.below(100));
      if (shares.every((share) => share === 0)) continue;
      const total = random.below(1000);
      const parts = apportion(total, shares);
      const sum = shares.reduce((a, b) => a + b, 0);
      assert.equal(parts.reduce((a, b) => a + b, 0), total);
      parts.forEach((part, at) => assert(Math.abs(part - (total * shares[at]!) / sum) < 1));
    }
  });
});
