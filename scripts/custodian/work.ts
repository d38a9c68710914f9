import { isAddressEqual, type Address } from "viem";
import {
  goldResult, isClass, krippendorffAlpha, outcomeOf, peerPairs, ppm, readerSeed, seededOrder, SPECIAL, TOP_TIER, type Outcome, type Standing, type Work,
} from "../../protocol/annotation/index.ts";
import type { AnswerRow, CustodianJournal, StoredSet } from "./journal.ts";

/** Pictures told ahead, so that a page can fetch the next one while this one is looked at. */
const AHEAD = 3;

export interface Reader {
  readonly annotator: Address;
  readonly organisation: number;
}

/** What stands of all answers to a set: of each reader, tier and picture, the last. */
export interface Readings {
  /** A reader's standing answers by task, of one tier. */
  of(annotator: Address, tier: number): ReadonlyMap<number, AnswerRow>;
  /** Standing answers to a picture. */
  to(task: number): readonly AnswerRow[];
  all(): readonly AnswerRow[];
}

export function standingReadings(rows: readonly AnswerRow[]): Readings {
  const last = new Map<string, AnswerRow>();
  for (const row of rows) last.set(`${row.annotator}/${row.tier}/${row.task}`, row);
  const all = [...last.values()];
  const byTask = Map.groupBy(all, ({ task }) => task);
  return {
    of: (annotator, tier) => new Map(all.filter((row) => row.tier === tier && isAddressEqual(row.annotator, annotator)).map((row) => [row.task, row])),
    to: (task) => (byTask.get(task) ?? []).filter(({ answer }) => answer !== SPECIAL.withdrawn),
    all: () => all.filter(({ answer }) => answer !== SPECIAL.withdrawn),
  };
}

export const outcomeOfTask = (readings: Readings, stored: StoredSet, task: number): Outcome => outcomeOf(readings.to(task), stored.set.readings);

/** Whether the reader may be shown the picture and answer in this tier. The first tier is a share of the set in an order of the reader's own; gold is in it like all else. */
export function assignedTasks(stored: StoredSet, readings: Readings, { annotator, organisation }: Reader, tier: number): number[] {
  const { set, secret } = stored;
  const order = seededOrder(readerSeed(secret, annotator, tier), set.tasks.length);
  if (tier === 1) return order.slice(0, set.perReader);
  return order.filter((task) => {
    const others = readings.to(task).filter((row) => !isAddressEqual(row.annotator, annotator));
    const own = readings.to(task).filter((row) => isAddressEqual(row.annotator, annotator));
    if (own.some((row) => row.tier === tier)) return true;
    // Nobody verifies or judges a picture that they have read before.
    if (own.length > 0) return false;
    if (tier === TOP_TIER) {
      const outcome = outcomeOfTask(readings, stored, task);
      return outcome.state === "open" && outcome.tier === TOP_TIER;
    }
    // A second reader of the same house is no second opinion; in practice, and where the house is not known, it has to do.
    return others.some((row) => row.tier === 1 && (isClass(row.answer) || row.answer === SPECIAL.ungradable) && (set.practice || organisation === 0 || row.organisation !== organisation));
  });
}

export function workOf(stored: StoredSet, journal: CustodianJournal, reader: Reader, tier: number): Work {
  const readings = standingReadings(journal.rows(stored.root));
  const withheld = journal.withheld(stored.root);
  const own = readings.of(reader.annotator, tier);
  const stands = (task: number): boolean => own.has(task) && own.get(task)?.answer !== SPECIAL.withdrawn;
  // What was withheld before the reader came to it is nobody's work any more.
  const tasks = assignedTasks(stored, readings, reader, tier).filter((task) => stands(task) || !withheld.has(task));
  const next = tasks.filter((task) => !stands(task)).slice(0, AHEAD);
  return {
    tier,
    done: tasks.filter(stands).length,
    total: tasks.length,
    next: next.flatMap((task) => {
      const content = stored.set.tasks[task];
      return content === undefined ? [] : [{ task, image: content.image, turn: content.turn, revision: nextRevision(own.get(task)) }];
    }),
  };
}

export const nextRevision = (last: AnswerRow | undefined): number => (last === undefined ? 0 : last.revision + 1);

/** Whether the reader may be told what would give gold away: the set is closed, or it is for practice and the reader has finished. */
export function mayBeTold(stored: StoredSet, journal: CustodianJournal, reader: Reader): boolean {
  if (stored.closedAt !== null) return true;
  if (!stored.set.practice) return false;
  const { done, total } = workOf(stored, journal, reader, 1);
  return total > 0 && done === total;
}

export function standingOf(stored: StoredSet, journal: CustodianJournal, reader: Reader): Standing {
  if (!mayBeTold(stored, journal, reader)) return { gold: null, peers: null };
  const readings = standingReadings(journal.rows(stored.root));
  const own = new Map([1, 2, 3].flatMap((tier) => [...readings.of(reader.annotator, tier)].map(([task, { answer }]) => [task, answer] as const)));
  const others = new Map([...own.keys()].map((task) => [task, readings.to(task).filter((row) => !isAddressEqual(row.annotator, reader.annotator)).map(({ answer }) => answer)]));
  const { right, wrong, abstained } = goldResult(stored.gold, own);
  const { alpha, units } = krippendorffAlpha(stored.set.tasks.map((_, task) => readings.to(task).map(({ answer }) => answer)));
  return { gold: { right, wrong, abstained }, peers: { ...peerPairs(own, others), alphaPpm: alpha === null ? null : ppm(alpha), units } };
}
