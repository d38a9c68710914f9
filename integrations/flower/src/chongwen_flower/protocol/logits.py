"""The canonical integer evaluator: what a model, or one update, says of every record of a holdout.

In units of the model's grid; what settlements score by. Specified in docs/protocol.md, “Quality
scores”.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.head import Head, head_products


def logits(
    lanes: NDArray[np.int16] | NDArray[np.int32],
    head: Head,
    holdout: NDArray[np.int16],
    records: int,
) -> NDArray[np.int64]:
    """Give ``bias_c + rhu(Σ x_i·weight_ic, 2^featureBits)``, records by classes.

    Parameters
    ----------
    lanes
        Of a model, or of an update alone.
    head
        Where the classifier stands; at most 2^(featureBits + 4) features, so that weighted sums of
        logits stay below 2^53 in every language.
    holdout
        Record after record, flat.
    records
        How many.

    Raises
    ------
    ChongwenError
        ``out-of-range``, ``length-mismatch``
    """
    bits = head.feature_bits
    if 0 <= bits <= 30 and head.features > 2 ** min(bits + 4, 20):
        message = f"A model of {head.features} features with {bits} fraction bits cannot be scored"
        raise protocol_error("out-of-range", f"{message} exactly; at most 2^(bits + 4) can.")
    high, low = head_products(lanes, head, holdout, records)
    half = 1 << bits >> 1
    if bits >= 16:
        rounded = (high + (low + half >> 16)) >> bits - 16
    else:
        # high is below 2^(34 + bits) here, so shifted it stays below 2^50.
        rounded = (high << 16 - bits) + (low + half >> bits)
    start = head.head_lane + head.features * head.classes
    return rounded + lanes[start : start + head.classes].astype(np.int64)
