"""Shadow mode: the app's own aggregation goes on untouched, and the ledger records beside it."""

from __future__ import annotations

import io
from logging import WARNING
from pathlib import Path

import numpy as np
from flwr.app import Array, ArrayRecord, Message
from flwr.supercore import log

from chongwen_flower.server.durable import replace_file
from chongwen_flower.server.records import without_ledger

FILE = "shadow.npz"
_TAG = "parent"


def app_replies(messages: list[Message]) -> list[Message]:
    """Give the replies as the app made them, in the order in which they came.

    A site that had to refuse sends no arrays; it would be nothing to a strategy without a ledger
    either.
    """
    plain = []
    for message in messages:
        if message.has_error():
            plain.append(message)
            continue
        reply = without_ledger(message)
        if any(len(record) for record in reply.content.array_records.values()):
            plain.append(reply)
    return plain


def keep_floats(folder: Path, arrays: ArrayRecord, parent: bytes) -> None:
    """Keep the app's own model, and which state of the ledger it stands beside."""
    buffer = io.BytesIO()
    named = {f"{i:06d}{name}": array.numpy() for i, (name, array) in enumerate(arrays.items())}
    np.savez(buffer, **{**named, _TAG: np.frombuffer(parent, np.uint8)})  # type: ignore[arg-type]
    try:
        replace_file(folder / FILE, buffer.getvalue())
    except OSError as error:
        log(WARNING, "Ledger: the float model cannot be kept for a restart: %s", error)


def kept_floats(folder: Path, parent: bytes) -> ArrayRecord | None:
    """Read the app's own model as it was beside a state of the ledger, if it is there."""
    try:
        with np.load(folder / FILE, allow_pickle=False) as file:
            if file[_TAG].tobytes() != parent:
                return None
            names = sorted(name for name in file.files if name != _TAG)
            return ArrayRecord({name[6:]: Array(np.asarray(file[name])) for name in names})
    except Exception:  # Torn, or of another make: the integer model is there, and verified.
        return None
