/** What becomes of a picture once it was read: settled, read again, or given to the next tier. A pure rule, so that everyone decides alike. */
import { isClass, SPECIAL } from "./answers.ts";

/** One reader's last answer. */
export interface Reading {
  readonly tier: number;
  readonly answer: number;
}

export const TOP_TIER = 3;

export type Outcome =
  /** More readings are needed in this tier. */
  | { readonly state: "open"; readonly tier: number }
  /** Decided, by readings up to this tier. */
  | { readonly state: "agreed"; readonly tier: number; readonly answer: number }
  /** Readers of the top tier differ too: a meeting has to decide. */
  | { readonly state: "disputed"; readonly tier: number }
  /** A person can be recognised: nobody is shown it any more. */
  | { readonly state: "withheld"; readonly tier: number };

/** Readings that a tier needs before it is judged: the first as many as the task set says, a verification one more, the top tier two of its own. */
const quotaOf = (tier: number, needed: number): number => (tier === 1 ? needed : tier - 1);

/**
 * A verification is judged together with the first readings; the top tier overrules both. Decided is what at least two readings and at least two thirds of
 * them say, a class or ungradable; uncertain never decides. What is not decided goes to the next tier. One reader who recognises a person withholds at once.
 * @param needed Readings that the first tier needs.
 */
export function outcomeOf(readings: readonly Reading[], needed: number): Outcome {
  const standing = readings.filter(({ answer }) => answer !== SPECIAL.withdrawn);
  const seen = standing.find(({ answer }) => answer === SPECIAL.identifiable);
  if (seen !== undefined) return { state: "withheld", tier: seen.tier };
  let outcome: Outcome = { state: "open", tier: 1 };
  for (let tier = 1; tier <= TOP_TIER; tier++) {
    if (standing.filter((reading) => reading.tier === tier).length < quotaOf(tier, needed)) return outcome.state === "agreed" ? outcome : { state: "open", tier };
    const winner = decisionOf(standing.filter((reading) => (tier === TOP_TIER ? reading.tier === tier : reading.tier <= tier)));
    outcome = winner === null ? { state: "disputed", tier } : { state: "agreed", tier, answer: winner };
  }
  return outcome;
}

function decisionOf(readings: readonly Reading[]): number | null {
  const counts = new Map<number, number>();
  for (const { answer } of readings) if (isClass(answer) || answer === SPECIAL.ungradable) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts].find(([, count]) => count >= 2 && 3 * count >= 2 * readings.length)?.[0] ?? null;
}
