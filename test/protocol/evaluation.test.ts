import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeAbiParameters, keccak256, toBytes, toHex } from "viem";
import { UintNumberType, VectorBasicType } from "@chainsafe/ssz";
import hashtree from "@chainsafe/hashtree";
import { concatBytes } from "../../protocol/bytes.ts";
import {
  EVALUATION_FIELDS, EVALUATION_LIMITS, evaluationHash, evaluationProblem, metricsHash, packEvaluation, type Evaluation, type HeadShape,
} from "../../protocol/evaluation/evaluation.ts";
import { countEqual, evaluateModel } from "../../protocol/evaluation/evaluate.ts";
import { predictAll } from "../../protocol/evaluation/head.ts";
import { holdoutRoot, holdoutShape, openRecord } from "../../protocol/evaluation/holdout.ts";
import { rootOfRange } from "../../protocol/ssz/range.ts";
import { createRandom, randomInt16, randomInt32 } from "./support/random.ts";
import { withCode } from "./support/throws.ts";

const word = (byte: string) => `0x${byte.repeat(32)}` as const;
const EVALUATION: Evaluation = {
  headLane: 1, features: 2, classes: 3, featureBits: 4, records: 5, correct: 6, holdoutRoot: word("07"), labelsHash: word("08"), predictionsHash: word("09"),
};

/** The definition, in integers of any size. */
function predictPlainly(model: Int32Array, { headLane, features, classes, featureBits }: HeadShape, holdout: Int16Array, records: number): number[] {
  return Array.from({ length: records }, (_, record) => {
    const logits = Array.from({ length: classes }, (_x, c) => {
      let logit = BigInt(model[headLane + features * classes + c]!) << BigInt(featureBits);
      for (let i = 0; i < features; i++) logit += BigInt(holdout[record * features + i]!) * BigInt(model[headLane + i * classes + c]!);
      return logit;
    });
    return logits.findIndex((logit) => logits.every((other) => other <= logit));
  });
}

describe("the integer head", () => {
  const random = createRandom(3);
  const below = (limit: number) => Math.floor(random() * limit);
  const extremes32 = [-2_147_483_648, 2_147_483_647, -65_536, -65_535, -1, 0, 1, 65_535, 65_536];
  const extremes16 = [-32_768, 32_767, -1, 0, 1];

  for (const [name, lane, value] of [
    ["any lanes", () => below(2 ** 32) - 2 ** 31, () => below(2 ** 16) - 2 ** 15],
    ["the ends of the ranges", () => extremes32[below(extremes32.length)]!, () => extremes16[below(extremes16.length)]!],
    ["small lanes, so many ties", () => below(3) - 1, () => below(3) - 1],
  ] as const) {
    test(`is the argmax of exact sums: ${name}`, () => {
      for (let i = 0; i < 300; i++) {
        const shape = { headLane: below(20), features: 1 + below(40), classes: 1 + below(9), featureBits: below(31) };
        const model = Int32Array.from({ length: shape.headLane + (shape.features + 1) * shape.classes + below(4) }, lane);
        const holdout = Int16Array.from({ length: 7 * shape.features }, value);
        assert.deepEqual([...predictAll(model, shape, holdout, 7)], predictPlainly(model, shape, holdout, 7), JSON.stringify(shape));
      }
    });
  }

  test("differences beyond 53 bits count: the largest sums that differ by one", () => {
    const features = 4_096;
    for (const sign of [1, -1]) {
      const shape = { headLane: 0, features, classes: 2, featureBits: 30 };
      const model = new Int32Array((features + 1) * 2).fill(sign * 2_147_483_647);
      const holdout = new Int16Array(features).fill(32_767);
      // Class 0 gets one unit less, in the last bit of a sum of 2^58; to a double they are equal.
      model[0]! -= 1;
      holdout[0] = 1;
      assert.deepEqual([...predictAll(model, shape, holdout, 1)], [1], `sign ${sign}`);
    }
  });

  test("refuses lanes that the model does not have, and shapes without an exact answer", () => {
    const shape = { headLane: 4, features: 3, classes: 2, featureBits: 4 };
    const predict = (change: Partial<HeadShape>, lanes = 12, values = 6) =>
      predictAll(new Int32Array(lanes), { ...shape, ...change }, new Int16Array(values), 2);
    assert.deepEqual(predict({}), Uint8Array.of(0, 0));
    assert.throws(() => predict({}, 11), withCode("out-of-range", /headLane/));
    for (const change of [
      { headLane: -1 }, { headLane: 0.5 }, { features: 0 }, { features: 2 ** 20 + 1 }, { features: NaN }, { classes: 0 }, { classes: 257 },
      { featureBits: -1 }, { featureBits: 31 }, { featureBits: 1.5 },
    ]) {
      assert.throws(() => predict(change, 2 ** 22), withCode("out-of-range", new RegExp(Object.keys(change)[0]!)), JSON.stringify(change));
    }
    assert.throws(() => predict({}, 12, 7), withCode("length-mismatch", /7 values; 2 records of 3 features have 6/));
  });
});

