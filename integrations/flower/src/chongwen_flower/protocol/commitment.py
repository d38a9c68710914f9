"""The three fields of a ``Contribution`` that are computed from the update."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.norm_trace import norm_trace
from chongwen_flower.protocol.ssz import update_root


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a contributor signs about its update.

    Parameters
    ----------
    update_root
        SSZ root of the lanes.
    norm_sq
        Σq².
    norm_trace_root
        SSZ root of the running sums.
    """

    update_root: bytes
    norm_sq: int
    norm_trace_root: bytes


def commit_update(lanes: NDArray[np.int16]) -> Commitment:
    """Commit to N quantised int16 lanes."""
    trace = norm_trace(lanes)
    return Commitment(update_root(lanes), trace.norm_sq, trace.root)
