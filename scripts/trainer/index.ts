/** The embedded trainer: a small model, trained in this process, evaluated in integers. */
export { type BaselineParameters, type Baselines, measureBaselines, type SiteResult, trainingSeed } from "./baselines.ts";
export { TRAINING_ERROR_CODES, type TrainingErrorCode } from "./errors.ts";
export { evaluate, evaluateConstant, type Evaluation, evaluationInput, publishedEvaluation } from "./evaluate.ts";
export { FEATURE_BITS, quantiseFeatures } from "../../protocol/evaluation/records.ts";
export { type Margins, measureMargins } from "./margins.ts";
export { FRACTION_BITS, initialModel, softmaxSpec } from "./model.ts";
export { type FederationResult, seatWeights, simulateFederation, type SimulateParameters, TRAINING_DEFAULTS } from "./simulate.ts";
export { BATCH_SIZE, type LocalTrainer, trainLocal, type TrainLocalParameters } from "./train.ts";
export { localUpdate, type LocalUpdateParameters } from "./update.ts";