describe("the commitment to a holdout", () => {
  for (const [features, records, width, count] of [[1, 1, 16, 1], [16, 1, 16, 1], [17, 5, 32, 8], [34, 73, 64, 128], [40, 64, 64, 64]] as const) {
    test(`${records} records of ${features} features are ${count} of ${width} lanes`, () => {
      const holdout = randomInt16(records * features, features);
      const lanes = new Array<number>(width * count).fill(0);
      holdout.forEach((value, at) => (lanes[Math.floor(at / features) * width + (at % features)] = value & 0xffff));
      const expected = toHex(new VectorBasicType(new UintNumberType(2), width * count).hashTreeRoot(lanes));
      assert.equal(holdoutRoot(holdout, features), expected);
      assert.equal(holdoutRoot(holdout, features, hashtree.hashInto), expected);
      assert.deepEqual(holdoutShape(features, records), { rowDepth: Math.log2(width / 16), depth: Math.log2(width * count / 16) });
    });
  }

  test("every record opens to the root, with its values in front", () => {
    const [features, records] = [34, 11];
    const holdout = randomInt16(features * records, 2);
    const { rowDepth, depth } = holdoutShape(features, records);
    for (let record = 0; record < records; record++) {
      const opening = openRecord(holdout, features, record);
      assert.equal(toHex(rootOfRange(opening, depth, record << rowDepth, 1 << rowDepth)!), holdoutRoot(holdout, features));
      assert.deepEqual(new Int16Array(opening.slice(0, 2 * features).buffer), holdout.slice(record * features, (record + 1) * features));
    }
    assert.throws(() => openRecord(holdout, features, 16), withCode("out-of-range"));
  });

  test("values that are no whole records are refused", () => {
    for (const values of [0, 1, 33, 35]) {
      assert.throws(() => holdoutRoot(new Int16Array(values), 34), withCode("length-mismatch"));
      assert.throws(() => openRecord(new Int16Array(values), 34, 0), withCode("length-mismatch"));
    }
  });
});

describe("an evaluation", () => {
  test("hashes as EIP-712 says", () => {
    const type = `Evaluation(${EVALUATION_FIELDS.map(({ type, name }) => `${type} ${name}`).join(",")})`;
    assert.equal(
      type,
      "Evaluation(uint32 headLane,uint16 features,uint16 classes,uint8 featureBits,uint32 records,uint32 correct,bytes32 holdoutRoot,bytes32 labelsHash,bytes32 predictionsHash)",
    );
    const words = encodeAbiParameters(
      [{ type: "bytes32" }, ...EVALUATION_FIELDS.map(({ type }) => ({ type }))],
      [keccak256(toBytes(type)), ...EVALUATION_FIELDS.map(({ name }) => EVALUATION[name])],
    );
    assert.equal(evaluationHash(EVALUATION), keccak256(words));
    assert.throws(() => evaluationHash({ ...EVALUATION, features: 65_536 }), withCode("out-of-range"));
  });

  test("is bound with the metrics file; without one, zero stands for it", () => {
    const file = toBytes("{}");
    const bound = (first: `0x${string}`) => keccak256(concatBytes([toBytes(first), toBytes(keccak256(file))]));
    assert.equal(metricsHash(EVALUATION, file), bound(evaluationHash(EVALUATION)));
    assert.equal(metricsHash(null, file), bound(word("00")));
  });

  test("packs to 113 bytes", () => {
    const packed = packEvaluation(EVALUATION);
    assert.equal(packed.length, 113);
    assert.equal(toHex(packed), `0x0000000100020003040000000500000006${"07".repeat(32)}${"08".repeat(32)}${"09".repeat(32)}`);
    assert.throws(() => packEvaluation({ ...EVALUATION, records: 2 ** 32 }), withCode("out-of-range"));
  });

  test("has bounds, inclusive, and says which is broken", () => {
    const shape = { features: 2, classes: 3, featureBits: 4, records: 5 };
    assert.equal(evaluationProblem(shape), null);
    for (const [change, problem] of [
      [{ features: 4_096, classes: 2 }, null], [{ features: 4_097, classes: 1 }, /^features is 4097, not 1 to 4096$/], [{ features: 0 }, /^features/],
      [{ features: 1, classes: 256 }, null], [{ features: 1, classes: 257 }, /^classes/], [{ classes: 0 }, /^classes/], [{ classes: 1.5 }, /^classes/],
      [{ features: 4_096, classes: 3 }, /^weights/], [{ featureBits: 0 }, null], [{ featureBits: 30 }, null], [{ featureBits: 31 }, /^featureBits/],
      [{ records: 65_000 }, null], [{ records: 65_001 }, /^records/], [{ records: 0 }, /^records/],
    ] as const) {
      const found = evaluationProblem({ ...shape, ...change });
      if (problem === null) assert.equal(found, null, JSON.stringify(change));
      else assert.match(found ?? "", problem);
    }
    assert.equal(EVALUATION_LIMITS.weights, 8_192);
  });

  test("of a model counts what it gets right", () => {
    const input = { headLane: 3, features: 5, classes: 4, featureBits: 10, holdout: randomInt16(100, 1, 4_096), labels: Uint8Array.from({ length: 20 }, (_, i) => i % 4) };
    const model = randomInt32(30, 2);
    const { evaluation, predictions } = evaluateModel(model, input);
    const plain = predictPlainly(model, input, input.holdout, 20);
    assert.deepEqual([...predictions], plain);
    assert.deepEqual(evaluation, {
      headLane: 3, features: 5, classes: 4, featureBits: 10, records: 20, correct: plain.filter((prediction, i) => prediction === i % 4).length,
      holdoutRoot: holdoutRoot(input.holdout, 5), labelsHash: keccak256(input.labels), predictionsHash: keccak256(predictions),
    });
    assert(evaluation.correct > 0 && evaluation.correct < 20);
    assert.throws(() => evaluateModel(model, { ...input, labels: input.labels.with(7, 4) }), withCode("out-of-range", /record 7 is 4/));
    assert.throws(() => evaluateModel(model, { ...input, labels: new Uint8Array(0), holdout: new Int16Array(0) }), withCode("length-mismatch"));
    assert.throws(() => evaluateModel(model, { ...input, labels: input.labels.subarray(1) }), withCode("length-mismatch"));
  });

  test("counts equal bytes", () => {
    assert.equal(countEqual(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 0, 3)), 2);
  });
});
