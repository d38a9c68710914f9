/**
 * What a settlement shares the pool by: one score a seat, and one that is nobody's. What nobody's score earns is paid to no seat and rolls over to the next
 * settlement; so a rule leaves part of the pool undistributed by giving its score to nobody.
 */
import { COLUMN_WIDTHS, packUints, unpackUints } from "../columns.ts";
import { protocolError } from "../errors.ts";

/** @param seats One a seat, uint64. @param nobody uint64. */
export interface Scores {
  readonly seats: readonly bigint[];
  readonly nobody: bigint;
}

/** Σ: what a share is a fraction of. */
export function scoreSum({ seats, nobody }: Scores): bigint {
  return seats.reduce((sum, score) => sum + score, nobody);
}

/** The column `scores`: every seat's, then nobody's. @throws out-of-range */
export function packScores({ seats, nobody }: Scores): Uint8Array {
  return packUints([...seats, nobody], COLUMN_WIDTHS.scores);
}

/** @throws column-invalid, also when nobody's score is missing */
export function unpackScores(column: Uint8Array): Scores {
  const scores = unpackUints(column, COLUMN_WIDTHS.scores);
  const nobody = scores.at(-1);
  if (nobody === undefined) throw protocolError("column-invalid", "A column of scores ends with nobody's; this one is empty.");
  return { seats: scores.slice(0, -1), nobody };
}
