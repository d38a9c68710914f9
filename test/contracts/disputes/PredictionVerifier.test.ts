import { expect } from "chai";
import { network } from "hardhat";

import { bytesOf, toHex } from "../../../protocol/bytes.ts";
import { evaluateModel, type EvaluationInput } from "../../../protocol/evaluation/evaluate.ts";
import { EVALUATION_LIMITS, type Evaluation } from "../../../protocol/evaluation/evaluation.ts";
import { predictAll } from "../../../protocol/evaluation/head.ts";
import { findPredictionFault } from "../../../protocol/faults/prediction-proof.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { type Claim, evaluatedReport, type EvaluatedReport } from "./prediction-world.ts";

const REPORT_FAULT = 1n;
const SEALED = 2;
const HEADER = 361;
const EVALUATION_AT = HEADER + 96;
const KIND_AT = EVALUATION_AT + 113;

describe("PredictionVerifier", () => {
  const open = async () => {
    const { ethers } = await network.create();
    return { ethers, verifier: await ethers.deployContract("PredictionVerifier"), harness: await ethers.deployContract("PredictionsHarness") };
  };
  let chain: Awaited<ReturnType<typeof open>>;
  before(async () => {
    chain = await open();
  });

  const random = createRandom(11);
  const below = (limit: number) => Math.floor(random() * limit);
  const int32s = (length: number) => Int32Array.from({ length }, () => below(2 ** 32) - 2 ** 31);
  const int16s = (length: number) => Int16Array.from({ length }, () => below(2 ** 16) - 2 ** 15);
  const pad = (bytes: Uint8Array, unit: number) => {
    const padded = new Uint8Array(Math.ceil(bytes.length / unit) * unit);
    padded.set(bytes);
    return toHex(padded);
  };

  /** A model with a head somewhere in it, and records to evaluate it on. */
  const made = (shape: Partial<EvaluationInput> & { records?: number } = {}): readonly [Int32Array, EvaluationInput] => {
    const { headLane = 13, features = 20, classes = 5, featureBits = 14, records = 11 } = shape;
    const labels = Uint8Array.from({ length: records }, () => below(classes));
    const model = int32s(headLane + (features + 1) * classes + 30);
    return [model, { headLane, features, classes, featureBits, holdout: int16s(records * features), labels }];
  };
  const verify = ({ context }: EvaluatedReport, proof: string) => chain.verifier.verify.staticCall(context as never, proof);
  const refused = (told: EvaluatedReport, proof: string, error: string) =>
    expect(verify(told, proof), error).to.be.revertedWithCustomError(chain.verifier, error);
  /** The proof holds, and what it opens is the report. */
  const accepted = async (told: EvaluatedReport, proof: string) => {
    const [kind, report] = await verify(told, proof);
    expect(kind).to.equal(REPORT_FAULT);
    const fields = Object.values(told.report).map((value) => (typeof value === "number" ? BigInt(value) : value));
    expect([...(report as unknown as Iterable<unknown>)]).to.deep.equal(fields);
  };
  const changed = (proof: string, at: number, bytes: string) => proof.slice(0, 2 + 2 * at) + bytes + proof.slice(2 + 2 * at + bytes.length);

  describe("the integer head", () => {
    const extremes32 = [-2_147_483_648, 2_147_483_647, -65_536, -65_535, -1, 0, 1, 65_535, 65_536];
    const extremes16 = [-32_768, 32_767, -1, 0, 1];
    for (const [name, lane, value, mostBits] of [
      ["anyLanes", () => below(2 ** 32) - 2 ** 31, () => below(2 ** 16) - 2 ** 15, 30],
      ["endsOfTheRanges", () => extremes32[below(extremes32.length)]!, () => extremes16[below(extremes16.length)]!, 30],
      ["smallLanesManyTies", () => below(3) - 1, () => below(3) - 1, 30],
      // Sums below zero, which borrow from their neighbours: one too many would break a tie.
      ["negativeFeaturesManyTies", () => below(2), () => -below(3), 1],
    ] as const) {
      it(`test_predict_${name}_sameAsTypeScript`, async () => {
        for (let batch = 0; batch < 10; batch++) {
          const cases = Array.from({ length: 50 }, () => {
            const [skip, features, classes, featureBits] = [below(8), 1 + below(50), 1 + below(12), below(mostBits + 1)];
            const model = Int32Array.from({ length: skip + (features + 1) * classes }, lane);
            const record = Int16Array.from({ length: features }, value);
            const prediction = BigInt(predictAll(model, { headLane: skip, features, classes, featureBits }, record, 1)[0]!);
            return { prediction, packed: { shape: { skip, features, classes, featureBits }, head: pad(bytesOf(model), 32), row: pad(bytesOf(record), 32) } };
          });
          expect(await chain.harness.predictAll(cases.map(({ packed }) => packed))).to.deep.equal(cases.map(({ prediction }) => prediction));
          const [{ prediction, packed }] = cases as [(typeof cases)[0]];
          expect(await chain.harness.predictInDirtyMemory(packed, `0x${"a5".repeat(32)}`)).to.deep.equal([prediction, true]);
        }
      });
    }

    it("test_predict_largestSumsThatDifferByOne_sameAsTypeScript", async () => {
      const shape = { headLane: 0, features: 4_096, classes: 2, featureBits: 30 };
      for (const sign of [1, -1]) {
        const model = new Int32Array(2 * 4_097).fill(sign * 2_147_483_647);
        const record = new Int16Array(4_096).fill(32_767);
        [model[0], record[0]] = [model[0]! - 1, 1];
        const packed = { shape: { ...shape, skip: 0 }, head: pad(bytesOf(model), 32), row: pad(bytesOf(record), 32) };
        expect(await chain.harness.predictAll([packed])).to.deep.equal([1n]);
      }
    });

    it("test_predict_wordWiderThanTheRecord_ignoresPadding", async () => {
      const model = Int32Array.of(1, 2, 0, 0);
      const row = new Int16Array(16).fill(-1);
      row[0] = 1;
      const packed = { shape: { skip: 0, features: 1, classes: 2, featureBits: 0 }, head: pad(bytesOf(model), 32), row: toHex(bytesOf(row)) };
      expect(await chain.harness.predictAll([packed])).to.deep.equal([1n]);
    });

    it("test_hits_everyLength_sameAsCounting", async () => {
      for (let length = 0; length < 100; length++) {
        const left = Uint8Array.from({ length }, () => below(256));
        const right = left.map((byte) => (below(3) === 0 ? [0, 1, 0x7f, 0x80, 0xff, byte ^ 0x80][below(6)]! : byte));
        const expected = left.reduce((sum, byte, i) => sum + (byte === right[i] ? 1 : 0), 0);
        expect(await chain.harness.hits(toHex(left), toHex(right)), `${length} bytes`).to.equal(BigInt(expected));
      }
      expect(await chain.harness.hits(`0x${"00".repeat(65)}`, `0x${"00".repeat(65)}`)).to.equal(65n);
      for (let byte = 1; byte < 256; byte++) expect(await chain.harness.hits(toHex(new Uint8Array(40).fill(byte)), `0x${"00".repeat(40)}`)).to.equal(0n);
    });
  });

  describe("honest evaluations", () => {
    it("test_verify_everyProofOfAnHonestEvaluation_reverts", async () => {
      for (const shape of [{}, { features: 1, classes: 1, records: 1, headLane: 0 }, { features: 16, records: 16 }, { features: 33, classes: 9, headLane: 8, records: 5 }]) {
        const told = evaluatedReport(...made(shape));
        expect(findPredictionFault(told.evaluation, told.data)).to.equal(null);
        for (let record = 0; record < told.evaluation.records; record++) {
          await expect(verify(told, told.proof({ kind: "prediction", record }))).to.be.revertedWithCustomError(chain.verifier, "PredictionVerifierNoFault")
            .withArgs(told.data.predictions[record]!);
        }
        await expect(verify(told, told.proof({ kind: "count" }))).to.be.revertedWithCustomError(chain.verifier, "PredictionVerifierNoFault").withArgs(told.evaluation.correct);
        await expect(verify(told, told.proof({ kind: "predictions-length" }))).to.be.revert(chain.ethers);
        const lastLane = told.evaluation.headLane + (told.evaluation.features + 1) * told.evaluation.classes - 1;
        await expect(verify(told, told.proof({ kind: "shape" }))).to.be.revertedWithCustomError(chain.verifier, "PredictionVerifierNoFault").withArgs(lastLane);
      }
    });

    it("test_verify_ties_lowestClassIsRight", async () => {
      const [, input] = made({ featureBits: 0, records: 4 });
      const told = evaluatedReport(new Int32Array(150), input);
      expect([...told.data.predictions]).to.deep.equal([0, 0, 0, 0]);
      await refused(told, told.proof({ kind: "prediction", record: 2 }), "PredictionVerifierNoFault");
      const lie = evaluatedReport(new Int32Array(150), input, { predictions: Uint8Array.of(0, 0, 1, 0) });
      await accepted(lie, lie.proof({ kind: "prediction", record: 2 }));
    });
  });

  describe("false evaluations", () => {
    /** The same round, told with another evaluation. */
    const lies = (claim: (honest: ReturnType<typeof evaluateModel>, input: EvaluationInput) => Claim, shape = {}) => {
      const [model, input] = made(shape);
      return evaluatedReport(model, input, claim(evaluateModel(model, input), input));
    };

    it("test_verify_anySingleWrongPrediction_succeeds", async () => {
      for (const shape of [{}, { features: 34, classes: 6, headLane: 0 }, { features: 1, classes: 2, records: 3, headLane: 7, featureBits: 30 }]) {
        const [model, input] = made(shape);
        const { predictions } = evaluateModel(model, input);
        for (let record = 0; record < predictions.length; record++) {
          const wrong = predictions.with(record, (predictions[record]! + 1) % input.classes);
          const told = evaluatedReport(model, input, { predictions: wrong });
          expect(findPredictionFault(told.evaluation, told.data)).to.deep.equal({ kind: "prediction", record });
          await accepted(told, told.proof({ kind: "prediction", record }));
          const other = (record + 1) % predictions.length;
          if (other !== record) await refused(told, told.proof({ kind: "prediction", record: other }), "PredictionVerifierNoFault");
        }
      }
    });

    it("test_verify_predictionThatIsNoClass_succeeds", async () => {
      const told = lies(({ predictions }) => ({ predictions: predictions.with(4, 255) }));
      await accepted(told, told.proof({ kind: "prediction", record: 4 }));
    });

    it("test_verify_wrongCount_succeeds", async () => {
      for (const change of [1, 2 ** 31]) {
        const told = lies(({ evaluation }) => ({ evaluation: { correct: evaluation.correct + change } }), { records: 70 });
        expect(findPredictionFault(told.evaluation, told.data)).to.deep.equal({ kind: "count" });
        await accepted(told, told.proof({ kind: "count" }));
        await refused(told, told.proof({ kind: "prediction", record: 0 }), "PredictionVerifierNoFault");
      }
    });

    it("test_verify_predictionsOfAnotherLength_succeeds", async () => {
      for (const cut of [0, 1, 10, 12, 40]) {
        const told = lies(({ predictions }) => ({ predictions: Uint8Array.from({ length: cut }, (_, i) => predictions[i] ?? 0) }));
        expect(findPredictionFault(told.evaluation, told.data)).to.deep.equal({ kind: "predictions-length" });
        const proof = told.proof({ kind: "predictions-length" });
        await accepted(told, proof);
        for (const wrong of [proof.slice(0, -2), `${proof}00`, proof.slice(0, -64)]) await refused(told, wrong, "PredictionVerifierBadLength");
      }
    });

    it("test_verify_labelsOfAnotherLength_succeeds", async () => {
      for (const length of [0, 10, 12, 43]) {
        const told = lies((_, { labels }) => ({ labels: Uint8Array.from({ length }, (_x, i) => labels[i] ?? 0) }));
        expect(findPredictionFault(told.evaluation, told.data)).to.deep.equal({ kind: "count" });
        await accepted(told, told.proof({ kind: "count" }));
      }
    });

    it("test_verify_modelsOfManySizes_succeeds", async () => {
      for (const headLane of [0, 1, 7, 8, 500]) {
        const told = lies(({ predictions }) => ({ predictions: predictions.with(0, 77) }), { headLane, features: 3, classes: 2, records: 1 });
        await accepted(told, told.proof({ kind: "prediction", record: 0 }));
      }
    });
  });

  describe("proofs that are not of this round", () => {
    const shape = { features: 20, classes: 5, records: 11 };
    const [model, input] = made(shape);
    const { predictions, evaluation } = evaluateModel(model, input);
    const told = evaluatedReport(model, input, { predictions: predictions.with(3, (predictions[3]! + 1) % 5), evaluation: { correct: evaluation.correct + 3 } });
    const wrong = { kind: "prediction", record: 3 } as const;
    const proof = told.proof(wrong);
    const count = told.proof({ kind: "count" });

    it("test_verify_theProofsThatFollowAreChangesOf_succeed", async () => {
      await accepted(told, proof);
      await accepted(told, count);
    });

    it("test_verify_anyChangedByte_reverts", async () => {
      for (const whole of [proof, count]) {
        const length = (whole.length - 2) / 2;
        for (let at = 0; at < length; at += at < KIND_AT + 60 ? 3 : 29) {
          const byte = (Number.parseInt(whole.slice(2 + 2 * at, 4 + 2 * at), 16) ^ 1).toString(16).padStart(2, "0");
          // A boolean of the configuration reads as such: any byte but zero is true.
          if (at === 15) continue;
          await expect(verify(told, changed(whole, at, byte)), `byte ${at}`).to.be.revert(chain.ethers);
        }
      }
    });

    it("test_verify_anotherLength_reverts", async () => {
      const openings = KIND_AT + 1 + 8 + 11;
      for (const whole of [proof, count]) {
        for (const other of ["0x", whole.slice(0, 2 + 2 * (HEADER - 1))]) await refused(told, other, "RoundHeaderTooShort");
        for (const at of [HEADER, KIND_AT - 1, KIND_AT]) await refused(told, whole.slice(0, 2 + 2 * at), "PredictionVerifierBadLength");
        for (const at of [KIND_AT + 1, KIND_AT + 4, KIND_AT + 12]) await refused(told, whole.slice(0, 2 + 2 * at), "PredictionVerifierBadLength");
      }
      await refused(told, proof.slice(0, 2 + 2 * openings), "PredictionVerifierBadLength");
      await refused(told, proof.slice(0, 2 + 2 * (openings + 32 * 5)), "PredictionVerifierBadLength");
      await expect(verify(told, `${proof}00`)).to.be.revertedWithCustomError(chain.verifier, "PredictionVerifierOtherHoldout");
      await refused(told, changed(proof, 0, proof.slice(2, -64)).slice(0, -64), "PredictionVerifierOtherHoldout");
      for (const other of [count.slice(0, -2), `${count}00`, `${count}${"00".repeat(32)}`]) await refused(told, other, "PredictionVerifierBadLength");
    });

    it("test_verify_openingLongerOrShorter_reverts", async () => {
      const [head, row] = [2 + 2 * (KIND_AT + 1 + 8 + 11), 2 * 32 * (2 + 4)];
      const middle = proof.length - row;
      await refused(told, proof.slice(0, head) + proof.slice(head + 64), "SszRangeBadLength");
      await refused(told, proof.slice(0, middle) + "00".repeat(32) + proof.slice(middle), "SszRangeBadLength");
    });

    it("test_verify_anotherRecordsOpening_reverts", async () => {
      const at = proof.length - 2 * 32 * (2 + 4);
      const other = told.proof({ kind: "prediction", record: 4 });
      await refused(told, proof.slice(0, at) + other.slice(at), "PredictionVerifierOtherHoldout");
      const [, strange] = made(shape);
      await refused(told, told.proof(wrong, {}, { holdout: strange.holdout }), "PredictionVerifierOtherHoldout");
    });

    it("test_verify_headFromOtherLanes_reverts", async () => {
      const shifted = model.slice();
      shifted.set(model.subarray(8), 0);
      await refused(told, told.proof(wrong, {}, { model: shifted }), "RoundHeaderMismatch");
      // The evaluation names the lanes, so opening others is another evaluation.
      await refused(told, told.proof(wrong, { evaluation: { ...told.evaluation, headLane: 21 } }), "PredictionVerifierOtherMetrics");
    });

    it("test_verify_headBeyondTheModel_reverts", async () => {
      const beyond = evaluatedReport(model, input, { predictions: told.data.predictions, evaluation: { correct: told.evaluation.correct, headLane: 2 ** 32 - 1 } });
      const honest = told.proof(wrong, { ...beyond.opened, evaluation: told.evaluation });
      await refused(beyond, changed(honest, EVALUATION_AT, "ffffffff"), "SszRangeBadIndex");
    });

    it("test_verify_recordBeyondTheHoldout_reverts", async () => {
      const at = KIND_AT + 1 + 4 + 11;
      for (const record of [11, 15, 2 ** 32 - 1]) {
        await expect(verify(told, changed(proof, at, record.toString(16).padStart(8, "0")))).to.be.revertedWithCustomError(chain.verifier, "PredictionVerifierNoRecord")
          .withArgs(record, 11);
      }
    });

    it("test_verify_otherColumns_reverts", async () => {
      await refused(told, told.proof(wrong, {}, { predictions }), "PredictionVerifierOtherColumn");
      await refused(told, told.proof({ kind: "predictions-length" }, {}, { predictions: new Uint8Array(3) }), "PredictionVerifierOtherColumn");
      await refused(told, told.proof({ kind: "count" }, {}, { predictions }), "PredictionVerifierOtherColumn");
      await refused(told, told.proof({ kind: "count" }, {}, { labels: input.labels.with(0, 9) }), "PredictionVerifierOtherColumn");
      await refused(told, told.proof({ kind: "count" }, {}, { labels: new Uint8Array(0) }), "PredictionVerifierOtherColumn");
    });

    it("test_verify_otherEvaluationOrMetrics_reverts", async () => {
      const changes: Partial<Evaluation>[] = [
        { headLane: 5 }, { features: 19 }, { classes: 4 }, { featureBits: 0 }, { records: 10 }, { correct: 0 }, { holdoutRoot: told.evaluation.labelsHash },
        { labelsHash: told.evaluation.predictionsHash }, { predictionsHash: told.evaluation.labelsHash },
      ];
      for (const change of changes) {
        await refused(told, told.proof({ kind: "count" }, { evaluation: { ...told.evaluation, ...change } }), "PredictionVerifierOtherMetrics");
      }
      await refused(told, told.proof(wrong, { metricsFileHash: told.evaluation.labelsHash }), "PredictionVerifierOtherMetrics");
    });

    it("test_verify_otherStatements_reverts", async () => {
      const other = `0x${"5e".repeat(32)}` as const;
      for (const change of [{ updateRootsHash: other }, { weightsHash: other }, { config: { ...told.config, settleEvery: 77 } }]) {
        await refused(told, told.proof(wrong, change), "RoundHeaderMismatch");
        await refused(told, told.proof({ kind: "count" }, change), "RoundHeaderMismatch");
      }
      await refused(told, told.proof({ kind: "count" }, { modelRoot: other }), "RoundHeaderMismatch");
      const short = evaluatedReport(model, input, { predictions: predictions.subarray(1) });
      await refused(short, short.proof({ kind: "predictions-length" }, { modelRoot: other }), "RoundHeaderMismatch");
    });

    it("test_verify_modelOfAnotherDepth_reverts", async () => {
      const config = { ...told.config, depth: told.config.depth + 1 };
      await refused(told, told.proof(wrong, { config }), "SszRangeBadLength");
    });

    it("test_verify_roundThatIsNotReported_reverts", async () => {
      const sealed = { ...told, context: { ...told.context, state: { ...(told.context as { state: object }).state, hash: told.report.sealHash, state: SEALED } } };
      for (const whole of [proof, count]) await refused(sealed, whole, "RoundHeaderWrongState");
    });

    it("test_verify_unknownKind_reverts", async () => {
      for (const kind of [3, 255]) {
        await expect(verify(told, changed(proof, KIND_AT, kind.toString(16).padStart(2, "0")))).to.be.revertedWithCustomError(chain.verifier, "PredictionVerifierBadKind")
          .withArgs(kind);
      }
    });
  });

  describe("bounds", () => {
    const { features, classes, weights, featureBits, records } = EVALUATION_LIMITS;
    const wrong = (shape: Parameters<typeof made>[0]) => {
      const [model, input] = made(shape);
      const { predictions } = evaluateModel(model, input);
      return evaluatedReport(model, input, { predictions: predictions.with(0, predictions[0]! ^ 1), evaluation: { correct: records + 1 } });
    };

    it("test_verify_largestEvaluations_succeeds", async () => {
      for (const shape of [
        { features, classes: weights / features, records: 2 }, { features: weights / classes, classes, records: 2 }, { features: 1, classes: 2, records },
        { features: 2, classes: 2, records: 1, featureBits },
      ]) {
        const told = wrong(shape);
        const [prediction, count] = [told.proof({ kind: "prediction", record: 0 }), told.proof({ kind: "count" })];
        await accepted(told, prediction);
        await accepted(told, count);
      }
    });

    it("test_verify_largestProofs_fit128KiB", async () => {
      const head = wrong({ features, classes: weights / features, headLane: 7, records: 2 }).proof({ kind: "prediction", record: 0 });
      const column = wrong({ features: 1, classes: 2, records }).proof({ kind: "count" });
      // Everything but the columns and the head is below one KiB; a transaction adds another.
      const [withColumn, twoColumns] = [head.length / 2 + records, column.length / 2];
      expect(Math.max(withColumn, twoColumns) + 300).to.be.below(128 * 1_024);
    });

    it("test_verify_evaluationOutOfBounds_reverts", async () => {
      const [model, input] = made({ records: 2 });
      for (const change of [
        { features: 0 }, { features: features + 1, classes: 1 }, { classes: 0 }, { classes: classes + 1, features: 1 }, { features: 4_096, classes: 3 },
        { features: 65_535, classes: 65_535 }, { featureBits: featureBits + 1 }, { featureBits: 255 }, { records: 0 }, { records: records + 1 }, { records: 2 ** 32 - 1 },
      ]) {
        const told = evaluatedReport(model, input, { evaluation: change });
        const expected = { ...told.evaluation, ...change };
        const args = [expected.features, expected.classes, expected.featureBits, expected.records];
        for (const fault of [{ kind: "count" }, { kind: "predictions-length" }] as const) {
          await expect(verify(told, told.proof(fault))).to.be.revertedWithCustomError(chain.verifier, "PredictionVerifierOutOfBounds").withArgs(...args);
        }
        expect(findPredictionFault(told.evaluation, told.data)).to.deep.equal({ kind: "shape" });
        await accepted(told, told.proof({ kind: "shape" }));
      }
    });

    it("test_verify_headInPadding_zerosCount", async () => {
      // 200 lanes are committed as 256: the last head that fits ends with the padding.
      const [model, input] = made({ headLane: 65, features: 14, classes: 7, records: 2 });
      expect(model.length).to.equal(200);
      const [last, beyond] = [256 - 15 * 7, 257 - 15 * 7];
      const predictions = predictAll(Int32Array.from({ length: 256 }, (_, i) => model[i] ?? 0), { ...input, headLane: last }, input.holdout, 2);
      const evaluation = { headLane: last, correct: predictions.reduce((sum, prediction, i) => sum + (prediction === input.labels[i] ? 1 : 0), 0) };
      const honest = evaluatedReport(model, input, { predictions, evaluation });
      expect(findPredictionFault(honest.evaluation, honest.data)).to.equal(null);
      for (const fault of [{ kind: "prediction", record: 1 }, { kind: "count" }, { kind: "shape" }] as const) await refused(honest, honest.proof(fault), "PredictionVerifierNoFault");
      const told = evaluatedReport(model, input, { predictions, evaluation: { ...evaluation, headLane: beyond } });
      expect(findPredictionFault(told.evaluation, told.data)).to.deep.equal({ kind: "shape" });
      const proof = told.proof({ kind: "shape" });
      await accepted(told, proof);
      for (const wrong of [proof.slice(0, -2), `${proof}00`]) await refused(told, wrong, "PredictionVerifierBadLength");
      await refused(told, told.proof({ kind: "shape" }, { modelRoot: told.report.sealHash }), "RoundHeaderMismatch");
    });
  });

  it("test_verify_gas_withinATransaction", async () => {
    for (const [features, classes, most] of [[34, 6, 110_000], [128, 10, 300_000], [784, 10, 1_450_000]] as const) {
      const [model, input] = made({ features, classes, records: 72, headLane: 0 });
      const { predictions } = evaluateModel(model, input);
      const told = evaluatedReport(model, input, { predictions: predictions.with(0, predictions[0]! ^ 1) });
      const gas = Number(await chain.verifier.verify.estimateGas(told.context as never, told.proof({ kind: "prediction", record: 0 })));
      expect(gas).to.be.below(most);
    }
  });
});
