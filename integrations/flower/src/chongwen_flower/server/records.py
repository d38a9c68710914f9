"""What travels in Flower's messages beside the app's own records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from flwr.app import ConfigRecord, Message, RecordDict
from numpy.typing import NDArray

from chongwen_flower.protocol.lanes import int16_lanes
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.server.update_array import ReplyError, read_update

Mode = Literal["ledger", "shadow"]

LEDGER_KEY = "ledger"
TRAIN_FORMAT = "chongwen-train/1"
COMMITMENT_FORMAT = "chongwen-commitment/1"
REFUSAL_FORMAT = "chongwen-refusal/1"

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")
_MOST_TEXT = 500
_MOST_MS = 7 * 24 * 3600 * 1000


@dataclass(frozen=True)
class Claim:
    """What a reply says of its update. Read, and not yet believed.

    Parameters
    ----------
    node
        Flower's number of the sender.
    lanes
        The update itself.
    saturated, zeroed
        Lanes by tensor that quantisation cut off or made zero, as the site counted them.
    times
        Milliseconds of training, commitment and signing, as the site measured them.
    """

    node: int
    seat: int
    update_root: bytes
    norm_sq: int
    norm_trace_root: bytes
    rho: int
    signature: bytes
    lanes: NDArray[np.int16]
    saturated: tuple[int, ...]
    zeroed: tuple[int, ...]
    times: Mapping[str, int]


def train_record(open_round: OpenRound, mode: Mode, note: str, key: bytes | None) -> ConfigRecord:
    """Make the ledger's part of a TRAIN message.

    Parameters
    ----------
    key
        Throw-away key of a rehearsal; None for a real ledger.
    """
    record = ConfigRecord(
        {
            "format": TRAIN_FORMAT,
            "open-round": open_round.encode(),
            "mode": mode,
            "note": note,
        }
    )
    if key is not None:
        record["rehearsal-key"] = key
    return record


def read_claim(message: Message, mode: Mode, lanes: int, tensors: int) -> Claim:
    """Read a reply of a client.

    Parameters
    ----------
    lanes, tensors
        How many the model specification has.

    Raises
    ------
    ReplyError
        With what is wrong with the reply, or what the site says that stopped it.
    """
    if message.has_error():
        raise ReplyError(
            "client-failed",
            f"The client app failed: {message.error.reason or 'no reason given'}"[:_MOST_TEXT],
            "Read the log of this node's ClientApp.",
        )
    content = message.content
    record = content.config_records.get(LEDGER_KEY)
    if record is None:
        raise ReplyError(
            "ledger-record-missing",
            "The reply has no ledger record.",
            "Add LedgerMod to the ClientApp: ClientApp(mods=[LedgerMod()]).",
        )
    if record.get("format") == REFUSAL_FORMAT:
        raise _refusal(record)
    if record.get("format") != COMMITMENT_FORMAT:
        raise _malformed("format", f"one of {COMMITMENT_FORMAT} and {REFUSAL_FORMAT}", -1)
    seat = _integer(record, "seat", 0, 2**32 - 1, -1)
    if mode == "shadow":
        update = int16_lanes(_bytes(record, "update", 2 * lanes, seat, code="lanes-mismatch"))
    else:
        update = read_update(content, lanes, seat)
    return Claim(
        node=message.metadata.src_node_id,
        seat=seat,
        update_root=_bytes(record, "update-root", 32, seat),
        norm_sq=_decimal(record, "norm-sq", 64, seat),
        norm_trace_root=_bytes(record, "norm-trace-root", 32, seat),
        rho=_decimal(record, "rho", 48, seat),
        signature=_bytes(record, "signature", 64, seat),
        lanes=update,
        saturated=_counts(record, "saturated", tensors, lanes, seat),
        zeroed=_counts(record, "zeroed", tensors, lanes, seat),
        times={
            name: _integer(record, f"{name}-ms", 0, _MOST_MS, seat)
            for name in ("train", "commit", "sign")
        },
    )


def without_ledger(message: Message) -> Message:
    """Give a reply as the app made it, for a strategy that knows nothing of a ledger."""
    content = RecordDict(
        {key: record for key, record in message.content.items() if key != LEDGER_KEY}
    )
    plain = copy(message)
    plain.content = content
    return plain


def _refusal(record: ConfigRecord) -> ReplyError:
    code = record.get("code")
    texts = [record.get(key) for key in ("message", "fix")]
    message, fix = (text[:_MOST_TEXT] if isinstance(text, str) else "" for text in texts)
    if not isinstance(code, str) or len(code) > 64 or _SLUG.fullmatch(code) is None:
        code = "site-refused"
    seat = record.get("seat")
    return ReplyError(
        code,
        message or "The site refused to take part and gives no reason.",
        fix or "Read the log of this node's ClientApp.",
        seat if type(seat) is int and 0 <= seat < 2**32 else -1,
    )


def _malformed(
    field: str, wanted: str, seat: int, code: str = "ledger-record-invalid"
) -> ReplyError:
    return ReplyError(
        code,
        f"“{field}” of the ledger record is not {wanted}.",
        "Run the same version of chongwen-flower at the site and at the server.",
        seat,
    )


def _integer(record: ConfigRecord, field: str, least: int, most: int, seat: int) -> int:
    value: Any = record.get(field)
    if type(value) is not int or not least <= value <= most:
        raise _malformed(field, f"an integer {least} to {most}", seat)
    return int(value)


def _decimal(record: ConfigRecord, field: str, bits: int, seat: int) -> int:
    value: Any = record.get(field)
    if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None or int(value) >> bits:
        raise _malformed(field, f"a decimal string of at most {bits} bits", seat)
    return int(value)


def _bytes(
    record: ConfigRecord, field: str, length: int, seat: int, code: str = "ledger-record-invalid"
) -> bytes:
    value: Any = record.get(field)
    if not isinstance(value, bytes) or len(value) != length:
        raise _malformed(field, f"{length} bytes", seat, code)
    return value


def _counts(
    record: ConfigRecord, field: str, tensors: int, lanes: int, seat: int
) -> tuple[int, ...]:
    value: Any = record.get(field)
    if not isinstance(value, list) or len(value) != tensors:
        raise _malformed(field, f"a list of {tensors} counts", seat)
    if any(type(count) is not int or not 0 <= count <= lanes for count in value):
        raise _malformed(field, f"a list of counts 0 to {lanes}", seat)
    return tuple(value)
