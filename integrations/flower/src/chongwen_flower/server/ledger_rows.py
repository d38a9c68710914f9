"""The rounds of a federation at a glance, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from logging import INFO, WARNING
from pathlib import Path
from threading import RLock

from flwr.supercore import log

from chongwen_flower.server.durable import replace_file

SUMMARY_FORMAT = "chongwen-flower-summary"
FILE = "ledger-summary.json"


@dataclass
class Row:
    """One round of the app.

    Parameters
    ----------
    server_round
        As Flower counts in this run.
    round, attempt
        Of the ledger.
    entries
        That count.
    excluded
        How many replies did not, by code.
    state
        ``none`` (too few entries, no bundle), ``pending``, or as the oracle says.
    artefact, report_hash
        Of the bundle; None without one.
    times_ms
        Training, commitment, signing: over the entries; verification: of the server.
    overhead_ppm
        Commitment, signing and verification as a share of training.
    charges
        Seat and nano-ρ of each entry that is charged.
    drift
        Between the float and the integer model, in shadow mode: largest and mean.
    """

    server_round: int
    round: int
    attempt: int
    entries: int
    excluded: dict[str, int]
    state: str
    artefact: str | None = None
    report_hash: str | None = None
    times_ms: dict[str, int] = field(default_factory=dict)
    overhead_ppm: int | None = None
    charges: list[list[int]] = field(default_factory=list)
    drift: dict[str, float] | None = None


class Rows:
    """Keeps the rows of a spool, over runs.

    Parameters
    ----------
    folder
        Of the spool.
    about
        What stands above the rows: ledger, federation, mode.
    """

    def __init__(self, folder: Path, about: Mapping[str, str | int]) -> None:
        self._path = folder / FILE
        self._about = dict(about)
        self._mutex = RLock()
        self._rows = _read(self._path)
        # A bundle can be recorded before its row is there: the courier does not wait.
        self._states: dict[str, str] = {}

    @property
    def rows(self) -> list[Row]:
        """All rows, oldest first."""
        return list(self._rows)

    def add(self, row: Row) -> None:
        """Add a round."""
        with self._mutex:
            row.state = self._states.get(row.artefact or "", row.state)
            self._rows.append(row)
            self._write()

    def change(self, artefact: str, state: str) -> None:
        """Note what became of a bundle."""
        with self._mutex:
            self._states[artefact] = state
            for row in reversed(self._rows):
                if row.artefact == artefact and row.state != state:
                    row.state = state
                    self._write()
                    return

    def spent_with(self, charges: Mapping[int, int]) -> dict[int, list[int]]:
        """Give all charges of the seats of a round, the round's own last.

        What was refused counts too: its noise is spent, whatever became of the bundle.
        """
        spent: dict[int, list[int]] = {seat: [] for seat in charges}
        for row in self._rows:
            for seat, rho in row.charges if row.artefact else ():
                if seat in spent:
                    spent[seat].append(rho)
        return {seat: [*before, charges[seat]] for seat, before in spent.items()}

    def log_table(self, server_rounds: int) -> None:
        """Show the rounds of this run."""
        for line in table(self._rows[-server_rounds:] if server_rounds else []):
            log(INFO, "%s", line)

    def _write(self) -> None:
        content = {
            "format": SUMMARY_FORMAT,
            "version": 1,
            **self._about,
            "rounds": [asdict(row) for row in self._rows],
        }
        try:
            replace_file(self._path, json.dumps(content, indent=1).encode())
        except OSError as error:
            log(WARNING, "Ledger: %s cannot be written: %s", self._path, error)


def table(rows: list[Row]) -> list[str]:
    """Give the lines of a table."""
    head = ("round", "ledger", "entries", "excluded", "state", "overhead", "artefact")
    body = [
        (
            str(row.server_round),
            f"{row.round}" + (f".{row.attempt}" if row.attempt else ""),
            str(row.entries),
            ", ".join(f"{n} {code}" for code, n in sorted(row.excluded.items())) or "-",
            row.state,
            "-" if row.overhead_ppm is None else f"{row.overhead_ppm / 10_000:.1f} %",
            (row.artefact or "-")[:14],
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in (head, *body)) for i in range(len(head))]
    return [
        "  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in (head, *body)
    ]


def _read(path: Path) -> list[Row]:
    try:
        return [Row(**row) for row in json.loads(path.read_bytes())["rounds"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError):
        log(WARNING, "Ledger: %s is unreadable and begins anew.", path)
        return []
