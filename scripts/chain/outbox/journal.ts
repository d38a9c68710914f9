import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { getAddress, type Address, type Hex } from "viem";
import { ChongwenError } from "../../../protocol/errors.ts";
import type { Attempt, Inclusion } from "./attempt.ts";

/** Everything a key has signed, on disk before anybody else sees it. While it is open, nobody else can open it: one writer for one key. */
export interface OutboxJournal {
  /** Before its broadcast; also for a replacement, which has the nonce of what it replaces. */
  record(attempt: Attempt): void;
  /** Its nonce got into a block. Another block after a reorganisation overwrites it. */
  include(nonce: number, inclusion: Inclusion): void;
  /** A reorganisation took its block away. */
  release(nonce: number): void;
  /** Nothing can undo it any more. */
  settle(nonce: number): void;
  /** Somebody else's transaction took the nonce, finally. */
  forfeit(nonce: number): void;
  /** The latest attempt at each nonce that is not settled, by nonce. */
  open(): readonly OpenAttempt[];
  /** Every attempt at a nonce, oldest first. */
  attemptsAt(nonce: number): readonly Attempt[];
  /** The block that has a nonce's transaction, settled or not. */
  inclusionAt(nonce: number): Inclusion | null;
  /** One more than any nonce that was ever used and not forfeited; 0 when there is none. */
  nextNonce(): number;
  close(): void;
}

export interface OpenAttempt extends Attempt {
  readonly inclusion: Inclusion | null;
}

const SCHEMA = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  BEGIN EXCLUSIVE;
  CREATE TABLE IF NOT EXISTS owner (chain INTEGER NOT NULL, account TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS nonces (nonce INTEGER PRIMARY KEY, state TEXT NOT NULL, hash TEXT, block TEXT, block_hash TEXT, succeeded INTEGER) STRICT;
  CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY, nonce INTEGER NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, raw TEXT NOT NULL, target TEXT NOT NULL, data TEXT NOT NULL,
    gas TEXT NOT NULL, price TEXT NOT NULL, tip TEXT NOT NULL, at REAL NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS attempts_nonce ON attempts (nonce);
  COMMIT;
`;

/** @throws outbox-busy: another process sends with this key; outbox-foreign: the file is of another key or chain */
export function openOutboxJournal(file: string, owner: { readonly chainId: number; readonly account: Address }): OutboxJournal {
  if (file !== ":memory:") mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec(SCHEMA);
    requireOwner(database, file, owner);
  } catch (error) {
    database.close();
    throw isBusy(error) ? busy(file, owner.account, error) : error;
  }

  const statement = (sql: string) => database.prepare(sql);
  const insert = statement("INSERT INTO attempts (nonce, key, hash, raw, target, data, gas, price, tip, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const occupy = statement("INSERT INTO nonces (nonce, state) VALUES (?, 'open') ON CONFLICT (nonce) DO UPDATE SET state = 'open' WHERE state = 'forfeited'");
  const including = statement("UPDATE nonces SET hash = ?, block = ?, block_hash = ?, succeeded = ? WHERE nonce = ?");
  const releasing = statement("UPDATE nonces SET hash = NULL, block = NULL, block_hash = NULL, succeeded = NULL WHERE nonce = ?");
  const setState = statement("UPDATE nonces SET state = ? WHERE nonce = ?");
  const openRows = statement(`
    SELECT attempts.*, nonces.hash AS taken, block, block_hash, succeeded FROM nonces JOIN attempts ON attempts.nonce = nonces.nonce
    WHERE state = 'open' AND attempts.id = (SELECT MAX(id) FROM attempts WHERE nonce = nonces.nonce) ORDER BY nonces.nonce`);
  const atNonce = statement("SELECT * FROM attempts WHERE nonce = ? ORDER BY id");
  const taken = statement("SELECT hash AS taken, block, block_hash, succeeded FROM nonces WHERE nonce = ?");
  const last = statement("SELECT MAX(nonce) AS nonce FROM nonces WHERE state <> 'forfeited'");

  return {
    record({ nonce, key, hash, raw, to, data, gas, price, tip, sentAt }) {
      database.exec("BEGIN IMMEDIATE");
      try {
        occupy.run(nonce);
        insert.run(nonce, key, hash, raw, to, data, String(gas), String(price), String(tip), sentAt);
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    include: (nonce, { hash, blockNumber, blockHash, succeeded }) => void including.run(hash, String(blockNumber), blockHash, succeeded ? 1 : 0, nonce),
    release: (nonce) => void releasing.run(nonce),
    settle: (nonce) => void setState.run("settled", nonce),
    forfeit: (nonce) => void setState.run("forfeited", nonce),
    open: () => openRows.all().map((row) => ({ ...attemptOf(row), inclusion: inclusionOf(row) })),
    attemptsAt: (nonce) => atNonce.all(nonce).map(attemptOf),
    inclusionAt(nonce) {
      const row = taken.get(nonce);
      return row === undefined ? null : inclusionOf(row);
    },
    nextNonce: () => Number(last.get()?.["nonce"] ?? -1) + 1,
    close: () => database.close(),
  };
}

function requireOwner(database: DatabaseSync, file: string, { chainId, account }: { readonly chainId: number; readonly account: Address }): void {
  const known = database.prepare("SELECT chain, account FROM owner").get();
  if (known === undefined) {
    database.prepare("INSERT INTO owner VALUES (?, ?)").run(chainId, account);
  } else if (known["chain"] !== chainId || known["account"] !== account) {
    throw new ChongwenError({
      code: "outbox-foreign",
      message: `${file} holds what ${String(known["account"])} sent on chain ${String(known["chain"])}, not ${account} on chain ${chainId}.`,
      fix: "Give each key on each chain a folder of its own.",
    });
  }
}

function busy(file: string, account: Address, cause: unknown): ChongwenError {
  return new ChongwenError({
    code: "outbox-busy",
    message: `Another process sends transactions of ${account}: ${file} is locked.`,
    fix: "Stop the other one. Two senders with one key take one another's nonces.",
    retryable: true,
    cause,
  });
}

const isBusy = (error: unknown): boolean => error instanceof Error && /database is locked|SQLITE_BUSY/i.test(error.message);

function attemptOf(row: Record<string, unknown>): Attempt {
  const text = (name: string): string => String(row[name]);
  return {
    key: text("key"),
    to: getAddress(text("target")),
    data: text("data") as Hex,
    gas: BigInt(text("gas")),
    price: BigInt(text("price")),
    tip: BigInt(text("tip")),
    nonce: Number(row["nonce"]),
    hash: text("hash") as Hex,
    raw: text("raw") as Hex,
    sentAt: Number(row["at"]),
  };
}

function inclusionOf(row: Record<string, unknown>): Inclusion | null {
  if (row["taken"] === null) return null;
  return { hash: String(row["taken"]) as Hex, blockNumber: BigInt(String(row["block"])), blockHash: String(row["block_hash"]) as Hex, succeeded: row["succeeded"] === 1 };
}
