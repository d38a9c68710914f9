"""The norm of an update, and a trace that lets one step of its sum be checked alone.

``P_j = P_{j−1} + Σ q²`` over the 16 lanes of chunk j, one uint64 (little-endian) a chunk of the
padded vector. A false norm then differs from its trace in one step or in its last value.
Specified in docs/protocol.md, “Norm trace”.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.lanes import lane_bytes
from chongwen_flower.protocol.ssz import hash_tree_root
from chongwen_flower.protocol.vector_shape import vector_shape

_LANES = 16
_BLOCK = 2**18


@dataclass(frozen=True)
class NormTrace:
    """Running sums of squares.

    Parameters
    ----------
    sums
        One a chunk that holds lanes; the padding adds nothing.
    padded
        P/16: how many the committed trace has, the last one repeated.
    root
        SSZ root of ``Vector[uint64, P/16]``.
    """

    sums: NDArray[np.uint64]
    padded: int
    root: bytes

    @property
    def norm_sq(self) -> int:
        """Σq²."""
        return int(self.sums[-1])

    def to_bytes(self) -> bytes:
        """Give the whole trace, as it is committed."""
        last = self.sums[-1:].repeat(self.padded - self.sums.size)
        return bytes(lane_bytes(np.concatenate([self.sums, last])))


def norm_sq_of(lanes: NDArray[np.int16]) -> int:
    """Give Σq² alone, without its trace."""
    return int(_chunk_sums(lanes).sum())


def norm_trace(lanes: NDArray[np.int16]) -> NormTrace:
    """Trace the norm of N int16 lanes.

    Raises
    ------
    ChongwenError
        ``out-of-range`` unless N is 1..2^31.
    """
    shape = vector_shape(lanes.size)
    sums = _chunk_sums(lanes).cumsum().astype(np.uint64)
    # A chunk of the trace has four sums: its last real one is filled up, the others follow free.
    tail = sums[-1:].repeat(-sums.size % 4)
    filler = bytes(lane_bytes(sums[-1:].repeat(4)))
    data = lane_bytes(np.concatenate([sums, tail]))
    return NormTrace(sums, shape.padded // _LANES, hash_tree_root(data, shape.trace_depth, filler))


def _chunk_sums(lanes: NDArray[np.int16]) -> NDArray[np.int64]:
    """Σq² of each 16 lanes.

    A square is at most 2^30 and fits int32; 16 of them need int64. All of at most 2^31 lanes sum to
    at most 2^61, so neither these sums nor their running total can wrap.
    """
    if lanes.dtype != np.int16 or lanes.ndim != 1:
        raise TypeError(f"expected flat int16 lanes, got {lanes.dtype}")
    whole = lanes.size // _LANES
    sums = np.zeros(-(-lanes.size // _LANES), np.int64)
    for start in range(0, whole, _BLOCK):
        end = min(start + _BLOCK, whole)
        block = lanes[start * _LANES : end * _LANES].astype(np.int32).reshape(-1, _LANES)
        sums[start:end] = (block * block).sum(axis=1, dtype=np.int64)
    if whole < sums.size:
        rest = lanes[whole * _LANES :].astype(np.int64)
        sums[whole] = (rest * rest).sum()
    return sums
