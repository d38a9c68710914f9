"""What a server with the strategy adds to a TRAIN message; read, checked, and not yet believed."""

from __future__ import annotations

from dataclasses import dataclass

from flwr.app import ConfigRecord, Message, RecordDict

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.canonical_json import parse
from chongwen_flower.protocol.open_round import OpenRound

LEDGER = "ledger"
TRAIN_FORMAT = "chongwen-train/1"
SHADOW = "shadow"
MOST_NOTES = 20
MOST_TEXT = 500


@dataclass(frozen=True)
class Note:
    """Why the server left this node out of an earlier round."""

    round: int
    code: str
    message: str
    fix: str


@dataclass(frozen=True)
class TrainRequest:
    """The ledger's part of a TRAIN message.

    Parameters
    ----------
    open_round
        What the update is for.
    shadow
        Whether the app's own arrays go to the server as they are, and the update beside them.
    notes
        What the server has to tell this node.
    rehearsal_key
        Throw-away key of a rehearsal; None on every real ledger, whatever the server sent.
    """

    open_round: OpenRound
    shadow: bool
    notes: tuple[Note, ...]
    rehearsal_key: bytes | None


def ledger_record(message: Message) -> ConfigRecord | None:
    """Give the ledger's record of a message; None when its server has no strategy of this kind.

    Another app may call a record of its own ``ledger``: only the format tells.
    """
    record = message.content.get(LEDGER) if message.has_content() else None
    if not isinstance(record, ConfigRecord):
        return None
    form = record.get("format")
    return record if isinstance(form, str) and form.startswith("chongwen-train/") else None


def is_shadow(record: ConfigRecord) -> bool:
    """Whether the app's reply has to go through whatever is wrong with the rest of the record."""
    return record.get("mode") == SHADOW


def read_request(record: ConfigRecord) -> TrainRequest:
    """Read the record.

    Raises
    ------
    ChongwenError
        ``version-unknown``, ``request-invalid``, ``json-invalid``, ``open-round-invalid``,
        ``spec-invalid``.
    """
    if record["format"] != TRAIN_FORMAT:
        raise ChongwenError(
            "version-unknown",
            f"The server speaks {record['format']!r}; this software knows {TRAIN_FORMAT}.",
            "Run the same version of chongwen-flower at the site and at the server.",
        )
    if record.get("mode") not in ("ledger", SHADOW):
        raise _invalid(f"its mode is {record.get('mode')!r}, neither 'ledger' nor 'shadow'")
    data = record.get("open-round")
    if not isinstance(data, bytes):
        raise _invalid("it carries no open round")
    open_round = OpenRound.decode(data)
    key = record.get("rehearsal-key")
    rehearsed = open_round.chain_id == 0 and isinstance(key, bytes)
    return TrainRequest(
        open_round=open_round,
        shadow=is_shadow(record),
        notes=_notes(record.get("note")),
        rehearsal_key=key if rehearsed and isinstance(key, bytes) else None,
    )


def without_ledger(content: RecordDict) -> RecordDict:
    """Give what the app is to see: exactly what it would see without the ledger."""
    return RecordDict({name: record for name, record in content.items() if name != LEDGER})


def plain(text: object) -> str:
    """Make text of somebody else fit for a log: one line, printable, bounded."""
    shown = text if isinstance(text, str) else ""
    return "".join(c if c.isprintable() else " " for c in shown)[:MOST_TEXT]


def _notes(text: object) -> tuple[Note, ...]:
    """Read the notes; they are a courtesy, and what cannot be read of them stops nothing."""
    if not isinstance(text, str) or not text:
        return ()
    try:
        found = parse(text.encode())
    except ValueError:
        return ()
    if not isinstance(found, list):
        return ()
    return tuple(
        Note(item["round"], *(plain(item.get(key)) for key in ("code", "message", "fix")))
        for item in found[:MOST_NOTES]
        if isinstance(item, dict) and type(item.get("round")) is int and 0 <= item["round"] < 2**32
    )


def _invalid(what: str) -> ChongwenError:
    return ChongwenError(
        "request-invalid",
        f"The server's ledger record cannot be used: {what}.",
        "Run the same version of chongwen-flower at the site and at the server.",
    )
