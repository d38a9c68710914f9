import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { DERMATOLOGY_PATH, loadTable, Random, type Records, splitTable } from "../../../scripts/data/index.ts";
import {
  evaluate, evaluateConstant, FEATURE_BITS, initialModel, localUpdate, publishedEvaluation, quantiseFeatures, softmaxSpec, trainLocal, TRAINING_ERROR_CODES,
} from "../../../scripts/trainer/index.ts";
import { evaluateModel } from "../../../protocol/evaluation/evaluate.ts";
import { failure } from "./fixtures.ts";

const table = loadTable(DERMATOLOGY_PATH);
const { sites, holdout } = splitTable(table, { seed: 1 });
const site = sites[0]!.records;
const spec = softmaxSpec(34, 6);
const hash = (values: Float32Array | Int16Array): string => createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");

/** The same training in float64, written out. Full batches only. */
function reference(records: Records, epochs: number, learningRate: number): Float64Array {
  const { count, featureCount, classCount, features, labels } = records;
  const model = new Float64Array((featureCount + 1) * classCount);
  const input = (record: number, i: number): number => (i === featureCount ? 1 : features[record * featureCount + i]!);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const gradient = new Float64Array(model.length);
    for (let record = 0; record < count; record++) {
      const logits = Array.from({ length: classCount }, (_, c) => {
        let sum = 0;
        for (let i = 0; i <= featureCount; i++) sum += input(record, i) * model[i * classCount + c]!;
        return sum;
      });
      const most = Math.max(...logits);
      const powers = logits.map((logit) => Math.exp(logit - most));
      const total = powers.reduce((a, b) => a + b, 0);
      for (let c = 0; c < classCount; c++) {
        const error = powers[c]! / total - (labels[record] === c ? 1 : 0);
        for (let i = 0; i <= featureCount; i++) gradient[i * classCount + c]! += error * input(record, i);
      }
    }
    gradient.forEach((value, lane) => (model[lane]! -= (learningRate * value) / count));
  }
  return model;
}

describe("trainLocal", () => {
  const start = { model: initialModel(spec), records: site, epochs: 15, learningRate: 1, seed: 1 };

  it("gives the same bits each time, and leaves its input alone", () => {
    const first = trainLocal(start);
    trainLocal({ ...start, records: sites[1]!.records });
    assert.equal(hash(trainLocal(start)), hash(first));
    assert(start.model.every((value) => value === 0));
  });

  it("is gradient descent on the mean cross-entropy", () => {
    const expected = reference(site, 40, 1);
    trainLocal({ ...start, epochs: 40 }).forEach((value, lane) => assert(Math.abs(value - expected[lane]!) < 1e-4));
  });

  it("uses every record once an epoch when there are several batches, in an order that the seed decides", () => {
    const all = loadTable(DERMATOLOGY_PATH).records;
    const train = (seed: number, epochs: number): Float32Array => trainLocal({ ...start, records: all, seed, epochs, learningRate: 0.01 });
    assert.equal(hash(train(1, 2)), hash(train(1, 2)));
    assert.notEqual(hash(train(1, 2)), hash(train(2, 2)));
    // With steps this small the order hardly matters: an epoch of 358 records in batches of 96, 96, 96 and 70 is four steps of about 0.01.
    const expected = reference(all, 4, 0.01);
    train(3, 1).forEach((value, lane) => assert(Math.abs(value - expected[lane]!) < 1e-3));
  });

  it("gives back every tensor: 2000 steps leave no memory behind", () => {
    const external = (runs: number): number => {
      for (let run = 0; run < runs; run++) trainLocal({ ...start, epochs: 50 });
      return process.memoryUsage().external;
    };
    const before = external(5);
    // A batch that is not given back is 13 kB, so 2000 would be 27 MB.
    assert(external(40) - before < 16e6);
  });

  const wrong: readonly [code: string, change: Partial<typeof start>][] = [
    ["training-shape", { model: new Float32Array(209) }],
    ["training-parameter", { epochs: 0 }],
    ["training-parameter", { epochs: 1.5 }],
    ["training-parameter", { learningRate: 0 }],
    ["training-parameter", { learningRate: Number.NaN }],
    ["training-parameter", { seed: 0.5 }],
    ["training-parameter", { model: new Float32Array(210).fill(Number.NaN) }],
    ["training-diverged", { model: new Float32Array(210).fill(3e38), learningRate: 100 }],
    ["training-empty", { records: { count: 0, featureCount: 34, classCount: 6, features: new Float64Array(0), labels: new Uint8Array(0) } }],
  ];
  for (const [code, change] of wrong) {
    it(`${code}: refuses ${Object.keys(change).join()}`, () => {
      assert.equal(failure(() => trainLocal({ ...start, ...change })).code, code);
    });
  }
  it("has a test for every code", () => {
    assert.deepEqual(TRAINING_ERROR_CODES.filter((code) => !wrong.some(([tested]) => tested === code)), []);
  });
});

