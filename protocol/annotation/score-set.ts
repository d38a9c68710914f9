/** All readers of a closed task set: their terms, which are theirs and the custodian's alone, and points by seat, which a settlement takes. */
import type { Address } from "viem";
import { protocolError } from "../errors.ts";
import { createPoints, type PointsRow } from "../scoring/tier-points.ts";
import { SPECIAL } from "./answers.ts";
import { arePeers, learnAgreement, type Crossing } from "./correlation.ts";
import { goldCommitment, type Gold } from "./gold.ts";
import { labelQualityPpm, levelReached } from "./quality.ts";
import { ANNOTATION_RULE, goldShareFits, scoreReader, type AnnotationRule, type ReaderTerms } from "./score.ts";
import type { TaskSet } from "./task-set.ts";

/** A standing answer. */
export interface ScoredReading {
  readonly annotator: Address;
  /** Of the reader; the same in all its readings. 0 when it is not known. */
  readonly organisation: number;
  readonly task: number;
  readonly tier: number;
  readonly answer: number;
  /** UTC day, counted from 1970, on which the reader first answered the picture: a later revision does not move it. */
  readonly day: number;
}

export interface TaskSetEvidence {
  readonly set: TaskSet;
  readonly gold: Gold;
  /** In the order in which the pictures were first answered. */
  readonly readings: readonly ScoredReading[];
  /** Who is paid for a reader: the seat of its organisation, or its own; null when there is none. */
  readonly seatOf: (annotator: Address, organisation: number) => number | null;
  readonly rule?: AnnotationRule;
}

/** First readings and verifications are different work, and each is judged by itself: skill in one is no licence to guess in the other. */
export interface ReaderScore {
  readonly annotator: Address;
  readonly organisation: number;
  readonly seat: number | null;
  readonly annotation: ReaderTerms;
  readonly verification: ReaderTerms;
}

export interface TaskSetScores {
  /** Addresses ascending. */
  readonly readers: readonly ReaderScore[];
  readonly points: { readonly annotation: readonly PointsRow[]; readonly verification: readonly PointsRow[] };
}

/** @throws task-set-invalid when the gold is not the one committed to, or the set is for practice; gold-share */
export function scoreTaskSet({ set, gold, readings, seatOf, rule = ANNOTATION_RULE }: TaskSetEvidence): TaskSetScores {
  requireScorable(set, gold, rule);
  const counted = countedReadings(readings, rule);
  const byTask = groupBy(counted, ({ task }) => task);
  const known = new Map(gold.entries.map((entry) => [entry.task, entry]));
  const agreementOf = learnAgreement(byTask.values());
  const weights = new Map([...byTask].map(([task, all]) => [task, labelQualityPpm(levelReached(all, known.get(task)?.level ?? null, set.readings))]));

  const termsOf = (own: readonly ScoredReading[], weightOf: (task: number) => number): ReaderTerms => {
    const gold = own.flatMap(({ task, answer }): Crossing[] => {
      const entry = known.get(task);
      return entry === undefined ? [] : [{ own: answer, peers: new Map([[entry.answer, 1]]) }];
    });
    const peers = own.flatMap((reading): Crossing[] => {
      const others = new Map<number, number>();
      for (const other of byTask.get(reading.task) ?? []) if (arePeers(reading, other)) others.set(other.answer, (others.get(other.answer) ?? 0) + 1);
      return others.size === 0 ? [] : [{ own: reading.answer, peers: others }];
    });
    return scoreReader({ gold, peers, weightsPpm: own.map(({ task }) => weightOf(task)) }, agreementOf(own[0]?.organisation ?? 0), rule);
  };
  const readers = [...groupBy(counted, ({ annotator }) => annotator.toLowerCase())].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, own]): ReaderScore[] => {
    const [first] = own;
    if (first === undefined) return [];
    const { annotator, organisation } = first;
    return [{
      annotator, organisation, seat: seatOf(annotator, organisation),
      annotation: termsOf(own.filter(({ tier }) => tier === 1), () => 1_000_000),
      verification: termsOf(own.filter(({ tier }) => tier > 1), (task) => weights.get(task) ?? 0),
    }];
  });
  const pointsOf = (tier: "annotation" | "verification"): PointsRow[] => createPoints(readers.flatMap((reader): PointsRow[] => (reader.seat === null ? [] : [[reader.seat, reader[tier].points]])));
  return { readers, points: { annotation: pointsOf("annotation"), verification: pointsOf("verification") } };
}

function requireScorable(set: TaskSet, gold: Gold, rule: AnnotationRule): void {
  if (set.practice) throw protocolError("task-set-invalid", "The task set is for practice: its answers count for nothing.");
  if (goldCommitment(gold) !== set.goldCommitment) throw protocolError("task-set-invalid", "The gold answers are not those that the task set committed to.");
  if (gold.entries.some(({ task }) => task >= set.tasks.length)) throw protocolError("task-set-invalid", "A gold answer is for a task that the set does not have.");
  if (!goldShareFits(gold.entries.length, set.tasks.length, rule)) {
    throw protocolError("gold-share", `${gold.entries.length} of ${set.tasks.length} tasks are gold; between ${rule.leastGoldPpm / 10_000} and ${rule.mostGoldPpm / 10_000} % have to be.`);
  }
}

/** One reading a reader and picture, none that was taken back or that only reports a recognisable person, and at most so many a day, the first ones. */
function countedReadings(readings: readonly ScoredReading[], { perDay }: AnnotationRule): ScoredReading[] {
  const days = new Map<string, number>();
  const seen = new Set<string>();
  return readings.filter(({ annotator, task, answer, day }) => {
    if (answer === SPECIAL.withdrawn || answer === SPECIAL.identifiable) return false;
    const reader = annotator.toLowerCase();
    const today = `${reader}/${day}`;
    const before = days.get(today) ?? 0;
    if (before >= perDay || seen.has(`${reader}/${task}`)) return false;
    days.set(today, before + 1);
    seen.add(`${reader}/${task}`);
    return true;
  });
}

function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
