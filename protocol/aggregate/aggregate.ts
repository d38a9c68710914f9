/** The declared rules by `FederationConfig.ruleId`. */
import { protocolError } from "../errors.ts";
import type { Aggregator } from "./aggregator.ts";
import { createFedAvg } from "./fedavg.ts";
import { createNormClip } from "./norm-clip.ts";
import { createMedian, createTrimmedMean } from "./order-statistics.ts";

export const RULES = { fedavg: 1, normClip: 2, trimmedMean: 3, median: 4 } as const;

function requireParameter(ruleId: number, ruleParam: bigint, max: bigint): void {
  if (ruleParam < 0n || ruleParam > max) throw protocolError("out-of-range", `Rule ${ruleId} takes a parameter 0..${max}, got ${ruleParam}.`);
}

/**
 * @param ruleId 1 fedavg · 2 norm-clip · 3 trimmed-mean · 4 median.
 * @param ruleParam norm-clip: bound C on the L2 norm, uint64 · trimmed-mean: entries trimmed per side, 0..127 · else 0.
 * @param parameters N: lanes of every update.
 * @throws rule-unknown, out-of-range
 */
export function createAggregator(ruleId: number, ruleParam: bigint, parameters: number): Aggregator {
  switch (ruleId) {
    case RULES.fedavg:
      requireParameter(ruleId, ruleParam, 0n);
      return createFedAvg(parameters);
    case RULES.normClip:
      requireParameter(ruleId, ruleParam, 2n ** 64n - 1n);
      return createNormClip(parameters, ruleParam);
    case RULES.trimmedMean:
      requireParameter(ruleId, ruleParam, 127n);
      return createTrimmedMean(parameters, Number(ruleParam));
    case RULES.median:
      requireParameter(ruleId, ruleParam, 0n);
      return createMedian(parameters);
    default:
      throw protocolError("rule-unknown", `Aggregation rule ${ruleId} is unknown; this software knows 1 to 4.`);
  }
}

/**
 * Aggregates a round whose updates are all in memory.
 * @param base N int32 lanes, or null when the federation has no base.
 * @param updates n vectors of N int16 lanes.
 * @param weights n integers 0..65535 with a sum of at most 65535; 0 = dropped or excluded.
 * @returns N int32 lanes.
 * @throws rule-unknown, out-of-range, length-mismatch, weights-invalid, too-few-updates
 */
export function aggregate(
  ruleId: number,
  ruleParam: bigint,
  base: Int32Array | null,
  updates: readonly Int16Array[],
  weights: readonly number[],
): Int32Array {
  if (updates.length !== weights.length) {
    throw protocolError("weights-invalid", `${updates.length} updates but ${weights.length} weights.`);
  }
  const aggregator = createAggregator(ruleId, ruleParam, base?.length ?? updates[0]?.length ?? 0);
  updates.forEach((update, i) => aggregator.add(update, weights[i]!));
  return aggregator.finish(base);
}
