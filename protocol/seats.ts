/** Seats without data. */

/** Datasets count from 1: this stands where a support seat has none. */
export const NO_DATASET = 0;

/** Whether the seat is of somebody who contributes without data: annotates, verifies, computes, writes models, gives feedback. No seal counts it. */
export function isSupportSeat({ dataset }: { readonly dataset: number }): boolean {
  return dataset === NO_DATASET;
}
