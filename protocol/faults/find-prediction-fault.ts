/** Faults of an evaluation: a prediction that the model does not make, a count that is another, a column of another length. */
import { int16Of } from "../bytes.ts";
import { columnHash } from "../columns.ts";
import { countEqual } from "../evaluation/evaluate.ts";
import { type Evaluation, evaluationProblem, metricsHash } from "../evaluation/evaluation.ts";
import { predictAll } from "../evaluation/head.ts";
import { holdoutRoot } from "../evaluation/holdout.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { EVALUATION_FILES, ROUND_FILES } from "../bundle/round-manifest.ts";
import { int32Lanes } from "./find-aggregate-fault.ts";
import { ifHashed, type Fault, type FaultSearch, type LedgerRound, type MissingFile, type RoundFiles } from "./find-evidence.ts";
import { encodePredictionProof, type EvaluatedData, type PredictionFault } from "./prediction-proof.ts";

/** What the search needs of the round besides its files. @param model The reported one, or null when it is not at hand. */
export interface EvaluatedReport {
  readonly round: LedgerRound;
  readonly updateRootsHash: `0x${string}`;
  readonly weightsHash: `0x${string}`;
  readonly model: Uint8Array | null;
}

const EMPTY = new Uint8Array();

/** Searches the evaluation of a report. A report without one has nothing to disprove: its metrics are attested. */
export function searchEvaluation(reported: EvaluatedReport, files: RoundFiles, hashPairs?: HashPairs): FaultSearch {
  const { round, model } = reported;
  const held = round.report!.metricsHash;
  const { metrics } = files;
  if (metrics === null) return missing([unasked(ROUND_FILES.metrics, held)]);
  if (metricsHash(null, metrics) === held) return { kind: "none" };
  const evaluation = believed(files.evaluation, metrics, held);
  if (evaluation === null) return missing([unasked("manifest.json: evaluation", held)]);
  const lanes = 64 * 2 ** round.config.depth;
  const problem = evaluationProblem(evaluation) ?? headProblem(evaluation, lanes);
  if (problem !== null) return { kind: "unprovable", reason: `nobody can disprove this evaluation: ${problem}`, where: "evaluation" };

  const predictions = ifHashed(files.predictions, evaluation.predictionsHash);
  const labels = ifHashed(files.labels, evaluation.labelsHash);
  const holdout = ifHoldout(files.holdout, evaluation, hashPairs);
  const data: EvaluatedData = {
    model: model === null ? new Int32Array(lanes) : int32Lanes(model, lanes),
    holdout: holdout ?? new Int16Array(),
    labels: labels ?? EMPTY,
    predictions: predictions ?? EMPTY,
  };
  const found = (fault: PredictionFault, reason: string, where: string): FaultSearch => {
    const { updateRootsHash, weightsHash } = reported;
    const { config, seal, report } = round;
    const opened = { config, seal, report, updateRootsHash, weightsHash, modelRoot: report!.modelRoot, metricsFileHash: columnHash(metrics), evaluation };
    return { kind: "fault", fault: asFault(fault, reason, where, encodePredictionProof(opened, data, fault, hashPairs)) };
  };
  const { records, correct } = evaluation;
  if (predictions !== null && predictions.length !== records) {
    return found({ kind: "predictions-length" }, `there are ${predictions.length} predictions for ${records} records`, EVALUATION_FILES.predictions);
  }
  if (predictions !== null && labels !== null) {
    const hits = countEqual(predictions, labels);
    if (labels.length !== records || hits !== correct) return found({ kind: "count" }, `${hits} of ${labels.length} predictions are the label; the report says ${correct} of ${records}`, EVALUATION_FILES.labels);
  }
  if (predictions !== null && holdout !== null && model !== null) {
    const right = predictAll(data.model, evaluation, holdout, records);
    const record = right.findIndex((prediction, i) => prediction !== predictions[i]);
    if (record >= 0) return found({ kind: "prediction", record }, `the model predicts ${right[record]} for record ${record}; the report says ${predictions[record]}`, `record ${record}`);
  }
  const absent = [
    ...(predictions === null ? [unasked(EVALUATION_FILES.predictions, evaluation.predictionsHash)] : []),
    ...(labels === null ? [unasked(EVALUATION_FILES.labels, evaluation.labelsHash)] : []),
    ...(holdout === null ? [unasked(EVALUATION_FILES.holdout, evaluation.holdoutRoot)] : []),
  ];
  return absent.length === 0 ? { kind: "none" } : missing(absent);
}

function asFault(fault: PredictionFault, reason: string, where: string, proof: Uint8Array): Fault {
  return { name: fault.kind === "count" ? "correct-count" : "prediction", verifier: "predictionVerifier", liable: "reporters", reason, where, proof };
}

function believed(candidate: Evaluation | null, metrics: Uint8Array, held: string): Evaluation | null {
  try {
    return candidate !== null && metricsHash(candidate, metrics) === held ? candidate : null;
  } catch {
    // Fields that fit no evaluation.
    return null;
  }
}

function headProblem({ headLane, features, classes }: Evaluation, lanes: number): string | null {
  const end = headLane + (features + 1) * classes;
  return end > lanes ? `its head ends at lane ${end}; the model has ${lanes}` : null;
}

function ifHoldout(bytes: Uint8Array | null, { features, records, holdoutRoot: committed }: Evaluation, hashPairs?: HashPairs): Int16Array | null {
  if (bytes === null || bytes.length !== 2 * features * records) return null;
  const holdout = int16Of(bytes);
  return holdoutRoot(holdout, features, hashPairs) === committed ? holdout : null;
}

/** A file that nobody can be made to show. */
function unasked(file: string, commitment: `0x${string}`): MissingFile {
  return { file, demand: null, commitment, depth: 0, ranges: [] };
}

const missing = (items: readonly MissingFile[]): FaultSearch => ({ kind: "missing", items });
