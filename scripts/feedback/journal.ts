import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Address, Hex } from "viem";
import { sentSchema, type FeedbackSent, type FeedbackSubmission } from "../../protocol/feedback/index.ts";
import { toWire } from "../../protocol/annotation/index.ts";

export interface FeedbackRow extends FeedbackSubmission {
  readonly sent: FeedbackSent;
  /** Whether the account was a contributor's or held a library card: settlements may weigh it. */
  readonly member: boolean;
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
    close: () => database.close(),
  };
}
