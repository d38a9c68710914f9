import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { predictAll } from "../../protocol/evaluation/head.ts";
import { bestClass, classScores } from "../../protocol/evaluation/scores.ts";
import { createRandom } from "./support/random.ts";

describe("class scores", () => {
  it("are bias and weights, in whole numbers", () => {
    const model = Int32Array.of(99, 1, 2, 3, 4, 5, 6);
    const shape = { headLane: 1, features: 2, classes: 2, featureBits: 3 };
    assert.deepEqual(classScores(model, shape, Int16Array.of(10, -1)), [10n * 1n - 3n + 5n * 8n, 10n * 2n - 4n + 6n * 8n]);
  });

  it("property: the best is the class that the integer head predicts, at the ends of the number range too", () => {
    const random = createRandom(11);
    const lane = (): number => (random() < 0.2 ? (random() < 0.5 ? -(2 ** 31) : 2 ** 31 - 1) : Math.floor((random() - 0.5) * 2 ** (1 + 31 * random())));
    for (let i = 0; i < 2_000; i++) {
      const [features, classes, featureBits] = [1 + Math.floor(random() * 6), 1 + Math.floor(random() * 5), Math.floor(random() * 31)];
      const shape = { headLane: Math.floor(random() * 3), features, classes, featureBits };
      const model = Int32Array.from({ length: shape.headLane + (features + 1) * classes }, lane);
      const record = Int16Array.from({ length: features }, () => Math.floor((random() - 0.5) * 65_535));
      assert.equal(bestClass(classScores(model, shape, record)), predictAll(model, shape, record, 1)[0]);
    }
  });

  it("property: of equal scores the lowest class wins", () => assert.equal(bestClass([3n, 7n, 7n]), 1));

  it("refuses a record of another length, and a head that is not there", () => {
    const shape = { headLane: 0, features: 2, classes: 2, featureBits: 0 };
    assert.throws(() => classScores(new Int32Array(6), shape, new Int16Array(3)), { code: "length-mismatch" });
    assert.throws(() => classScores(new Int32Array(5), shape, new Int16Array(2)), { code: "out-of-range" });
  });
});
