import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { getAddress, type Address, type Hex } from "viem";

/** What was paid for. @param key Names the action: the same action is paid once. */
export interface Action {
  readonly key: string;
  readonly organisation: number;
  readonly account: Address;
}

/** A transaction that may still be waiting for a block. `price` is what it bids a unit of gas. */
export interface Attempt {
  readonly key: string;
  readonly account: Address;
  readonly nonce: number;
  readonly hash: Hex;
  readonly raw: Hex;
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
  readonly price: bigint;
  readonly tip: bigint;
  /** Seconds. */
  readonly sentAt: number;
}

/** What a relay spent and what is under way, on disk: a restart neither forgets what was spent nor sends anything twice. */
export interface RelayJournal {
  /** Everything spent or bound since then: in all, by an organisation, by an account. Wei. */
  spentSince(time: number, of?: { readonly organisation: number } | { readonly account: Address }): bigint;
  /** Before it is broadcast. What it may cost at most counts as spent until its block is known. */
  begin(action: Action, attempt: Attempt): void;
  /** The same transaction at a higher price. */
  replace(attempt: Attempt): void;
  /** What was refused in its block was paid for all the same, and may be tried again. */
  settle(key: string, hash: Hex, cost: bigint, succeeded: boolean): void;
  /** It can never be in a block: another transaction has its nonce. Nothing was spent. */
  drop(key: string): void;
  /** Transactions without a known block, by nonce. */
  pending(): readonly Attempt[];
  /** All hashes under which a transaction was broadcast. */
  hashesOf(key: string): readonly Hex[];
  /** The hash of an action that was paid for, or is under way. */
  hashOf(key: string): Hex | null;
  close(): void;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS actions (
    key TEXT PRIMARY KEY, organisation INTEGER NOT NULL, account TEXT NOT NULL, at INTEGER NOT NULL, bound TEXT NOT NULL, cost TEXT,
    nonce INTEGER NOT NULL, hash TEXT NOT NULL, raw TEXT NOT NULL, target TEXT NOT NULL, data TEXT NOT NULL, gas TEXT NOT NULL, price TEXT NOT NULL, tip TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS actions_at ON actions (at);
  CREATE TABLE IF NOT EXISTS hashes (key TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (key, hash)) STRICT;
`;

export function openRelayJournal(file: string): RelayJournal {
  if (file !== ":memory:") mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file);
  database.exec(SCHEMA);
  const statement = (sql: string) => database.prepare(sql);
  const spent = {
    all: statement("SELECT bound, cost FROM actions WHERE at > ?"),
    organisation: statement("SELECT bound, cost FROM actions WHERE at > ? AND organisation = ?"),
    account: statement("SELECT bound, cost FROM actions WHERE at > ? AND account = ?"),
  };
  const insert = statement("INSERT INTO actions VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?)");
  const reprice = statement("UPDATE actions SET at = ?, bound = ?, hash = ?, raw = ?, price = ?, tip = ? WHERE key = ?");
  const addHash = statement("INSERT OR IGNORE INTO hashes VALUES (?, ?)");
  const settled = statement("UPDATE actions SET cost = ?, hash = ?, key = ? WHERE key = ?");
  const dropped = statement("DELETE FROM actions WHERE key = ?");
  const waiting = statement("SELECT * FROM actions WHERE cost IS NULL ORDER BY nonce");
  const byKey = statement("SELECT hash FROM actions WHERE key = ?");
  const hashes = statement("SELECT hash FROM hashes WHERE key = ?");

  /** All or nothing of it is on disk. */
  const atomically = (work: () => void): void => {
    database.exec("BEGIN IMMEDIATE");
    try {
      work();
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  };

  return {
    spentSince(time, of) {
      const since = Math.floor(time);
      const rows = of === undefined ? spent.all.all(since) : "account" in of ? spent.account.all(since, of.account.toLowerCase()) : spent.organisation.all(since, of.organisation);
      return rows.reduce((sum, { bound, cost }) => sum + BigInt(String(cost ?? bound)), 0n);
    },
    begin: ({ key, organisation, account }, { nonce, hash, raw, to, data, gas, price, tip, sentAt }) =>
      atomically(() => {
        insert.run(key, organisation, account.toLowerCase(), Math.floor(sentAt), String(gas * price), nonce, hash, raw, to, data, String(gas), String(price), String(tip));
        addHash.run(key, hash);
      }),
    replace: ({ key, hash, raw, gas, price, tip, sentAt }) =>
      atomically(() => {
        reprice.run(Math.floor(sentAt), String(gas * price), hash, raw, String(price), String(tip), key);
        addHash.run(key, hash);
      }),
    settle: (key, hash, cost, succeeded) => void settled.run(String(cost), hash, succeeded ? key : `failed:${hash}`, key),
    drop: (key) => void dropped.run(key),
    pending: () => waiting.all().map(attemptOf),
    hashesOf: (key) => hashes.all(key).map(({ hash }) => String(hash) as Hex),
    hashOf: (key) => (byKey.get(key)?.["hash"] as Hex | undefined) ?? null,
    close: () => database.close(),
  };
}

function attemptOf(row: Record<string, unknown>): Attempt {
  const text = (name: string): string => String(row[name]);
  return {
    key: text("key"),
    account: getAddress(text("account")),
    nonce: Number(row["nonce"]),
    hash: text("hash") as Hex,
    raw: text("raw") as Hex,
    to: getAddress(text("target")),
    data: text("data") as Hex,
    gas: BigInt(text("gas")),
    price: BigInt(text("price")),
    tip: BigInt(text("tip")),
    sentAt: Number(row["at"]),
  };
}
