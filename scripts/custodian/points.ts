import type { Address } from "viem";
import {
  annotationBatch, annotationReceipt, batchOf, batchRoot, goldShareFits, type AnnotationClosing, type Standing,
} from "../../protocol/annotation/index.ts";
import { scoreTaskSet, type ReaderScore, type ScoredReading, type TaskSetScores } from "../../protocol/annotation/score-set.ts";
import type { Domain } from "../../protocol/index.ts";
import type { AnswerRow, CustodianJournal, StoredSet } from "./journal.ts";

const DAY = 86_400;

/** Standing answers of a set, in the order in which their pictures were first answered. */
export function scoredReadings(rows: readonly AnswerRow[]): ScoredReading[] {
  const standing = new Map<string, ScoredReading>();
  const organisations = new Map<Address, number>();
  for (const { annotator, organisation, task, tier, answer, received } of rows) {
    const place = `${annotator}/${tier}/${task}`;
    standing.set(place, { annotator, organisation, task, tier, answer, day: standing.get(place)?.day ?? Math.floor(received / DAY) });
    // Who moved to another house while the set was open belongs to the last one: one reader, one house.
    organisations.set(annotator, organisation);
  }
  return [...standing.values()].map((reading) => ({ ...reading, organisation: organisations.get(reading.annotator) ?? 0 }));
}

export const scoresOf = ({ root, set, gold }: StoredSet, journal: CustodianJournal, seatOf: (annotator: Address, organisation: number) => number | null): TaskSetScores =>
  scoreTaskSet({ set, gold, readings: scoredReadings(journal.rows(root)), seatOf });

const known = new WeakMap<CustodianJournal, Map<string, ReadonlyMap<string, ReaderScore>>>();

/** What one reader's answers to a closed set are worth; null when nothing is paid for it. Computed once: nothing is added to a closed set. */
export function termsOf(stored: StoredSet, journal: CustodianJournal, annotator: Address): Standing["terms"] {
  if (stored.closedAt === null || stored.set.practice || !goldShareFits(stored.gold.entries.length, stored.set.tasks.length)) return null;
  const sets = known.get(journal) ?? new Map<string, ReadonlyMap<string, ReaderScore>>();
  known.set(journal, sets);
  const readers = sets.get(stored.root) ?? new Map(scoresOf(stored, journal, () => null).readers.map((reader) => [reader.annotator.toLowerCase(), reader]));
  sets.set(stored.root, readers);
  const reader = readers.get(annotator.toLowerCase());
  return reader === undefined ? null : { annotation: reader.annotation, verification: reader.verification };
}

/** What the custodian signs when a set is closed: one root over every reader's answers. The same whenever it is asked for. */
export function closingOf({ root, closedAt }: StoredSet, journal: CustodianJournal, domain: Domain): AnnotationClosing {
  const batches = journal.annotatorsOf(root).map((annotator) => {
    const records = journal.recordsOf(root, annotator);
    const last = records.at(-1);
    return batchOf(root, annotator, records.map(({ receipt }) => receipt.answerHash), last === undefined ? root : annotationReceipt.digest(domain, last.receipt));
  });
  return {
    taskSet: root, annotators: batches.length, answers: batches.reduce((sum, { count }) => sum + count, 0),
    root: batchRoot(batches.map((batch) => annotationBatch.digest(domain, batch))), closedAt: closedAt ?? 0,
  };
}

/** Gold pictures of a set that were gold of a closed one before: whoever asked for its opening knows their answers. */
export function reusedGold(journal: Pick<CustodianJournal, "sets">, root: StoredSet["root"]): number {
  const sets = journal.sets();
  const goldOf = ({ set, gold }: StoredSet) => gold.entries.flatMap(({ task }) => set.tasks[task]?.image ?? []);
  const opened = new Set(sets.filter((stored) => stored.root !== root && stored.closedAt !== null).flatMap((stored) => goldOf(stored)));
  return sets.filter((stored) => stored.root === root).flatMap((stored) => goldOf(stored)).filter((image) => opened.has(image)).length;
}
