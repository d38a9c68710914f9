"""Vectors as bytes and back: lanes are little-endian two's complement, without padding."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def lane_bytes(lanes: NDArray[np.int16] | NDArray[np.int32] | NDArray[np.uint64]) -> memoryview:
    """Give the encoding of flat lanes: a view where the machine stores them so, else a copy.

    Raises
    ------
    TypeError
        For other element types: the same numbers in another width have another root.
    """
    array: NDArray[Any] = lanes
    if array.dtype not in (np.int16, np.int32, np.uint64) or array.ndim != 1:
        raise TypeError(f"expected flat int16, int32 or uint64 lanes, got {array.dtype}")
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return little.view(np.uint8).data


def int16_lanes(data: bytes) -> NDArray[np.int16]:
    """Read int16 lanes; the caller has checked the length. Read-only where it is a view."""
    return np.frombuffer(data, "<i2").astype(np.int16, copy=False)


def int32_lanes(data: bytes) -> NDArray[np.int32]:
    """Read int32 lanes; the caller has checked the length. Read-only where it is a view."""
    return np.frombuffer(data, "<i4").astype(np.int32, copy=False)
