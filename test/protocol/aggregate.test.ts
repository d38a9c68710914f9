import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sortingNetwork, sortRows } from "../../protocol/aggregate/sort-rows.ts";
import { clipToNorm } from "../../protocol/aggregate/norm-clip.ts";
import { aggregate, createAggregator, integerSquareRoot, normSqOf, roundHalfUp, RULES } from "../../protocol/index.ts";
import { createRandom, randomInt16, randomInt32 } from "./support/random.ts";
import { referenceAggregate } from "./support/reference.ts";
import { withCode } from "./support/throws.ts";

describe("arithmetic", () => {
  test("roundHalfUp is floor((2a + b) / (2b)) for negative and positive a", () => {
    assert.deepEqual([-3, -2, -1, 0, 1, 2, 3].map((a) => roundHalfUp(a, 2)), [-1, -1, 0, 0, 1, 1, 2]);
    assert.equal(roundHalfUp(-2_147_450_880, 65_535), -32_768);
    assert.equal(roundHalfUp(2_147_418_112, 65_535), 32_767);
  });

  test("integerSquareRoot is exact around every kind of boundary", () => {
    for (const root of [0n, 1n, 2n, 3n, 255n, 65_535n, 2n ** 26n + 1n, 2n ** 30n - 1n, 2n ** 31n]) {
      assert.equal(integerSquareRoot(root * root), root);
      if (root > 0n) assert.equal(integerSquareRoot(root * root - 1n), root - 1n);
      assert.equal(integerSquareRoot(root * root + 2n * root), root);
    }
  });

  test("the sorting network sorts every 0/1 column up to n = 10, hence everything (0–1 principle)", () => {
    for (let n = 1; n <= 10; n++) {
      const width = 2 ** n;
      const block = new Int16Array(n * width);
      for (let x = 0; x < width; x++) for (let row = 0; row < n; row++) block[row * width + x] = (x >> row) & 1;
      sortRows(block, width, sortingNetwork(n));
      for (let x = 0; x < width; x++) for (let row = 1; row < n; row++) assert(block[(row - 1) * width + x]! <= block[row * width + x]!);
    }
  });

  test("the sorting network sorts random columns of 255 and 256 rows", () => {
    for (const n of [255, 256]) {
      const block = randomInt16(n * 4, n);
      const columns = [0, 1, 2, 3].map((x) => Int16Array.from({ length: n }, (_, row) => block[row * 4 + x]!).sort());
      sortRows(block, 4, sortingNetwork(n));
      columns.forEach((column, x) => assert.deepEqual(Int16Array.from({ length: n }, (_, row) => block[row * 4 + x]!), column));
    }
  });
});

describe("aggregate equals the reference", () => {
  const rules: [string, number, bigint][] = [
    ["fedavg", RULES.fedavg, 0n], ["norm-clip", RULES.normClip, 400_000n], ["norm-clip to nothing", RULES.normClip, 1n],
    ["norm-clip that clips none", RULES.normClip, 2n ** 64n - 1n], ["trimmed mean", RULES.trimmedMean, 2n], ["median", RULES.median, 0n],
  ];
  for (const [name, ruleId, ruleParam] of rules) {
    test(name, () => {
      const random = createRandom(ruleId);
      for (const [n, lanes] of [[5, 1], [6, 17], [9, 1025], [16, 2050]] as const) {
        const updates = Array.from({ length: n }, (_, i) => randomInt16(lanes, 31 * n + i, i % 3 === 0 ? 65_536 : 2_000));
        const weights = updates.map((_, i) => (i === 2 && n > 5 ? 0 : 1 + Math.floor(random() * 4_000)));
        const base = randomInt32(lanes, n);
        assert.deepEqual([...aggregate(ruleId, ruleParam, base, updates, weights)], referenceAggregate(ruleId, ruleParam, base, updates, weights));
        assert.deepEqual([...aggregate(ruleId, ruleParam, null, updates, weights)], referenceAggregate(ruleId, ruleParam, null, updates, weights));
      }
    });
  }

  test("at the extremes: all lanes at either end, total weight 65535, base at either end", () => {
    for (const q of [-32_768, 32_767]) {
      for (const m of [-2_147_483_648, 2_147_483_647]) {
        for (const [ruleId, ruleParam] of [[1, 0n], [3, 1n], [4, 0n]] as const) {
          const updates = [1, 2, 3].map(() => Int16Array.of(q));
          const weights = [21_845, 21_845, 21_845];
          assert.deepEqual([...aggregate(ruleId, ruleParam, Int32Array.of(m), updates, weights)], referenceAggregate(ruleId, ruleParam, Int32Array.of(m), updates, weights));
        }
      }
    }
  });
});

