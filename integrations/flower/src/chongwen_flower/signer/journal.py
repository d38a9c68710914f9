"""What was signed, spent, refused and reported: on disk before a signature leaves.

One writer. A signature is written with what it costs in one transaction that is flushed to the disk
before the signature is given away, so a signer that is killed at any moment has either promised
nothing, or finds its promise again and repeats it.

Signatures are kept for ever. Everything that a stranger can cause without being signed for is
bounded: refusals and notes are counted when they repeat, and only the newest are kept. The file as
a whole cannot grow beyond a limit.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer.journal_schema import SCHEMA, VERSION

MAX_EVENTS = 5000
"""Refusals that are kept, and as many notes."""
MAX_PAGES = 1 << 18
"""Of 4 KiB: 1 GiB, room for some two million signatures."""


@dataclass(frozen=True)
class Statement:
    """What a signature is bound to: for each of these there is one update at most.

    The configuration belongs to it: when governance changes it while a round is open, the ledger
    wants new signatures over the same parent.
    """

    chain_id: int
    ledger: str
    federation: int
    seat: int
    round: int
    parent: bytes
    config: bytes


@dataclass(frozen=True)
class Signed:
    """A commitment as it was signed."""

    statement: Statement
    root: bytes
    norm_sq: int
    trace: bytes
    rho: int
    dataset: str
    app: str
    signature: bytes

    @property
    def commitment(self) -> tuple[bytes, int, bytes, int]:
        """What may not be two for one statement."""
        return self.root, self.norm_sq, self.trace, self.rho


@dataclass(frozen=True)
class Event:
    """Something to tell the operator: ``refused`` by this signer, or ``reported`` by the server."""

    kind: str
    code: str
    message: str
    fix: str
    federation: int | None = None
    round: int | None = None
    seat: int | None = None


class Journal:
    """The journal, open for writing.

    Parameters
    ----------
    path
        Its file.
    identity
        The journal's own name, as the policy has it. None to create one.
    """

    def __init__(self, path: Path, identity: str | None) -> None:
        if identity is not None and not path.is_file():
            raise ChongwenError(
                "journal-missing",
                f"The journal {path} is gone, and with it what was spent.",
                "Restore it. If it is lost, remove policy.json and approve everything again, with "
                "what is left of each budget.",
            )
        self.path = path
        self._lock = threading.Lock()
        with _telling():
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute(f"PRAGMA max_page_count = {MAX_PAGES}")
            if identity is None:
                self._db.executescript(SCHEMA)
                values = (VERSION, secrets.token_hex(16))
                self._db.execute("INSERT OR IGNORE INTO about VALUES (1, ?, ?)", values)
            row = self._db.execute("SELECT version, identity FROM about").fetchone()
        version: int = row[0] if row else 0
        self.identity: str = row[1] if row else ""
        if version != VERSION or identity not in (None, self.identity):
            self._db.close()
            raise ChongwenError(
                "journal-foreign",
                f"{path} is not the journal that the policy counts by.",
                "Restore the journal and the policy from the same copy.",
            )

    def close(self) -> None:
        """Close it; what was written stays."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that is inside, on disk at the end, or nothing. One at a time."""
        with self._lock, _telling():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def find(self, statement: Statement) -> Signed | None:
        """Find what was signed for a statement."""
        row = self._db.execute(
            "SELECT root, norm_sq, trace, rho, dataset, app, signature FROM signed WHERE"
            " chain_id = ? AND ledger = ? AND federation = ? AND seat = ?"
            " AND round = ? AND parent = ? AND config = ?",
            _values(statement),
        ).fetchone()
        if row is None:
            return None
        root, norm_sq, *rest = row
        return Signed(statement, root, int(norm_sq), *rest)

    def newest_round(self, statement: Statement, since: int) -> int:
        """Give the newest round signed for this seat after entry ``since``, or 0."""
        row = self._db.execute(
            "SELECT max(round) FROM signed WHERE"
            " chain_id = ? AND ledger = ? AND federation = ? AND seat = ? AND id > ?",
            (*_values(statement)[:4], since),
        ).fetchone()
        return row[0] or 0

    def took_part(self, statement: Statement) -> bool:
        """Whether anything was signed for this seat and round, on whatever parent."""
        row = self._db.execute(
            "SELECT 1 FROM signed WHERE"
            " chain_id = ? AND ledger = ? AND federation = ? AND seat = ? AND round = ?",
            _values(statement)[:5],
        ).fetchone()
        return row is not None

    def spent(self, dataset: str) -> int:
        """Sum the nano-rho spent on a dataset, over all federations."""
        query = "SELECT coalesce(sum(rho), 0) FROM signed WHERE dataset = ?"
        return int(self._db.execute(query, (dataset,)).fetchone()[0])

    def last_entry(self) -> int:
        """Give the number of the newest signature."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM signed").fetchone()[0])

    def add(self, signed: Signed) -> None:
        """Write a signature down; inside a transaction."""
        self._db.execute(
            "INSERT INTO signed (chain_id, ledger, federation, seat, round, parent, config,"
            " root, norm_sq, trace, rho, dataset, app, signature, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *_values(signed.statement),
                *(signed.root, str(signed.norm_sq), signed.trace, signed.rho),
                *(signed.dataset, signed.app, signed.signature, _now()),
            ),
        )

    def tell(self, event: Event) -> None:
        """Write an event down; one that repeats is counted, and old ones make room."""
        with self.transaction():
            row = self._db.execute(
                "INSERT INTO events (kind, code, message, fix, federation, round, seat,"
                " first, last, times) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE"
                " SET last = excluded.last, times = times + 1 RETURNING id",
                (
                    *(event.kind, event.code, event.message, event.fix),
                    *(-1 if v is None else v for v in (event.federation, event.round, event.seat)),
                    *(_now(), _now()),
                ),
            ).fetchone()
            self._db.execute(
                "DELETE FROM events WHERE kind = ? AND id <= ? - ?",
                (event.kind, row[0], MAX_EVENTS),
            )


@contextmanager
def _telling() -> Iterator[None]:
    """Say of SQLite's errors what they mean here."""
    try:
        yield
    except sqlite3.Error as cause:
        raise ChongwenError(
            "journal-failed",
            f"The journal cannot be written or read: {cause}.",
            "Make room on the disk, or restore it. Nothing is signed without it.",
        ) from cause


def _values(statement: Statement) -> tuple[int, str, int, int, int, bytes, bytes]:
    return (
        *(statement.chain_id, statement.ledger, statement.federation, statement.seat),
        *(statement.round, statement.parent, statement.config),
    )


def _now() -> int:
    """Seconds, for people who read the log. Nothing is decided by them."""
    return int(time.time())
