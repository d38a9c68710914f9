// Krippendorff's alpha: the source's own examples, properties, and hostile input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { krippendorffAlpha, peerPairs, ppm, rational, SPECIAL } from "../../../protocol/annotation/index.ts";
import { createRandom } from "../support/random.ts";

function integers(seed: number): { int(bound: number): number } {
  const random = createRandom(seed);
  return { int: (bound) => Math.floor(random() * bound) };
}

/** Readers' rows, "." for a missing reading, as the source prints them. */
function unitsOf(...rows: readonly string[]): number[][] {
  const readers = rows.map((row) => row.split(" "));
  return (readers[0] ?? []).map((_, unit) => readers.map((reader) => reader[unit] ?? ".").filter((value) => value !== ".").map(classOf));
}
/** Letters and digits as classes from 1. */
const classOf = (value: string): number => Number.parseInt(value, 36) + 1;

const thousandths = (pictures: readonly (readonly number[])[]): number => {
  const { alpha } = krippendorffAlpha(pictures);
  assert.ok(alpha !== null);
  return Math.round(ppm(alpha) / 1000);
};

describe("Krippendorff's alpha", () => {
  it("is that of the source, two readers, binary (2011, section A)", () => {
    assert.equal(thousandths(unitsOf("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")), 95);
  });
  it("is that of the source, two readers, five classes (section B)", () => {
    assert.equal(thousandths(unitsOf("a a b b d c c c e d d a", "b a b b b c c c e d d d")), 692);
  });
  it("is that of the source, four readers, readings missing (section C)", () => {
    const units = unitsOf("1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 .");
    assert.equal(thousandths(units), 743);
    assert.deepEqual([krippendorffAlpha(units).units, krippendorffAlpha(units).values], [11, 40]);
  });
  it("is an exact fraction: 1 − 19·8 ∕ 168 in the first example", () => {
    assert.deepEqual(krippendorffAlpha(unitsOf("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")).alpha, rational(168n - 19n * 8n, 168n));
  });
  it("is 1 when all agree, and nothing can be said of one class or of single readings", () => {
    assert.equal(thousandths([[1, 1], [2, 2], [1, 1, 1]]), 1000);
    assert.equal(krippendorffAlpha([[1, 1], [1, 1]]).alpha, null);
    assert.equal(krippendorffAlpha([[1], [2]]).alpha, null);
    assert.equal(krippendorffAlpha([]).alpha, null);
  });
  it("takes uncertain, ungradable and withdrawn as missing", () => {
    const plain = [[1, 2], [2, 2], [1, 1, 2]];
    const noisy = plain.map((unit) => [...unit, SPECIAL.uncertain, SPECIAL.ungradable, SPECIAL.withdrawn, SPECIAL.identifiable]);
    assert.deepEqual(krippendorffAlpha(noisy), krippendorffAlpha(plain));
  });
  it("does not depend on the order of pictures, of readers, or on the names of classes", () => {
    const random = integers(7);
    for (let game = 0; game < 50; game++) {
      const units = Array.from({ length: 20 }, () => Array.from({ length: 1 + random.int(5) }, () => 1 + random.int(4)));
      const shuffled = units.toReversed().map((unit) => unit.toReversed().map((value) => 5 - value));
      assert.deepEqual(krippendorffAlpha(shuffled).alpha, krippendorffAlpha(units).alpha);
    }
  });
  it("is near 0 for readers who guess", () => {
    const random = integers(11);
    const guesses = Array.from({ length: 4000 }, () => [1 + random.int(3), 1 + random.int(3)]);
    assert.ok(Math.abs(thousandths(guesses)) < 50);
  });
  it("stays exact for a thousand readers of one picture", () => {
    const { alpha, pairs } = krippendorffAlpha([Array.from({ length: 1000 }, (_, i) => 1 + (i % 2)), [1, 2, 1]]);
    assert.ok(alpha !== null && alpha.denominator > 0n);
    assert.equal(pairs, 499_500 + 3);
  });
});

describe("agreement with peers", () => {
  it("counts pairs with others' classes only", () => {
    const others = new Map([[1, [1, 2, 1]], [2, [SPECIAL.uncertain]], [3, [3]]]);
    assert.deepEqual(peerPairs(new Map([[1, 1], [2, 2], [3, SPECIAL.ungradable], [4, 1]]), others), { agreeing: 2, pairs: 3 });
  });
});

describe("parts per million", () => {
  it("are rounded to the nearest, halves up, below zero too", () => {
    assert.deepEqual([ppm(rational(1n, 3n)), ppm(rational(-1n, 3n)), ppm(rational(1n, 2_000_000n)), ppm(rational(-1n, 2_000_000n)), ppm(rational(-3n, 2_000_000n))], [333_333, -333_333, 1, 0, -1]);
  });
});
