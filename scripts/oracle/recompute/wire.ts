/** What the oracle and its thread say to each other. What the thread needs to read, it asks for: files, keys and updates stay on this side, one at a time. */
import type { EvaluationInput } from "../../../protocol/evaluation/evaluate.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import type { RoundBundleInput } from "../../../protocol/index.ts";
import type { RoundExpectations } from "../../../protocol/bundle/round-expectations.ts";
import type { Rule } from "../../operator/recomputation.ts";
import { ofTheDisk } from "../problem.ts";

export type Task =
  | { readonly kind: "verify"; readonly expected: RoundExpectations; readonly escrowed: boolean }
  | { readonly kind: "aggregate"; readonly rule: Rule; readonly parameters: number; readonly base: Int32Array | null }
  | { readonly kind: "build"; readonly input: Omit<RoundBundleInput, "updates" | "hashPairs"> }
  | { readonly kind: "evaluate"; readonly model: Int32Array; readonly input: EvaluationInput };

/** Of a call that the thread makes while it works. */
export type Call = "list" | "read" | "open" | "next";

export type ToThread = { readonly task: Task } | { readonly id: number; readonly answer: Outcome };
export type FromThread = { readonly id: number; readonly call: Call; readonly args: readonly unknown[] } | { readonly done: Outcome };
export type Outcome = { readonly value: unknown } | { readonly problem: Problem };

/** An error without its class, which does not travel. */
interface Problem {
  readonly options: ConstructorParameters<typeof ChongwenError>[0] | null;
  readonly message: string;
}

export function problemOf(error: unknown): Problem {
  if (!(error instanceof ChongwenError)) {
    // What tells a full disk from another failure does not travel either: it gets its name here.
    const disk = ofTheDisk(error);
    const message = error instanceof Error ? error.message : String(error);
    return disk === null ? { options: null, message } : { options: { code: disk.code, message: disk.message, fix: disk.fix, retryable: true }, message };
  }
  const { code, message, fix, retryable, docs, cause } = error;
  const why = cause instanceof Error ? { cause: problemOf(cause) } : {};
  return { options: { code, message, fix, retryable, ...(docs === undefined ? {} : { docs }), ...why }, message };
}

export function errorOf({ options, message }: Problem): Error {
  if (options === null) return new Error(message);
  const { cause, ...rest } = options;
  return new ChongwenError(cause === undefined ? rest : { ...rest, cause: errorOf(cause as Problem) });
}

/** What became of some work. */
export async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await work() };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** @throws what the other side threw */
export function valueOf(outcome: Outcome): unknown {
  if ("problem" in outcome) throw errorOf(outcome.problem);
  return outcome.value;
}
