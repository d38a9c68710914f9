"""The one array of a reply: an update of somebody else's making."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from flwr.app import RecordDict
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError

UPDATE_ARRAY = "update"

# numpy.save puts a header of 128 bytes before so few dimensions.
_HEADER = 1024


class ReplyError(ChongwenError):
    """A reply that cannot be used, with the seat that it names."""

    def __init__(self, code: str, message: str, fix: str, seat: int = -1) -> None:
        super().__init__(code, message, fix)
        self.seat = seat


def read_update(content: RecordDict, lanes: int, seat: int) -> NDArray[np.int16]:
    """Read the int16 lanes that a reply has in place of the app's arrays.

    Raises
    ------
    ReplyError
        ``update-missing``, ``lanes-mismatch``
    """
    arrays = list(content.array_records.values())
    if len(arrays) != 1 or list(arrays[0]) != [UPDATE_ARRAY]:
        raise ReplyError(
            "update-missing",
            "The reply carries no ArrayRecord with the one array “update”.",
            "Put LedgerMod first in the list of mods, so that it sees the reply last.",
            seat,
        )
    array = arrays[0][UPDATE_ARRAY]
    if array.dtype != "int16" or tuple(array.shape) != (lanes,):
        found = f"{array.dtype} of shape {list(array.shape)[:8]}"
        raise ReplyError(
            "lanes-mismatch",
            f"The update is {found}; the model specification has {lanes} lanes of int16.",
            "Train the model that the server sent; LedgerMod makes the update from it.",
            seat,
        )
    values = _parse(array.data, lanes)
    if values is None:
        raise ReplyError(
            "lanes-mismatch",
            f"The update's bytes are not {lanes} lanes of int16.",
            "Send the array as LedgerMod made it; no mod after it may touch the reply.",
            seat,
        )
    return values


def _parse(data: bytes, lanes: int) -> NDArray[np.int16] | None:
    """Read an array file of somebody else's making; None when it is not what it should be."""
    # Never more is parsed than an honest update takes, whatever the record claims to be.
    if len(data) > 2 * lanes + _HEADER or not data.startswith(b"\x93NUMPY"):
        return None
    try:
        values = np.load(BytesIO(data), allow_pickle=False)
    except Exception:  # Whatever numpy makes of it.
        return None
    if values.dtype != np.dtype("<i2") or values.shape != (lanes,):
        return None
    return np.ascontiguousarray(values, np.int16)
