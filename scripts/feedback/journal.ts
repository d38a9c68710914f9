import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Address, Hex } from "viem";
import { sendSchema, sentSchema, type FeedbackSent, type FeedbackSubmission } from "../../protocol/feedback/index.ts";
import { toWire } from "../../protocol/annotation/index.ts";

export interface FeedbackRow extends FeedbackSubmission {
  readonly sent: FeedbackSent;
  /** Whether the account was a contributor's or held a library card: settlements may weigh it. */
  readonly member: boolean;
}

/** One statement as it counts for pay. */
export interface FeedbackStatement {
  readonly digest: Hex;
  readonly user: Address;
  readonly modelRoot: Hex;
  readonly inputHash: Hex;
  readonly verdict: number;
  readonly receivedAt: number;
  /** The settlement for which it counts; null when it waits for one. */
  readonly settlement: number | null;
}

/** What users said, and the receipts they have for it. */
export interface FeedbackJournal {
  /** The receipt for exactly this statement, or null. */
  receiptOf(feedbackHash: Hex): FeedbackSent | null;
  /** Whether the account has said anything of this input already. */
  knows(user: Address, federation: number, round: number, inputHash: Hex): boolean;
  lastOf(user: Address): FeedbackSent | null;
  /** Statements received since then. */
  countSince(time: number, user: Address | null): number;
  /** @throws when the input is known: one verdict an input and account */
  add(row: FeedbackRow): void;
  /** Statements by verdict. */
  counts(federation: number, round: number): ReadonlyMap<number, number>;
  /** All statements on a federation's models, in the order of their receipts. */
  statements(federation: number): FeedbackStatement[];
  /** Lets what waits count for a settlement, unless points of it were asked for before: they stay what they were. @param missed A settlement that went without its points: they count for this one. */
  assign(federation: number, settlement: number, missed?: number | null): void;
  close(): void;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS feedback (
    digest TEXT PRIMARY KEY, user TEXT NOT NULL, federation INTEGER NOT NULL, round INTEGER NOT NULL, input TEXT NOT NULL, verdict INTEGER NOT NULL,
    received INTEGER NOT NULL, sequence INTEGER NOT NULL, member INTEGER NOT NULL, submission TEXT NOT NULL, sent TEXT NOT NULL,
    UNIQUE (user, federation, round, input), UNIQUE (user, sequence)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS counted (digest TEXT PRIMARY KEY REFERENCES feedback, federation INTEGER NOT NULL, settlement INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS asked (federation INTEGER NOT NULL, settlement INTEGER NOT NULL, PRIMARY KEY (federation, settlement)) STRICT;
  CREATE INDEX IF NOT EXISTS feedback_received ON feedback (received);
  CREATE INDEX IF NOT EXISTS feedback_model ON feedback (federation, round, verdict);
`;

export function openFeedbackJournal(file: string): FeedbackJournal {
  if (file !== ":memory:") mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file);
  database.exec(SCHEMA);
  const sent = (row: Record<string, unknown> | undefined): FeedbackSent | null => (row === undefined ? null : sentSchema.parse(JSON.parse(String(row["sent"]))));
  const number = (row: Record<string, unknown> | undefined): number => Number(row?.["count"] ?? 0);
  const find = database.prepare("SELECT sent FROM feedback WHERE digest = ?");
  const known = database.prepare("SELECT count(*) AS count FROM feedback WHERE user = ? AND federation = ? AND round = ? AND input = ?");
  const last = database.prepare("SELECT sent FROM feedback WHERE user = ? ORDER BY sequence DESC LIMIT 1");
  const since = database.prepare("SELECT count(*) AS count FROM feedback WHERE received > ?");
  const sinceOf = database.prepare("SELECT count(*) AS count FROM feedback WHERE received > ? AND user = ?");
  const insert = database.prepare("INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const counts = database.prepare("SELECT verdict, count(*) AS count FROM feedback WHERE federation = ? AND round = ? GROUP BY verdict");
  const statements = database.prepare(
    "SELECT f.digest, f.user, f.input, f.verdict, f.received, f.submission, c.settlement FROM feedback f LEFT JOIN counted c ON c.digest = f.digest WHERE f.federation = ? ORDER BY f.rowid",
  );
  const ask = database.prepare("INSERT INTO asked VALUES (?, ?) ON CONFLICT DO NOTHING");
  const reassign = database.prepare("UPDATE counted SET settlement = ? WHERE federation = ? AND settlement = ?");
  const assign = database.prepare("INSERT INTO counted SELECT digest, federation, ? FROM feedback WHERE federation = ? AND digest NOT IN (SELECT digest FROM counted)");
  return {
    receiptOf: (digest) => sent(find.get(digest)),
    knows: (user, federation, round, input) => number(known.get(user.toLowerCase(), federation, round, input)) > 0,
    lastOf: (user) => sent(last.get(user.toLowerCase())),
    countSince: (time, user) => number(user === null ? since.get(time) : sinceOf.get(time, user.toLowerCase())),
    add({ feedback, text, signature, sent: { receipt, signature: receiptSignature }, member }) {
      insert.run(
        receipt.feedbackHash, feedback.user.toLowerCase(), feedback.federation, feedback.round, feedback.inputHash, feedback.verdict, receipt.receivedAt, receipt.sequence,
        member ? 1 : 0, toWire({ feedback, text, signature }), toWire({ receipt, signature: receiptSignature }),
      );
    },
    counts: (federation, round) => new Map(counts.all(federation, round).map((row) => [Number(row["verdict"]), Number(row["count"])])),
    statements: (federation) =>
      statements.all(federation).map((row) => ({
        digest: String(row["digest"]) as Hex, user: String(row["user"]) as Address, modelRoot: sendSchema.parse(JSON.parse(String(row["submission"]))).feedback.modelRoot,
        inputHash: String(row["input"]) as Hex, verdict: Number(row["verdict"]), receivedAt: Number(row["received"]), settlement: row["settlement"] === null ? null : Number(row["settlement"]),
      })),
    assign(federation, settlement, missed = null) {
      database.exec("BEGIN IMMEDIATE");
      try {
        if (missed !== null) reassign.run(settlement, federation, missed);
        if (ask.run(federation, settlement).changes === 1) assign.run(settlement, federation);
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
}
