"""Tables of the journal."""

from __future__ import annotations

VERSION = 1

SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS about (
  one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, identity TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS signed (
  id INTEGER PRIMARY KEY,
  chain_id INTEGER NOT NULL, ledger TEXT NOT NULL, federation INTEGER NOT NULL,
  seat INTEGER NOT NULL, round INTEGER NOT NULL, parent BLOB NOT NULL, config BLOB NOT NULL,
  root BLOB NOT NULL, norm_sq TEXT NOT NULL, trace BLOB NOT NULL,
  rho INTEGER NOT NULL CHECK (rho >= 0),
  dataset TEXT NOT NULL, app TEXT NOT NULL, signature BLOB NOT NULL, at INTEGER NOT NULL,
  UNIQUE (chain_id, ledger, federation, seat, round, parent, config)
) STRICT;
CREATE INDEX IF NOT EXISTS spent ON signed (dataset, rho);
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, fix TEXT NOT NULL,
  federation INTEGER NOT NULL, round INTEGER NOT NULL, seat INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, times INTEGER NOT NULL,
  UNIQUE (kind, code, message, federation, round, seat)
) STRICT;
COMMIT;
"""
"""``signed``: kept for ever. ``events``: −1 stands for "not known"."""
