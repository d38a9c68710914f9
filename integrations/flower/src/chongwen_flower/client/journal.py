"""What the hospital's operator should read: into the app's log now, to the signer's journal once.

A ClientApp lives for one message. What the signer could not take down, and what it was told
before, is kept in ``context.state``, which Flower keeps per run and node.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from logging import WARNING
from typing import Any

from flwr.app import ConfigRecord, Context
from flwr.supercore import log

from chongwen_flower.client.request import Note, plain
from chongwen_flower.client.site import Site
from chongwen_flower.errors import ChongwenError

STATE = "chongwen-ledger"
MOST_KEPT = 50


class Journal:
    """Tells, and remembers what it told.

    Parameters
    ----------
    context
        Of the message; its state holds what is yet to be told.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting: list[dict[str, Any]] = self._read("waiting")
        self._told: list[str] = self._read("told")

    def server_says(self, federation: int, notes: Iterable[Note]) -> None:
        """Log the server's notes of earlier exclusions, each one once."""
        for note in notes:
            if not self._first_time(federation, note.round, note.code):
                continue
            problem = ChongwenError(note.code, note.message, note.fix)
            log(
                WARNING,
                "Ledger: the server left this node out of round %d: %s [%s] %s",
                note.round,
                note.message,
                note.code,
                note.fix,
            )
            self._wait(federation, note.round, problem)

    def refused(
        self, federation: int, round_number: int, problem: ChongwenError, *, by_signer: bool
    ) -> None:
        """Log a refusal; the signer journals its own, so only others wait to be told."""
        log(
            WARNING,
            "Ledger: this node takes no part in round %d: %s [%s] %s",
            round_number,
            plain(problem.message),
            plain(problem.code),
            plain(problem.fix),
        )
        # The server will say the same of this round; the operator has read it then.
        self._first_time(federation, round_number, problem.code)
        if not by_signer:
            self._wait(federation, round_number, problem)

    def deliver(self, site: Site | None) -> None:
        """Hand what waits to the signer; keep what it does not take. Never raises."""
        while self._waiting and site is not None:
            entry = self._waiting[0]
            problem = ChongwenError(entry["code"], entry["message"], entry["fix"])
            try:
                site.note(entry["federation"], entry["round"], problem)
            except ChongwenError as failure:
                log(WARNING, "Ledger: the signer's journal was not reached: %s", failure.message)
                if failure.retryable:
                    break
            self._waiting = self._waiting[1:]
        self._write()

    def _first_time(self, federation: int, round_number: int, code: str) -> bool:
        key = f"{federation}/{round_number}/{plain(code)}"
        if key in self._told:
            return False
        self._told = [*self._told, key][-MOST_KEPT:]
        return True

    def _wait(self, federation: int, round_number: int, problem: ChongwenError) -> None:
        entry = {
            "federation": federation,
            "round": round_number,
            "code": plain(problem.code),
            "message": plain(problem.message),
            "fix": plain(problem.fix),
        }
        self._waiting = [*self._waiting, entry][-MOST_KEPT:]

    def _read(self, name: str) -> list[Any]:
        record = self._context.state.get(STATE)
        text = record.get(name) if isinstance(record, ConfigRecord) else None
        try:
            kept = json.loads(text) if isinstance(text, str) else []
        except ValueError:  # The app can write here too.
            return []
        return kept if isinstance(kept, list) else []

    def _write(self) -> None:
        self._context.state[STATE] = ConfigRecord(
            {"waiting": json.dumps(self._waiting), "told": json.dumps(self._told)}
        )
