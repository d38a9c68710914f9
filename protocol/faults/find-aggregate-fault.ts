/** The aggregate, recomputed as `AggregateVerifier` judges it: lane by lane over the padded vectors, with the norms that were sealed. */
import { createAggregator, RULES } from "../aggregate/aggregate.ts";
import { integerSquareRoot } from "../aggregate/rounding.ts";
import { int16Of, int32Of } from "../bytes.ts";
import { effectiveWeights } from "../columns.ts";
import type { LedgerRound } from "./find-evidence.ts";

/** @param model,base int32 lanes; the base null without one. @param updates By entry, of all that have effective weight. @param norms Σq² by entry, for rule 2. */
export interface AggregateInputs {
  readonly base: Uint8Array | null;
  readonly updates: ReadonlyMap<number, Uint8Array>;
  readonly norms: readonly bigint[] | null;
}

/** Entries that count, in order. */
export function countedEntries({ weights, report }: LedgerRound): number[] {
  return effectiveWeights(weights, report?.excluded ?? 0n).flatMap((weight, i) => (weight === 0 ? [] : [i]));
}

/** Lanes of a file that may leave out zeros at its end. */
function int16Lanes(bytes: Uint8Array, lanes: number): Int16Array {
  if (bytes.length === 2 * lanes) return int16Of(bytes);
  const whole = new Uint8Array(2 * lanes);
  whole.set(bytes.subarray(0, 2 * lanes));
  return int16Of(whole);
}

export function int32Lanes(bytes: Uint8Array, lanes: number): Int32Array {
  if (bytes.length === 4 * lanes) return int32Of(bytes);
  const whole = new Uint8Array(4 * lanes);
  whole.set(bytes.subarray(0, 4 * lanes));
  return int32Of(whole);
}

/** As `clipToNorm`, with the norm that was sealed: when that is false, the norm is the fault and not the clipping. */
function clipped(update: Int16Array, bound: bigint, normSq: bigint): Int16Array {
  if (normSq <= bound * bound) return update;
  const c = Number(bound);
  const divisor = Number(integerSquareRoot(normSq)) + 1;
  return update.map((q) => Math.floor((q * c) / divisor));
}

/** Lanes that any of the files has; all others are zero in every vector, hence in the aggregate. */
export function laneCount({ base, updates }: Pick<AggregateInputs, "base" | "updates">): number {
  return Math.max(1, Math.ceil((base?.length ?? 0) / 4), ...[...updates.values()].map(({ length }) => Math.ceil(length / 2)));
}

/** What the rule gives. @throws rule-unknown, weights-invalid, too-few-updates */
export function recomputeModel(round: LedgerRound, inputs: AggregateInputs): Int32Array {
  const { config, weights } = round;
  const lanes = laneCount(inputs);
  const clips = config.ruleId === RULES.normClip;
  // Clipping is done here, by the sealed norms.
  const aggregator = clips ? createAggregator(RULES.fedavg, 0n, lanes) : createAggregator(config.ruleId, config.ruleParam, lanes);
  for (const i of countedEntries(round)) {
    const update = int16Lanes(inputs.updates.get(i) ?? new Uint8Array(), lanes);
    aggregator.add(clips ? clipped(update, config.ruleParam, inputs.norms?.[i] ?? 0n) : update, weights[i] ?? 0);
  }
  return aggregator.finish(inputs.base === null ? null : int32Lanes(inputs.base, lanes));
}

/** First lane in which two models differ, or −1. */
export function firstDifference(expected: Int32Array, reported: Uint8Array): number {
  const lanes = Math.max(expected.length, Math.ceil(reported.length / 4));
  const actual = int32Lanes(reported, lanes);
  for (let lane = 0; lane < lanes; lane++) if ((expected[lane] ?? 0) !== actual[lane]) return lane;
  return -1;
}
