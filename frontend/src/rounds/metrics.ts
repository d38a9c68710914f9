/** The metrics of a round, believed only when they and the evaluation that the bundle states hash to what the operators signed. Pure. */
import type { Hex } from "viem";
import { z } from "zod";
import { type Evaluation, EVALUATION_FIELDS, metricsHash as hashOfMetrics } from "../../../protocol/evaluation/evaluation.ts";

/** Counts, not a fraction: the format knows integers alone. */
const metricsSchema = z.looseObject({ correct: z.int().min(0), total: z.int().min(1) });

/** All that this page reads of a manifest: numbers and hashes, whose types the struct's hash checks. */
const manifestSchema = z.looseObject({
  evaluation: z.strictObject(Object.fromEntries(EVALUATION_FIELDS.map(({ name }) => [name, z.union([z.int().min(0), z.string()])]))).nullable(),
});

export type Metrics =
  | { readonly kind: "verified"; readonly correct: number; readonly total: number; /** Whether a wrong count can be disproven on chain. */ readonly disprovable: boolean }
  /** Another file than the one that was signed. */
  | { readonly kind: "mismatch" }
  /** The right file, in a form that this page does not know. */
  | { readonly kind: "unreadable" };

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** The hash that the report must have, or null when the manifest's evaluation has no hash. */
function hashOf(evaluation: object | null, bytes: Uint8Array): Hex | null {
  try {
    return hashOfMetrics(evaluation as Evaluation | null, bytes);
  } catch {
    return null;
  }
}

/** @param bytes `metrics.json`. @param manifest The bundle's `manifest.json`, which has the evaluation. */
export function checkMetrics(bytes: Uint8Array, manifest: Uint8Array, metricsHash: Hex): Metrics {
  const bundle = manifestSchema.safeParse(parseJson(manifest));
  if (!bundle.success) return { kind: "unreadable" };
  const { evaluation } = bundle.data;
  if (hashOf(evaluation, bytes) !== metricsHash.toLowerCase()) return { kind: "mismatch" };
  const counts = evaluation === null ? parseJson(bytes) : { correct: evaluation["correct"], total: evaluation["records"] };
  const parsed = metricsSchema.safeParse(counts);
  if (!parsed.success || parsed.data.correct > parsed.data.total) return { kind: "unreadable" };
  return { kind: "verified", correct: parsed.data.correct, total: parsed.data.total, disprovable: evaluation !== null };
}