test("entries of weight 0 change nothing, and the order of entries does not matter", () => {
  const updates = [1, 2, 3, 4, 5, 6].map((seed) => randomInt16(200, seed));
  for (const [ruleId, ruleParam] of [[1, 0n], [2, 100_000n], [3, 1n], [4, 0n]] as const) {
    const kept = aggregate(ruleId, ruleParam, null, updates.slice(0, 5), [5, 4, 3, 2, 1]);
    assert.deepEqual(aggregate(ruleId, ruleParam, null, updates, [5, 4, 3, 2, 1, 0]), kept);
    assert.deepEqual(aggregate(ruleId, ruleParam, null, updates.toReversed(), [0, 1, 2, 3, 4, 5]), kept);
  }
});

test("clipToNorm leaves what is within the bound and scales what is above it, to within rounding", () => {
  const update = randomInt16(1_000, 3);
  const root = integerSquareRoot(normSqOf(update));
  assert.equal(clipToNorm(update, root + 1n), update);
  const clipped = clipToNorm(update, root / 2n);
  const ratio = Number(integerSquareRoot(normSqOf(clipped))) / Number(root / 2n);
  assert(ratio > 0.99 && ratio < 1.01, `clipped to ${ratio} of the bound`);
  // Exactly at the bound is not above it.
  assert.deepEqual([...clipToNorm(Int16Array.of(3, 4), 5n)], [3, 4]);
  assert.deepEqual([...clipToNorm(Int16Array.of(3, 4), 4n)], [2, 2]);
});

describe("bad input", () => {
  const update = Int16Array.of(1, 2, 3);
  test("unknown rules", () => {
    for (const ruleId of [0, 5, 65_535]) assert.throws(() => createAggregator(ruleId, 0n, 3), withCode("rule-unknown", new RegExp(`rule ${ruleId} `)));
  });
  test("parameters out of range", () => {
    assert.throws(() => createAggregator(1, 1n, 3), withCode("out-of-range"));
    assert.throws(() => createAggregator(4, 1n, 3), withCode("out-of-range"));
    assert.throws(() => createAggregator(3, 128n, 3), withCode("out-of-range"));
    assert.throws(() => createAggregator(2, -1n, 3), withCode("out-of-range"));
  });
  for (const [ruleId, ruleParam] of [[1, 0n], [2, 9n], [3, 1n], [4, 0n]] as const) {
    test(`rule ${ruleId}: wrong lengths, wrong weights, nothing to aggregate`, () => {
      const fresh = () => createAggregator(ruleId, ruleParam, 3);
      assert.throws(() => fresh().add(new Int16Array(2), 1), withCode("length-mismatch", /2 lanes instead of 3/));
      for (const weight of [-1, 0.5, 65_536, NaN]) assert.throws(() => fresh().add(update, weight), withCode("weights-invalid"));
      assert.throws(() => fresh().finish(null), withCode("weights-invalid", /nothing to aggregate/));
      const zero = fresh();
      zero.add(update, 0);
      assert.throws(() => zero.finish(null), withCode("weights-invalid"));
      const filled = fresh();
      for (let i = 0; i < 3; i++) filled.add(update, 1);
      assert.throws(() => filled.finish(new Int32Array(4)), withCode("length-mismatch"));
    });
  }
  test("weights that sum above 65535", () => {
    assert.throws(() => aggregate(1, 0n, null, [update, update], [65_535, 1]), withCode("weights-invalid", /sum to 65536/));
  });
  test("as many weights as updates", () => {
    assert.throws(() => aggregate(1, 0n, null, [update], [1, 1]), withCode("weights-invalid", /1 updates but 2 weights/));
  });
  test("a trimmed mean needs more than 2t updates", () => {
    assert.throws(() => aggregate(3, 1n, null, [update, update], [1, 1]), withCode("too-few-updates"));
    assert.throws(() => aggregate(3, 1n, null, [update, update, update], [1, 1, 0]), withCode("too-few-updates"));
    assert.deepEqual([...aggregate(3, 1n, null, [update, update, update], [1, 1, 1])], [1, 2, 3]);
  });
});
