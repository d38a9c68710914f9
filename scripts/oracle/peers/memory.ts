/** What a service remembers of its peers, on disk: the requests that it has taken, and whose bundles it fetched. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Address, Hex } from "viem";

export interface PeerMemory {
  /** @returns Whether the nonce was new. @param until Seconds: after that its request is too old anyway, and the nonce is forgotten. */
  takeNonce(from: Address, nonce: Hex, until: number, now: number): boolean;
  noteFetched(bundle: Hex, from: Address): void;
  /** Bundles that were fetched from a peer. */
  fetchedFrom(from: Address): readonly Hex[];
  forgetFetched(bundle: Hex): void;
  close(): void;
}

// NORMAL: what was written survives the end of the process. That a loss of power takes the last of it is no harm: a request that is taken twice has one effect.
const SCHEMA = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS nonces (sender TEXT NOT NULL, nonce TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (sender, nonce)) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS nonces_until ON nonces (until);
  CREATE TABLE IF NOT EXISTS fetched (bundle TEXT PRIMARY KEY, peer TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

export function openPeerMemory(file: string): PeerMemory {
  if (file !== ":memory:") mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file);
  database.exec(SCHEMA);
  const forget = database.prepare("DELETE FROM nonces WHERE until < ?");
  const take = database.prepare("INSERT INTO nonces (sender, nonce, until) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const note = database.prepare("INSERT INTO fetched (bundle, peer) VALUES (?, ?) ON CONFLICT DO NOTHING");
  const from = database.prepare("SELECT bundle FROM fetched WHERE peer = ?");
  const drop = database.prepare("DELETE FROM fetched WHERE bundle = ?");
  return {
    takeNonce(sender, nonce, until, now) {
      forget.run(Math.floor(now));
      return take.run(sender, nonce, Math.ceil(until)).changes === 1;
    },
    noteFetched: (bundle, peer) => void note.run(bundle, peer),
    fetchedFrom: (peer) => from.all(peer).map((row) => row["bundle"] as Hex),
    forgetFetched: (bundle) => void drop.run(bundle),
    close: () => database.close(),
  };
}
