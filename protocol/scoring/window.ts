/** What the data tier is scored from: one window of final rounds, a holdout, and what the registry says of each seat. */
import type { Hex } from "viem";
import type { DataTerms } from "../terms/terms.ts";

/** An entry that counts in its round. @param weight 1..65535, effective. @param root Its commitment. @param update int16 lanes. */
export interface WindowEntry {
  readonly seat: number;
  readonly weight: number;
  readonly root: Hex;
  readonly update: Int16Array;
}

/** @param delta What the round changed in the model: model after − model before. */
export interface WindowRound {
  readonly round: number;
  readonly delta: Int32Array;
  readonly entries: readonly WindowEntry[];
}

/**
 * Records that no seat trained on.
 * @param values Record after record, `features` each. @param targets Classes: a byte a record; regression: what is right, int32, in units of the model's grid.
 * @param strata Which source each record is from; null when it has one. @param stratumOf By dataset: its source. A seat whose dataset has none is judged on all records.
 */
export interface Holdout {
  readonly values: Int16Array;
  readonly targets: Uint8Array | Int32Array;
  readonly strata: Uint8Array | null;
  readonly stratumOf: ReadonlyMap<number, number>;
}

/**
 * What the registry backs. @param cluster Organisations that governance registered as related share one. @param records Of the dataset, never what a site says.
 * @param qualityPpm Mean verification of the dataset's labels, `labelQualityPpm`.
 */
export interface SeatEvidence {
  readonly seat: number;
  readonly cluster: number;
  readonly dataset: number;
  readonly records: number;
  readonly qualityPpm: number;
}

/**
 * @param base Model before the window. @param previousDelta The change of the model in the round before the window; null in the first window.
 * @param previousRoots What the seats committed to in that round. @param seed Draws permutations and lanes; known to nobody before the holdout is revealed.
 */
export interface DataTierInput {
  readonly terms: DataTerms;
  readonly base: Int32Array;
  readonly previousDelta: Int32Array | null;
  readonly previousRoots: readonly Hex[];
  readonly rounds: readonly WindowRound[];
  readonly holdout: Holdout;
  readonly seats: readonly SeatEvidence[];
  readonly seed: Hex;
}

export type GateReason = "zero" | "replayed" | "noise" | "norm";
