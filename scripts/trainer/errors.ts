import { ChongwenError } from "../../protocol/errors.ts";

export const TRAINING_ERROR_CODES = ["training-shape", "training-parameter", "training-diverged", "training-empty"] as const;

export type TrainingErrorCode = (typeof TRAINING_ERROR_CODES)[number];

/** Training or evaluation was asked for something impossible, or diverged. Trying the same again never helps. */
export function trainingError(code: TrainingErrorCode, message: string, fix: string): ChongwenError {
  return new ChongwenError({ code, message, fix, docs: "docs/decisions/training.md" });
}
