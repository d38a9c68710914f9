"""A linear classifier inside a model, and its products with records: exact sums in two halves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.failures import protocol_error

_MAX_FEATURES = 2**20


@dataclass(frozen=True, slots=True)
class Head:
    """Where a classifier stands: weight[i][c] at lane ``head_lane + i·classes + c``, then biases.

    Parameters
    ----------
    head_lane
        First lane.
    features, classes
        Its sizes.
    feature_bits
        One unit of a feature is 2^−feature_bits.
    """

    head_lane: int
    features: int
    classes: int
    feature_bits: int


def head_products(
    lanes: NDArray[Any], head: Head, holdout: NDArray[np.int16], records: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give Σ x·weight of each record and class, without the bias, as high·2^16 + low.

    Exact on any machine: |x·⌊w/2^16⌋| ≤ 2^30 and |x·(w mod 2^16)| < 2^31, so over at most 2^20
    features every partial sum of either half stays below 2^52, and doubles add integers below 2^53
    without rounding, in whatever order a linear algebra library adds them.

    Parameters
    ----------
    lanes
        int32 lanes of a model, or int16 lanes of an update.
    head
        Where the classifier stands.
    holdout
        Record after record, flat.
    records
        How many.

    Raises
    ------
    ChongwenError
        ``out-of-range``, ``length-mismatch``
    """
    _require_head(head, lanes.size, holdout, records)
    end = head.head_lane + head.features * head.classes
    weights = lanes[head.head_lane : end].astype(np.int64).reshape(head.features, head.classes)
    values = holdout.reshape(records, head.features).astype(np.float64)
    high = values @ (weights >> 16).astype(np.float64)
    low = values @ (weights & 0xFFFF).astype(np.float64)
    return high.astype(np.int64), low.astype(np.int64)


def _require_head(head: Head, lanes: int, holdout: NDArray[np.int16], records: int) -> None:
    for name, value, least, most in [
        ("features", head.features, 1, _MAX_FEATURES),
        ("classes", head.classes, 1, 256),
        ("featureBits", head.feature_bits, 0, 30),
        ("headLane", head.head_lane, 0, lanes - (head.features + 1) * head.classes),
    ]:
        if not least <= value <= most:
            message = f"{name} is {value}, not an integer {least} to {most}."
            raise protocol_error("out-of-range", message)
    if holdout.dtype != np.int16 or holdout.ndim != 1:
        raise TypeError(f"expected a flat int16 holdout, got {holdout.dtype}")
    if holdout.size != records * head.features:
        message = f"The holdout has {holdout.size} values; {records} records of {head.features}"
        wanted = records * head.features
        raise protocol_error("length-mismatch", f"{message} features have {wanted}.")
