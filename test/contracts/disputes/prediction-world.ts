// A reported round with an evaluation, as the ledger would show it to a verifier, and what makes its proofs.
import type { Hex } from "viem";
import { keccak256 } from "viem/utils";

import { toHex } from "../../../protocol/bytes.ts";
import { configHash, reportHash, sealHash } from "../../../protocol/eip712/hash.ts";
import type { FederationConfig, Report, Seal } from "../../../protocol/eip712/structs.ts";
import { type EvaluationInput, evaluateModel } from "../../../protocol/evaluation/evaluate.ts";
import { type Evaluation, metricsHash } from "../../../protocol/evaluation/evaluation.ts";
import { encodePredictionProof, type EvaluatedData, type EvaluatedRound, type PredictionFault } from "../../../protocol/faults/prediction-proof.ts";
import { modelRoot, vectorShape } from "../../../protocol/ssz/vector.ts";
import { SAMPLES } from "../../protocol/support/structs.ts";

export const REPORTED = 3;
const METRICS_FILE = new TextEncoder().encode('{"accuracyPpm":1}');

/** What the operators may claim instead of what is so. The hashes of the columns follow the columns, unless they are claimed too. */
export interface Claim {
  readonly evaluation?: Partial<Evaluation>;
  readonly predictions?: Uint8Array;
  readonly labels?: Uint8Array;
}

export interface EvaluatedReport {
  /** The first argument of `verify`. */
  readonly context: object;
  readonly report: Report;
  readonly config: FederationConfig;
  readonly opened: EvaluatedRound;
  readonly data: EvaluatedData;
  readonly evaluation: Evaluation;
  proof(fault: PredictionFault, change?: Partial<EvaluatedRound>, data?: Partial<EvaluatedData>): string;
}

export function evaluatedReport(model: Int32Array, input: EvaluationInput, claim: Claim = {}): EvaluatedReport {
  const honest = evaluateModel(model, input);
  const predictions = claim.predictions ?? honest.predictions;
  const labels = claim.labels ?? input.labels;
  const evaluation = { ...honest.evaluation, labelsHash: keccak256(labels), predictionsHash: keccak256(predictions), ...claim.evaluation };

  const { depth } = vectorShape(model.length);
  const config = { ...SAMPLES.FederationConfig, depth };
  const seal: Seal = { ...SAMPLES.Seal, attempt: 2, configHash: configHash(config) };
  const weightsHash: Hex = `0x${"b0".repeat(32)}`;
  const report: Report = {
    ...SAMPLES.Report, sealHash: sealHash(seal, weightsHash), modelRoot: modelRoot(model), metricsHash: metricsHash(evaluation, METRICS_FILE),
  };
  const { federation, round, attempt } = report;
  const context = {
    federation, round, parentHash: seal.parentReportHash,
    state: {
      hash: reportHash(report), state: REPORTED, attempt, deadline: 0, parentRound: 1, parentAttempt: 0, consentEpoch: 0, sealers: 0, reporters: 0, sealEpoch: 0,
      reportEpoch: 0, entries: 3, accepted: 3, holds: 0,
    },
  };
  const opened = {
    config, seal, report, updateRootsHash: seal.updateRootsHash, weightsHash, modelRoot: report.modelRoot, metricsFileHash: keccak256(METRICS_FILE), evaluation,
  };
  const data = { model, holdout: input.holdout, labels, predictions };
  const proof: EvaluatedReport["proof"] = (fault, change, other) => toHex(encodePredictionProof({ ...opened, ...change }, { ...data, ...other }, fault));
  return { context, report, config, opened, data, evaluation, proof };
}
