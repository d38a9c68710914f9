/** What `contracts/disputes/PredictionVerifier.sol` takes. Specified in docs/protocol.md, "Fault proofs". */
import type { Hex } from "viem";
import { bytesOf, concatBytes, fromHex } from "../bytes.ts";
import { type Evaluation, evaluationProblem, packEvaluation } from "../evaluation/evaluation.ts";
import { countEqual } from "../evaluation/evaluate.ts";
import { predictAll } from "../evaluation/head.ts";
import { openRecord } from "../evaluation/holdout.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { openRange } from "../ssz/range.ts";
import { MODEL_LANES, vectorShape } from "../ssz/vector.ts";
import { encodeRoundHeader, packUint, type RoundStatements } from "./header.ts";

/** What the report opens. @param metricsFileHash Keccak-256 of `metrics.json`. */
export interface EvaluatedRound extends RoundStatements {
  readonly updateRootsHash: Hex;
  readonly weightsHash: Hex;
  readonly modelRoot: Hex;
  readonly metricsFileHash: Hex;
  readonly evaluation: Evaluation;
}

/** What was evaluated, as the bundle has it. @param model N int32 lanes. @param holdout Record after record. */
export interface EvaluatedData {
  readonly model: Int32Array;
  readonly holdout: Int16Array;
  readonly labels: Uint8Array;
  readonly predictions: Uint8Array;
}

/**
 * What is wrong: the prediction of one record; the count; the shape (out of bounds, or a head beyond the model's lanes). A column of another length is
 * shown by the proof that reads it.
 */
export type PredictionFault =
  | { readonly kind: "prediction"; readonly record: number }
  | { readonly kind: "predictions-length" }
  | { readonly kind: "count" }
  | { readonly kind: "shape" };

/**
 * The first thing that is wrong with an evaluation, or null. Assumes what `verifyRoundBundle` checked: each file is the one that the evaluation commits to.
 * @throws length-mismatch when the holdout is not
 */
export function findPredictionFault(evaluation: Evaluation, { model, holdout, labels, predictions }: EvaluatedData): PredictionFault | null {
  const { padded } = vectorShape(model.length);
  if (evaluationProblem(evaluation) !== null || evaluation.headLane + headLanes(evaluation) > padded) return { kind: "shape" };
  if (predictions.length !== evaluation.records) return { kind: "predictions-length" };
  if (labels.length !== evaluation.records) return { kind: "count" };
  // A head may reach into the padding: on chain these lanes are there, and zero.
  const lanes = new Int32Array(padded);
  lanes.set(model);
  const right = predictAll(lanes, evaluation, holdout, evaluation.records);
  const record = right.findIndex((prediction, i) => prediction !== predictions[i]);
  if (record >= 0) return { kind: "prediction", record };
  return countEqual(predictions, labels) === evaluation.correct ? null : { kind: "count" };
}

/** Weights and biases. */
const headLanes = ({ features, classes }: Evaluation): number => (features + 1) * classes;

/** The head's chunks in the model, opened. */
function openHead(evaluation: Evaluation, model: Int32Array, hashPairs?: HashPairs): Uint8Array {
  const first = Math.floor(evaluation.headLane / MODEL_LANES);
  const last = Math.floor((evaluation.headLane + headLanes(evaluation) - 1) / MODEL_LANES);
  return openRange(bytesOf(model), vectorShape(model.length).modelDepth, first, last - first + 1, hashPairs);
}

function encodeFault({ evaluation, modelRoot }: EvaluatedRound, data: EvaluatedData, fault: PredictionFault, hashPairs?: HashPairs): Uint8Array[] {
  const { predictions, labels } = data;
  if (fault.kind === "count") {
    return [Uint8Array.of(1), fromHex(modelRoot, 32), predictions, packUint(labels.length, 4, "labels"), labels];
  }
  if (fault.kind === "shape") return [Uint8Array.of(2), fromHex(modelRoot, 32)];
  const column = [Uint8Array.of(0), packUint(predictions.length, 4, "predictions"), predictions];
  if (fault.kind === "predictions-length") return [...column, fromHex(modelRoot, 32)];
  return [
    ...column,
    packUint(fault.record, 4, "record"),
    openHead(evaluation, data.model, hashPairs),
    openRecord(data.holdout, evaluation.features, fault.record, hashPairs),
  ];
}

/**
 * The proof of a fault. Encodes what it is given: whether it proves anything, `PredictionVerifier` says.
 * @throws out-of-range, length-mismatch, column-invalid
 */
export function encodePredictionProof(round: EvaluatedRound, data: EvaluatedData, fault: PredictionFault, hashPairs?: HashPairs): Uint8Array {
  return concatBytes([
    encodeRoundHeader(round),
    fromHex(round.updateRootsHash, 32),
    fromHex(round.weightsHash, 32),
    fromHex(round.metricsFileHash, 32),
    packEvaluation(round.evaluation),
    ...encodeFault(round, data, fault, hashPairs),
  ]);
}
