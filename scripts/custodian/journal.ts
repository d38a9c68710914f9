import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Address, Hex } from "viem";
import {
  delegationSchema, goldSchema, readTaskSet, recordSchema, taskSetText, toWire, type AnswerRecord, type Delegation, type Gold, type Note, type TaskSet,
} from "../../protocol/annotation/index.ts";
import { Refused } from "../service/refusal.ts";

/** A task set as its custodian keeps it. @param secret Seeds the readers' orders. @param closing Null while it is open. */
export interface StoredSet {
  readonly root: Hex;
  readonly set: TaskSet;
  readonly gold: Gold;
  readonly secret: Hex;
  readonly closedAt: number | null;
}

/** One answer, without what only a receipt needs. */
export interface AnswerRow {
  /** Its place among all answers: ascending. */
  readonly at: number;
  /** Lower case. */
  readonly annotator: Address;
  readonly organisation: number;
  readonly task: number;
  readonly tier: number;
  readonly revision: number;
  readonly answer: number;
  /** Unix seconds. */
  readonly received: number;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  CREATE TABLE IF NOT EXISTS sets (root TEXT PRIMARY KEY, content TEXT NOT NULL, gold TEXT NOT NULL, secret TEXT NOT NULL, closed INTEGER) STRICT;
  CREATE TABLE IF NOT EXISTS delegations (
    root TEXT NOT NULL REFERENCES sets, annotator TEXT NOT NULL, session TEXT NOT NULL, expiry INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (root, annotator, session)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS answers (
    root TEXT NOT NULL REFERENCES sets, annotator TEXT NOT NULL, sequence INTEGER NOT NULL, organisation INTEGER NOT NULL, task INTEGER NOT NULL, tier INTEGER NOT NULL,
    revision INTEGER NOT NULL, answer INTEGER NOT NULL, digest TEXT NOT NULL UNIQUE, record TEXT NOT NULL, note TEXT,
    PRIMARY KEY (root, annotator, sequence), UNIQUE (root, annotator, tier, task, revision)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS withheld (root TEXT NOT NULL REFERENCES sets, task INTEGER NOT NULL, PRIMARY KEY (root, task)) STRICT;
  CREATE TABLE IF NOT EXISTS pointed (root TEXT NOT NULL REFERENCES sets, federation INTEGER NOT NULL, settlement INTEGER NOT NULL, PRIMARY KEY (root)) STRICT;
`;

/** The columns' types are the database's own (STRICT). */
const rowOf = (row: Record<string, unknown>): AnswerRow => ({
  at: Number(row["at"]), annotator: String(row["annotator"]) as Address, organisation: Number(row["organisation"]), task: Number(row["task"]), tier: Number(row["tier"]),
  revision: Number(row["revision"]), answer: Number(row["answer"]), received: Number(row["received"]),
});

/** Everything that must outlast the process. An answer and its receipt are written together, flushed, before anyone hears of them. */
export type CustodianJournal = ReturnType<typeof openJournal>;

export function openJournal(file: string) {
  if (file !== ":memory:") mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file);
  database.exec(SCHEMA);
  const query = {
    roots: database.prepare("SELECT root, closed FROM sets ORDER BY rowid"),
    set: database.prepare("SELECT content, gold, secret FROM sets WHERE root = ?"),
    addSet: database.prepare("INSERT INTO sets VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING"),
    open: database.prepare("SELECT 1 FROM sets WHERE root = ? AND closed IS NULL"),
    close: database.prepare("UPDATE sets SET closed = ? WHERE root = ? AND closed IS NULL"),
    delegate: database.prepare("INSERT INTO delegations VALUES (?, ?, ?, ?, ?) ON CONFLICT (root, annotator, session) DO UPDATE SET expiry = excluded.expiry, content = excluded.content WHERE excluded.expiry > expiry"),
    delegation: database.prepare("SELECT expiry FROM delegations WHERE root = ? AND annotator = ? AND session = ?"),
    delegations: database.prepare("SELECT content FROM delegations WHERE root = ? AND annotator = ? ORDER BY rowid"),
    countDelegations: database.prepare("SELECT count(*) AS count FROM delegations WHERE root = ? AND annotator = ?"),
    record: database.prepare("SELECT record FROM answers WHERE digest = ?"),
    records: database.prepare("SELECT record FROM answers WHERE root = ? AND annotator = ? ORDER BY sequence"),
    last: database.prepare("SELECT record FROM answers WHERE root = ? AND annotator = ? ORDER BY sequence DESC LIMIT 1"),
    // "+": by row number, so that a look at what is new costs no more than that.
    rows: database.prepare("SELECT rowid AS at, annotator, organisation, task, tier, revision, answer, json_extract(record, '$.receipt.receivedAt') AS received FROM answers WHERE +root = ? AND rowid > ? ORDER BY rowid"),
    annotators: database.prepare("SELECT DISTINCT annotator FROM answers WHERE root = ? ORDER BY annotator"),
    insert: database.prepare("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    withhold: database.prepare("INSERT INTO withheld VALUES (?, ?) ON CONFLICT DO NOTHING"),
    release: database.prepare("DELETE FROM withheld WHERE root = ? AND task = ?"),
    withheld: database.prepare("SELECT task FROM withheld WHERE root = ? ORDER BY task"),
    point: database.prepare("INSERT INTO pointed VALUES (?, ?, ?) ON CONFLICT DO NOTHING"),
    repoint: database.prepare("UPDATE pointed SET settlement = ? WHERE root = ? AND federation = ? AND settlement = ?"),
    pointed: database.prepare("SELECT federation, settlement FROM pointed WHERE root = ?"),
    notes: database.prepare("SELECT task, answer, note FROM answers WHERE root = ? AND note IS NOT NULL ORDER BY rowid"),
  };
  const recordOf = (row: Record<string, unknown> | undefined): AnswerRecord | null => (row === undefined ? null : recordSchema.parse(JSON.parse(String(row["record"]))));
  /** A set never changes but for being closed, and can be large: it is read once. */
  const contents = new Map<Hex, Omit<StoredSet, "closedAt">>();
  const contentOf = (root: Hex): Omit<StoredSet, "closedAt"> => {
    const known = contents.get(root);
    if (known !== undefined) return known;
    const row = query.set.get(root);
    const content = {
      root,
      set: readTaskSet(JSON.parse(String(row?.["content"]))),
      gold: goldSchema.parse(JSON.parse(String(row?.["gold"]))),
      secret: String(row?.["secret"]) as Hex,
    };
    contents.set(root, content);
    return content;
  };

  return {
    sets: (): StoredSet[] => query.roots.all().map((row) => ({ ...contentOf(String(row["root"]) as Hex), closedAt: row["closed"] === null ? null : Number(row["closed"]) })),
    addSet: ({ root, set, gold, secret }: Omit<StoredSet, "closedAt">): void => void query.addSet.run(root, taskSetText(set), toWire(gold), secret),
    closeSet: (root: Hex, at: number): void => void query.close.run(at, root),

    delegate({ session, signature }: Delegation): void {
      query.delegate.run(session.taskSet, session.annotator.toLowerCase(), session.sessionKey.toLowerCase(), session.expiry, toWire({ session, signature }));
    },
    /** Until when the key may sign, or null. */
    expiryOf: (root: Hex, annotator: Address, session: Address): number | null => {
      const row = query.delegation.get(root, annotator.toLowerCase(), session.toLowerCase());
      return row === undefined ? null : Number(row["expiry"]);
    },
    delegationsOf: (root: Hex, annotator: Address): Delegation[] => query.delegations.all(root, annotator.toLowerCase()).map((row) => delegationSchema.parse(JSON.parse(String(row["content"])))),
    countDelegations: (root: Hex, annotator: Address): number => Number(query.countDelegations.get(root, annotator.toLowerCase())?.["count"] ?? 0),

    recordOf: (digest: Hex): AnswerRecord | null => recordOf(query.record.get(digest)),
    recordsOf: (root: Hex, annotator: Address): AnswerRecord[] => query.records.all(root, annotator.toLowerCase()).flatMap((row) => recordOf(row) ?? []),
    lastOf: (root: Hex, annotator: Address): AnswerRecord | null => recordOf(query.last.get(root, annotator.toLowerCase())),
    annotatorsOf: (root: Hex): Address[] => query.annotators.all(root).map((row) => String(row["annotator"]) as Address),
    /** Answers in the order in which they came, after that place; addresses in lower case. */
    rows: (root: Hex, after = 0): AnswerRow[] => query.rows.all(root, after).map(rowOf),

    /** One transaction: the answer, its receipt, its note, and the withholding that follows from it. */
    add(record: AnswerRecord, organisation: number, note: Note | null, withhold: boolean): void {
      const { answer, receipt } = record;
      database.exec("BEGIN IMMEDIATE");
      try {
        // Another process may have closed the set since the answer was checked.
        if (query.open.get(answer.taskSet) === undefined) throw new Refused("set-closed", "The task set is closed.");
        query.insert.run(
          answer.taskSet, answer.annotator.toLowerCase(), receipt.sequence, organisation, answer.task, answer.tier, answer.revision, answer.answer, receipt.answerHash,
          toWire(record), note === null ? null : toWire(note),
        );
        if (withhold) query.withhold.run(answer.taskSet, answer.task);
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    withheld: (root: Hex): ReadonlySet<number> => new Set(query.withheld.all(root).map((row) => Number(row["task"]))),
    release: (root: Hex, task: number): boolean => query.release.run(root, task).changes === 1,
    /** For which settlement points of the set are signed: the first one named. @param missed A settlement that went without them, in whose place this one comes. */
    pointFor(root: Hex, federation: number, settlement: number, missed: number | null = null): { federation: number; settlement: number } {
      if (missed !== null) query.repoint.run(settlement, root, federation, missed);
      query.point.run(root, federation, settlement);
      const row = query.pointed.get(root);
      return { federation: Number(row?.["federation"]), settlement: Number(row?.["settlement"]) };
    },
    notes: (root: Hex): { task: number; answer: number; text: string }[] =>
      query.notes.all(root).map((row) => ({ task: Number(row["task"]), answer: Number(row["answer"]), text: String((JSON.parse(String(row["note"])) as { text?: unknown }).text ?? "") })),
    close: (): void => database.close(),
  };
}
