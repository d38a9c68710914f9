"""Why a reply does not count in a round: logged, kept, and told to the node that sent it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from logging import WARNING
from pathlib import Path

from flwr.supercore import log

# What a node is told at once. A node that misbehaves for hours must not grow every message.
MOST_NOTES = 20
MOST_TEXT = 500


@dataclass(frozen=True)
class Exclusion:
    """One reply that was left out, or one round that did not count.

    Parameters
    ----------
    round
        Round of the ledger.
    node
        Flower's number of the node that replied.
    seat
        Seat that the reply names; -1 when it names none that can be believed.
    code, message, fix
        As in an error: ``docs/errors.md``, "Flower".
    """

    round: int
    node: int
    seat: int
    code: str
    message: str
    fix: str


class ExclusionBook:
    """Keeps exclusions in a file, one JSON object a line, and what each node has yet to be told.

    Parameters
    ----------
    path
        ``exclusions.jsonl``; made when the first exclusion is written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._notes: dict[int, list[Exclusion]] = {}

    def add(self, exclusion: Exclusion) -> None:
        """Log, keep, and remember it for the node."""
        log(
            WARNING,
            "\t> Node %d (seat %d) is left out of round %d: %s [%s] %s",
            exclusion.node,
            exclusion.seat,
            exclusion.round,
            exclusion.message,
            exclusion.code,
            exclusion.fix,
        )
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(exclusion), ensure_ascii=False) + "\n")
        notes = self._notes.setdefault(exclusion.node, [])
        notes.append(exclusion)
        del notes[:-MOST_NOTES]

    def heard_from(self, nodes: Iterable[int]) -> None:
        """Forget the notes of nodes that answered: the message that carried them arrived."""
        for node in nodes:
            self._notes.pop(node, None)

    def note_for(self, node: int) -> str:
        """JSON list for the node's next TRAIN message; empty when there is nothing to say."""
        notes = self._notes.get(node)
        if not notes:
            return ""
        return json.dumps(
            [
                {
                    "round": each.round,
                    "code": each.code,
                    "message": each.message[:MOST_TEXT],
                    "fix": each.fix[:MOST_TEXT],
                }
                for each in notes
            ],
            ensure_ascii=False,
        )
