/** What a label is worth by how it came to be known. The data tier weighs records by the same numbers. */
import { SPECIAL } from "./answers.ts";
import { outcomeOf, TOP_TIER, type Reading } from "./escalation.ts";
import type { VerificationLevel } from "./gold.ts";

/** By level, weakest first: nobody verified it · two agree · experts agree · follow-up · histology. Source: docs/annotation.md, “Quality of a label”. */
export const LEVEL_QUALITY_PPM = [100_000, 300_000, 600_000, 800_000, 1_000_000] as const;

/** Confocal microscopy is read by experts, so it counts as their consensus does; what was drawn is known as surely as what was cut. */
const LEVELS: Readonly<Record<VerificationLevel, 0 | 1 | 2 | 3 | 4>> = { unverified: 0, peers: 1, consensus: 2, confocal: 2, follow_up: 3, histo: 4, drawn: 4 };

/** Place of a level among those that `terms.data.levelQualityPpm` weighs. */
export const labelLevel = (level: VerificationLevel): 0 | 1 | 2 | 3 | 4 => LEVELS[level];

export const labelQualityPpm = (level: VerificationLevel): number => LEVEL_QUALITY_PPM[LEVELS[level]];

/**
 * How surely a picture's label is known once it was read.
 * @param gold The level at which its custodian knows it; null when it is no gold. @param needed Readings that the first tier needs.
 */
export function levelReached(readings: readonly Reading[], gold: VerificationLevel | null, needed: number): VerificationLevel {
  if (gold !== null) return gold;
  // What one reader reported for a recognisable person says nothing of the label that others gave before.
  const outcome = outcomeOf(readings.filter(({ answer }) => answer !== SPECIAL.identifiable), needed);
  if (outcome.state !== "agreed") return "unverified";
  return outcome.tier === TOP_TIER ? "consensus" : "peers";
}
