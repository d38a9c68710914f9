import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createModelSpec, dequantise, quantiseModel, quantiseUpdate } from "../../protocol/index.ts";
import { createRandom } from "./support/random.ts";
import { withCode } from "./support/throws.ts";

const specOf = (n: number, fracBits: number) => createModelSpec([{ name: "w", shape: [n], fracBits }]);

describe("quantiseUpdate", () => {
  test("rounds half up, on both sides of zero", () => {
    const { values } = quantiseUpdate(specOf(8, 0), Float64Array.of(0.5, -0.5, 1.5, -1.5, 0.49, -0.51, 2, -2));
    assert.deepEqual([...values], [1, 0, 2, -1, 0, -1, 2, -2]);
  });

  test("scales each tensor by its own fraction bits", () => {
    const spec = createModelSpec([{ name: "a", shape: [1], fracBits: 14 }, { name: "b", shape: [2], fracBits: 3 }]);
    assert.deepEqual([...quantiseUpdate(spec, Float32Array.of(0.25, 0.25, -1)).values], [4096, 2, -8]);
  });

  test("saturates what is finite and counts it, and counts what became zero", () => {
    const update = quantiseUpdate(specOf(8, 14), Float64Array.of(2, -2, 1e308, -1e308, 32_767 / 16_384, 1e-9, 0, -1e-9));
    assert.deepEqual([...update.values], [32_767, -32_768, 32_767, -32_768, 32_767, 0, 0, 0]);
    assert.equal(update.saturated, 3);
    assert.equal(update.zeroed, 2);
  });

  test("−2 at f = 14 is exactly the lower end and is not counted as saturated", () => {
    assert.equal(quantiseUpdate(specOf(1, 14), Float64Array.of(-2)).saturated, 0);
    assert.equal(quantiseUpdate(specOf(1, 14), Float64Array.of(-2.0001)).saturated, 1);
  });

  for (const bad of [NaN, Infinity, -Infinity]) {
    test(`refuses ${bad} and names where it stands`, () => {
      const spec = createModelSpec([{ name: "a", shape: [2], fracBits: 14 }, { name: "bias", shape: [3], fracBits: 14 }]);
      assert.throws(() => quantiseUpdate(spec, Float32Array.of(0, 0, 0, bad, 0)), withCode("not-finite", new RegExp(`Element 3 \\(tensor “bias”, position 1\\) is ${bad}`)));
    });
  }

  test("refuses one element too few and too many", () => {
    assert.throws(() => quantiseUpdate(specOf(3, 14), new Float32Array(2)), withCode("length-mismatch", /2 elements; .* has 3/));
    assert.throws(() => quantiseUpdate(specOf(3, 14), new Float32Array(4)), withCode("length-mismatch"));
  });
});

test("quantiseModel saturates at int32 and dequantise inverts it within half a unit", () => {
  const random = createRandom(7);
  const floats = Float64Array.from({ length: 500 }, () => (random() - 0.5) * 100);
  const spec = specOf(500, 16);
  const { values, saturated } = quantiseModel(spec, floats);
  const back = dequantise(spec, values);
  assert.equal(saturated, 0);
  for (let i = 0; i < 500; i++) assert(Math.abs(back[i]! - floats[i]!) <= 2 ** -17);
  assert.deepEqual([...quantiseModel(specOf(2, 30), Float64Array.of(5, -5)).values], [2_147_483_647, -2_147_483_648]);
});

test("an update survives quantise → dequantise → quantise unchanged", () => {
  const spec = specOf(65_536, 14);
  const all = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
  assert.deepEqual(quantiseUpdate(spec, dequantise(spec, all)).values, all);
});
