"""How many lanes and which tree depth a vector of N lanes is committed with.

P = 64·2^d lanes is the smallest with P ≥ N. Specified in docs/protocol.md, “Commitments”.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chongwen_flower.protocol.failures import protocol_error

MAX_PARAMETERS: Final = 2**31
"""Lanes of the largest model."""


@dataclass(frozen=True, slots=True)
class VectorShape:
    """Sizes that follow from N.

    Parameters
    ----------
    parameters
        N.
    depth
        d: P = 64·2^d.
    """

    parameters: int
    depth: int

    @property
    def padded(self) -> int:
        """P: lanes of the committed vectors."""
        return 64 << self.depth

    @property
    def update_depth(self) -> int:
        """Tree depth, in chunks of 16 int16 lanes."""
        return self.depth + 2

    @property
    def model_depth(self) -> int:
        """Tree depth, in chunks of 8 int32 lanes."""
        return self.depth + 3

    @property
    def trace_depth(self) -> int:
        """Tree depth, in chunks of 4 uint64 sums."""
        return self.depth


def vector_shape(parameters: int) -> VectorShape:
    """Give the shape of N lanes.

    Raises
    ------
    ChongwenError
        ``out-of-range`` unless N is 1..2^31.
    """
    if not 1 <= parameters <= MAX_PARAMETERS:
        message = f"A model has 1..2^31 parameters, got {parameters}."
        raise protocol_error("out-of-range", message)
    return VectorShape(parameters, max(0, (parameters - 1).bit_length() - 6))