describe("localUpdate", () => {
  it("is the difference, on the ledger's grid", () => {
    const base = Int32Array.from({ length: 210 }, (_, lane) => (lane % 7) * 1000 - 3000);
    const local = { records: site, epochs: 5, learningRate: 1, seed: 1 };
    const trained = trainLocal({ ...local, model: Float32Array.from(base, (value) => value / 2 ** 14) });
    const { values, saturated } = localUpdate({ ...local, spec, base });
    assert.equal(saturated, 0);
    values.forEach((q, lane) => assert.equal(q, Math.floor((trained[lane]! - base[lane]! / 2 ** 14) * 2 ** 14 + 0.5)));
  });

  it("takes any trainer", () => {
    const { values } = localUpdate({ spec, base: new Int32Array(210), records: site, epochs: 1, learningRate: 1, seed: 1, train: ({ model }) => model.map((value) => value + 0.5) });
    assert(values.every((q) => q === 8192));
  });
});

describe("evaluate", () => {
  it("counts in integers, the same each time", () => {
    const model = Int32Array.from(trainLocal({ model: initialModel(spec), records: site, epochs: 50, learningRate: 1, seed: 1 }), (value) => Math.round(value * 2 ** 14));
    const first = evaluate(model, holdout.records);
    assert.deepEqual(evaluate(model, holdout.records), first);
    assert.equal(first.total, 90);
    assert.equal(first.confusion.flat().reduce((a, b) => a + b, 0), 90);
    assert.equal(first.confusion.reduce((sum, row, label) => sum + row[label]!, 0), first.correct);
    assert.equal(first.accuracy, first.correct / 90);
  });

  it("is the argmax of the documented sum, the first of equals", () => {
    const random = new Random(4, "evaluate");
    for (let run = 0; run < 50; run++) {
      const [count, featureCount, classCount] = [20, 1 + random.below(4), 2 + random.below(3)] as const;
      const model = Int32Array.from({ length: (featureCount + 1) * classCount }, () => random.below(5) - 2);
      const features = Float64Array.from({ length: count * featureCount }, () => random.below(3) / 2);
      const labels = Uint8Array.from({ length: count }, () => random.below(classCount));
      let correct = 0;
      labels.forEach((label, record) => {
        let [best, most] = [0, Number.NEGATIVE_INFINITY];
        for (let c = 0; c < classCount; c++) {
          let sum = model[featureCount * classCount + c]!;
          for (let i = 0; i < featureCount; i++) sum += model[i * classCount + c]! * features[record * featureCount + i]!;
          if (sum > most) [best, most] = [c, sum];
        }
        if (best === label) correct++;
      });
      assert.equal(evaluate(model, { count, featureCount, classCount, features, labels }).correct, correct);
    }
  });

  it("is the evaluation that a report publishes", () => {
    const model = Int32Array.from(trainLocal({ model: initialModel(spec), records: site, epochs: 20, learningRate: 1, seed: 2 }), (value) => Math.round(value * 2 ** 14));
    const { evaluation } = evaluateModel(model, publishedEvaluation(holdout.records)!);
    const { correct, total } = evaluate(model, holdout.records);
    assert.deepEqual([evaluation.correct, evaluation.records], [correct, total]);
    assert.deepEqual([evaluation.headLane, evaluation.features, evaluation.classes, evaluation.featureBits], [0, 34, 6, FEATURE_BITS]);
  });

  it("publishes nothing that cannot be disproven on chain", () => {
    const wide: Records = { count: 1, featureCount: 4_097, classCount: 2, features: new Float64Array(4_097), labels: new Uint8Array(1) };
    assert.equal(publishedEvaluation(wide), null);
    const many: Records = { count: 65_001, featureCount: 1, classCount: 2, features: new Float64Array(65_001), labels: new Uint8Array(65_001) };
    assert.equal(publishedEvaluation(many), null);
    assert.equal(evaluate(new Int32Array(4), many).total, 65_001);
  });

  it("quantises features with room to spare, rounding half up", () => {
    assert(quantiseFeatures(table.records).every((lane) => lane >= 0 && lane <= 2 ** FEATURE_BITS));
    const records: Records = { count: 2, featureCount: 3, classCount: 2, features: Float64Array.of(0, 1, 1 / 3, -2, 2 - 2 ** -14, 0.5 + 2 ** -15), labels: new Uint8Array(2) };
    assert.deepEqual([...quantiseFeatures(records)], [0, 16_384, 5_461, -32_768, 32_767, 8_193]);
    assert.deepEqual([...quantiseFeatures(records, 0)], [0, 1, 0, -2, 2, 1]);
  });

  it("out-of-range: refuses a feature that does not fit instead of cutting it off", () => {
    for (const value of [2, -2.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const records: Records = { count: 2, featureCount: 2, classCount: 2, features: Float64Array.of(0, 0, 0, value), labels: new Uint8Array(2) };
      const error = failure(() => quantiseFeatures(records));
      assert.deepEqual([error.code, error.message.startsWith("Feature 1 of record 1 is ")], ["out-of-range", true]);
    }
  });

  it("averages recall over the classes that occur", () => {
    const records: Records = { count: 4, featureCount: 1, classCount: 3, features: new Float64Array(4), labels: Uint8Array.of(0, 0, 0, 1) };
    const { confusion, correct, accuracy, macroRecall } = evaluateConstant(0, records);
    assert.deepEqual(confusion, [[3, 0, 0], [1, 0, 0], [0, 0, 0]]);
    assert.deepEqual([correct, accuracy, macroRecall], [3, 0.75, 0.5]);
  });

  it("training-shape and training-empty: refuses what does not fit", () => {
    assert.equal(failure(() => evaluate(new Int32Array(209), site)).code, "training-shape");
    assert.equal(failure(() => evaluate(new Int32Array(210), { ...site, count: 0 })).code, "training-empty");
  });
});
