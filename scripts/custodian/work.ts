import type { Address } from "viem";
import {
  goldResult, isClass, krippendorffAlpha, outcomeOf, peerPairs, ppm, readerSeed, seededOrder, SPECIAL, TOP_TIER, type Outcome, type Standing, type Work,
} from "../../protocol/annotation/index.ts";
import type { AnswerRow, CustodianJournal, StoredSet } from "./journal.ts";
import { termsOf } from "./points.ts";

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

interface GrowingReadings extends Readings {
  add(row: AnswerRow): void;
}

function createReadings(): GrowingReadings {
  const byTask = new Map<number, Map<string, AnswerRow>>();
  const byReader = new Map<string, Map<number, AnswerRow>>();
  const stands = ({ answer }: AnswerRow): boolean => answer !== SPECIAL.withdrawn;
  const inner = <Key, Inner>(map: Map<Key, Inner>, key: Key, fresh: () => Inner): Inner => {
    const known = map.get(key) ?? fresh();
    map.set(key, known);
    return known;
  };
  return {
    add(row) {
      const reader = `${row.annotator}/${row.tier}`;
      inner(byTask, row.task, () => new Map<string, AnswerRow>()).set(reader, row);
      inner(byReader, reader, () => new Map<number, AnswerRow>()).set(row.task, row);
    },
    of: (annotator, tier) => byReader.get(`${annotator.toLowerCase()}/${tier}`) ?? new Map(),
    to: (task) => [...(byTask.get(task)?.values() ?? [])].filter(stands),
    all: () => [...byTask.values()].flatMap((readers) => [...readers.values()]).filter(stands),
  };
}

export function standingReadings(rows: readonly AnswerRow[]): Readings {
  const readings = createReadings();
  for (const row of rows) readings.add(row);
  return readings;
}

const indexes = new WeakMap<CustodianJournal, Map<string, { readings: GrowingReadings; last: number }>>();

/** What stands now. Answers are only ever added, also by other processes: each is read once. */
export function readingsOf(journal: CustodianJournal, { root }: StoredSet): Readings {
  const sets = indexes.get(journal) ?? new Map<string, { readings: GrowingReadings; last: number }>();
  indexes.set(journal, sets);
  const index = sets.get(root) ?? { readings: createReadings(), last: 0 };
  sets.set(root, index);
  for (const row of journal.rows(root, index.last)) {
    index.readings.add(row);
    index.last = row.at;
  }
  return index.readings;
}

const MOST_ORDERS = 500;
const orders = new Map<string, readonly number[]>();

function orderOf({ secret, set }: StoredSet, annotator: Address, tier: number): readonly number[] {
  const seed = readerSeed(secret, annotator, tier);
  const key = `${seed}/${set.tasks.length}`;
  const order = orders.get(key) ?? seededOrder(seed, set.tasks.length);
  orders.set(key, order);
  const [oldest] = orders.keys();
  if (orders.size > MOST_ORDERS && oldest !== undefined) orders.delete(oldest);
  return order;
}

export const outcomeOfTask = (readings: Readings, stored: StoredSet, task: number): Outcome => outcomeOf(readings.to(task), stored.set.readings);

/** Whether the reader may be shown the picture and answer in this tier. The first tier is a share of the set in an order of the reader's own; gold is in it like all else. */
export function assignedTasks(stored: StoredSet, readings: Readings, reader: Reader, tier: number): number[] {
  const { set } = stored;
  const order = orderOf(stored, reader.annotator, tier);
  return tier === 1 ? order.slice(0, set.perReader) : order.filter((task) => mayJudge(stored, readings, reader, tier, task));
}

/** As `assignedTasks`, of one picture. */
export function isAssigned(stored: StoredSet, readings: Readings, reader: Reader, tier: number, task: number): boolean {
  if (tier > 1) return task < stored.set.tasks.length && mayJudge(stored, readings, reader, tier, task);
  const place = orderOf(stored, reader.annotator, tier).indexOf(task);
  return place >= 0 && place < stored.set.perReader;
}

function mayJudge(stored: StoredSet, readings: Readings, { annotator, organisation }: Reader, tier: number, task: number): boolean {
  const self = annotator.toLowerCase();
  const all = readings.to(task);
  const own = all.filter((row) => row.annotator === self);
  if (own.some((row) => row.tier === tier)) return true;
  // Nobody verifies or judges a picture that they have read before.
  if (own.length > 0) return false;
  if (tier === TOP_TIER) {
    const outcome = outcomeOf(all, stored.set.readings);
    return outcome.state === "open" && outcome.tier === TOP_TIER;
  }
  // A second reader of the same house is no second opinion; in practice, and where the house is not known, it has to do.
  const isOther = (row: AnswerRow): boolean => stored.set.practice || organisation === 0 || row.organisation !== organisation;
  return all.some((row) => row.tier === 1 && (isClass(row.answer) || row.answer === SPECIAL.ungradable) && isOther(row));
}

export function workOf(stored: StoredSet, journal: CustodianJournal, reader: Reader, tier: number): Work {
  const readings = readingsOf(journal, stored);
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
  if (!mayBeTold(stored, journal, reader)) return { gold: null, peers: null, terms: null };
  const readings = readingsOf(journal, stored);
  const own = new Map([1, 2, 3].flatMap((tier) => [...readings.of(reader.annotator, tier)].map(([task, { answer }]) => [task, answer] as const)));
  const others = new Map([...own.keys()].map((task) => [task, readings.to(task).filter((row) => row.annotator !== reader.annotator.toLowerCase()).map(({ answer }) => answer)]));
  const { right, wrong, abstained } = goldResult(stored.gold, own);
  const { alpha, units } = krippendorffAlpha(stored.set.tasks.map((_, task) => readings.to(task).map(({ answer }) => answer)));
  return { gold: { right, wrong, abstained }, peers: { ...peerPairs(own, others), alphaPpm: alpha === null ? null : ppm(alpha), units }, terms: termsOf(stored, journal, reader.annotator) };
}
