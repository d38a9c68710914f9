/** Meets every update of a window with the holdout, once. */
import { protocolError } from "../errors.ts";
import { modelLogits, updateLogits } from "./logits.ts";
import { requireSame } from "./require.ts";
import { createUtility, type Utility } from "./utility.ts";
import type { DataTierInput, Holdout } from "./window.ts";

/** An entry with what it changes in every record's logits. */
export interface MeasuredEntry {
  readonly seat: number;
  readonly weight: number;
  readonly logits: Float64Array;
}

export interface MeasuredRound {
  readonly round: number;
  readonly entries: readonly MeasuredEntry[];
}

/** @param base Logits of the model before the window. */
export interface MeasuredWindow {
  readonly base: Float64Array;
  readonly rounds: readonly MeasuredRound[];
  readonly utility: Utility;
  readonly holdout: Holdout;
}

/** Changes beyond 16 bits cannot come from int16 updates. */
function requireChange(delta: Int32Array, lanes: number): void {
  requireSame("lanes of a model's change", lanes, delta.length);
  if (delta.some((lane) => lane > 65_535 || lane < -65_535)) throw protocolError("out-of-range", "A change of the model is larger than updates can make it.");
}

/** @throws length-mismatch, out-of-range */
export function measureWindow({ terms, base, previousDelta, rounds, holdout }: DataTierInput): MeasuredWindow {
  const { head } = terms;
  const records = { values: holdout.values, records: holdout.targets.length };
  if (holdout.strata !== null) requireSame("sources of records", records.records, holdout.strata.length);
  if (previousDelta !== null) requireChange(previousDelta, base.length);
  const measured = rounds.map(({ round, delta, entries }): MeasuredRound => {
    requireChange(delta, base.length);
    return {
      round,
      entries: entries.map(({ seat, weight, update }) => {
        requireSame("lanes of an update", base.length, update.length);
        return { seat, weight, logits: updateLogits(update, head, records) };
      }),
    };
  });
  const utility = createUtility(terms.utility, holdout.targets, head.classes, terms.gridBits);
  return { base: modelLogits(base, head, records), rounds: measured, utility, holdout };
}
