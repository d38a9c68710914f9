import { protocolError } from "../errors.ts";

/** Takes the updates of a round one by one, in any order, then moves the base. Used once. */
export interface Aggregator {
  /**
   * @param update N int16 lanes. Entries of weight 0 (dropped or excluded) are skipped.
   * @param weight Integer 0..65535.
   * @throws length-mismatch, weights-invalid
   */
  add(update: Int16Array, weight: number): void;
  /**
   * @param base N int32 lanes that the aggregate moves, or null to start from zero (a federation without base).
   * @throws length-mismatch, weights-invalid (no weight at all), too-few-updates
   */
  finish(base: Int32Array | null): Int32Array;
}

/** Largest sum of weights: keeps every weighted sum of int16 lanes within int32, since 65535 · 32768 < 2^31. */
export const MAX_TOTAL_WEIGHT = 65_535;

/** Checks what `add` was given and returns the new total. @throws length-mismatch, weights-invalid */
export function addWeight(total: number, update: Int16Array, weight: number, parameters: number): number {
  if (update.length !== parameters) throw protocolError("length-mismatch", `An update has ${update.length} lanes instead of ${parameters}.`);
  if (!Number.isInteger(weight) || weight < 0 || weight > MAX_TOTAL_WEIGHT) {
    throw protocolError("weights-invalid", `Weight ${weight} is not an integer 0..${MAX_TOTAL_WEIGHT}.`);
  }
  if (total + weight > MAX_TOTAL_WEIGHT) {
    throw protocolError("weights-invalid", `The weights sum to ${total + weight}, above ${MAX_TOTAL_WEIGHT}.`);
  }
  return total + weight;
}

/** @throws length-mismatch, weights-invalid */
export function requireFinishable(total: number, base: Int32Array | null, parameters: number): void {
  if (total === 0) throw protocolError("weights-invalid", "No entry has weight: there is nothing to aggregate.");
  if (base !== null && base.length !== parameters) {
    throw protocolError("length-mismatch", `The base model has ${base.length} lanes instead of ${parameters}.`);
  }
}
