/** The metrics of a round, believed only when the file's hash is the one that the operators signed. Pure. */
import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { z } from "zod";

/** Counts, not a fraction: the format knows integers alone. */
const metricsSchema = z.looseObject({ correct: z.int().min(0), total: z.int().min(1) });

export type Metrics =
  | { readonly kind: "verified"; readonly correct: number; readonly total: number }
  /** Another file than the one that was signed. */
  | { readonly kind: "mismatch" }
  /** The right file, in a form that this page does not know. */
  | { readonly kind: "unreadable" };

export function checkMetrics(bytes: Uint8Array, metricsHash: Hex): Metrics {
  if (keccak256(bytes) !== metricsHash.toLowerCase()) return { kind: "mismatch" };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return { kind: "unreadable" };
  }
  const parsed = metricsSchema.safeParse(json);
  if (!parsed.success || parsed.data.correct > parsed.data.total) return { kind: "unreadable" };
  return { kind: "verified", correct: parsed.data.correct, total: parsed.data.total };
}
