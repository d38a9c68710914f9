/** The data tier of a window, from what a settlement's verifier has at hand. */
import type { Hex } from "viem";
import { concatHex, keccak256 } from "viem/utils";
import { protocolError } from "../errors.ts";
import type { ScoredRound } from "../rewards/scoring.ts";
import type { Terms } from "../terms/terms.ts";
import { scoreDataTier } from "./data-tier.ts";
import type { Evidence, SeatFacts } from "./evidence.ts";
import type { DataOutcome } from "./settle.ts";
import type { Progress } from "./shapley.ts";
import type { Holdout, WindowRound } from "./window.ts";

/** A final round whose bundle was verified. @param parentRound Whose model it moved; 0 is the genesis. @param roots Commitment of each entry. */
export interface VerifiedRound extends ScoredRound {
  readonly parentRound: number;
  readonly roots: readonly Hex[];
}

/** The rounds that a settlement judges, as the data tier reads them. */
export interface Window {
  readonly base: Int32Array;
  readonly previousDelta: Int32Array | null;
  readonly previousRoots: readonly Hex[];
  readonly rounds: readonly WindowRound[];
}

/**
 * Where a window is read from, round by round, once each: nothing is held here that the data tier does not need. A rule that needs no updates never asks.
 * @param modelOf Of a round; of the genesis for 0. @param rootsOf Commitments of a round before the window. @param updatesOf By seat, of the entries that count. @param parentOf Of a round before the window.
 */
export interface WindowSource {
  modelOf(round: number): Promise<Int32Array>;
  updatesOf(round: VerifiedRound): Promise<ReadonlyMap<number, Int16Array>>;
  rootsOf(round: number): Promise<readonly Hex[]>;
  parentOf(round: number): number;
}

function difference(after: Int32Array, before: Int32Array): Int32Array {
  return after.map((lane, at) => lane - before[at]!);
}

/** @param rounds Final rounds covered, ascending. @throws what the source throws; bundle-unreadable when it lacks an update */
export async function readWindow(rounds: readonly VerifiedRound[], source: WindowSource): Promise<Window> {
  const [first] = rounds;
  if (first === undefined) throw protocolError("out-of-range", "A window has at least one final round.");
  const base = await source.modelOf(first.parentRound);
  const before = first.parentRound === 0 ? null : await source.modelOf(source.parentOf(first.parentRound));
  const previousRoots = first.parentRound === 0 ? [] : await source.rootsOf(first.parentRound);
  const read: WindowRound[] = [];
  for (const round of rounds) {
    const updates = await source.updatesOf(round);
    const entries = round.seats.flatMap((seat, i) => {
      const weight = round.weights[i]!;
      if (weight === 0) return [];
      const update = updates.get(seat);
      if (update === undefined) throw protocolError("bundle-unreadable", `Round ${round.round} has no update of seat ${seat}.`);
      return [{ seat, weight, root: round.roots[i]!, update }];
    });
    const delta = difference(await source.modelOf(round.round), round.parentRound === first.parentRound ? base : await source.modelOf(round.parentRound));
    read.push({ round: round.round, delta, entries });
  }
  return { base, previousDelta: before === null ? null : difference(base, before), previousRoots, rounds: read };
}

/** Mean weight of a dataset's records by the level of their labels; of one that says nothing, that of the lowest level. */
export function labelQuality({ labelLevels }: SeatFacts, levelQualityPpm: readonly number[]): number {
  const weights = labelLevels.map((_, level) => levelQualityPpm[Math.min(level, levelQualityPpm.length - 1)]!);
  const records = labelLevels.reduce((sum, count) => sum + count, 0);
  if (records === 0) return levelQualityPpm[0]!;
  return Number(labelLevels.reduce((sum, count, level) => sum + BigInt(count) * BigInt(weights[level]!), 0n) / BigInt(records));
}

/** Nobody knows it before the holdout is revealed, and neither custodian nor operators alone decide it. */
export const windowSeed = (salt: Hex, lastReportHash: Hex): Hex => keccak256(concatHex([salt, lastReportHash]));

/** An organisation that stands alone is a cluster of its own, beyond the numbers of registered ones. */
const clusterOf = ({ cluster, organisation }: SeatFacts): number => (cluster === 0 ? 2 ** 32 + organisation : cluster);

/** @throws length-mismatch, out-of-range */
export function scoreWindow(terms: Terms, evidence: Evidence, holdout: Holdout, window: Window, seed: Hex, progress?: Progress): DataOutcome {
  const seats = evidence.seats.map((facts, seat) => ({
    seat, cluster: clusterOf(facts), dataset: facts.dataset, records: facts.records, qualityPpm: labelQuality(facts, terms.data.levelQualityPpm),
  }));
  return scoreDataTier({ ...window, terms: terms.data, holdout, seats, seed }, progress);
}
