"""From two sets of arrays to a commitment: difference, grid, clip, noise, roots."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np
from flwr.app import Array, ArrayRecord
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.commitment import Commitment, commit_update
from chongwen_flower.protocol.model_spec import ModelSpec
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.privacy import NoiseSetting, clip_within, privatise
from chongwen_flower.protocol.quantise import Quantised, quantise_update
from chongwen_flower.tensors import Arrays, Buffers, flatten

LANE = np.dtype("<i2")
LOWEST, HIGHEST = -32_768, 32_767


@dataclass(frozen=True)
class Update:
    """What is committed to, and nothing of what it was before the noise.

    Parameters
    ----------
    lanes
        N int16 lanes.
    saturated, zeroed
        By tensor, see `_counts_of_noised` for what they say where there is noise.
    """

    lanes: NDArray[np.int16]
    saturated: tuple[int, ...]
    zeroed: tuple[int, ...]


def arrays_of(record: ArrayRecord) -> Arrays:
    """Read an app's arrays.

    Raises
    ------
    ChongwenError
        ``tensor-unreadable``.
    """
    return {name: _numpy(name, array) for name, array in record.items()}


def make_update(
    spec: ModelSpec,
    received: Arrays,
    trained: Arrays,
    buffers: Buffers,
    *,
    clip: int | None,
    noise: NoiseSetting | None,
) -> Update:
    """Quantise new − old in float64, then clip, then add noise.

    Raises
    ------
    ChongwenError
        ``not-finite``, which names tensor and element, ``count-overflow``, and those of `flatten`.
    """
    difference = flatten(spec, trained, buffers)
    with np.errstate(invalid="ignore"):  # Infinite minus infinite: found and named just below.
        difference -= flatten(spec, received, buffers)
    quantised = quantise_update(spec, difference)
    _require_exact_counts(spec, trained, quantised)
    if noise is None:
        return _unnoised(spec, quantised, clip)
    lanes = privatise(quantised.values, noise).update
    return Update(lanes, *_counts_of_noised(spec, lanes))


def commit(open_round: OpenRound, lanes: NDArray[np.int16]) -> Commitment:
    """Compute the roots, and refuse what the federation would not take.

    Raises
    ------
    ChongwenError
        ``norm-above-bound``.
    """
    commitment = commit_update(lanes)
    bound = open_round.config.norm_sq_bound
    if bound and commitment.norm_sq > bound:
        raise ChongwenError(
            "norm-above-bound",
            f"The update's squared norm is {commitment.norm_sq}; the federation allows {bound}.",
            f"Train for fewer steps a round, or clip: chongwen-clip={isqrt(bound)} in the "
            "SuperNode's --node-config.",
        )
    return commitment


def _unnoised(spec: ModelSpec, quantised: Quantised[np.int16], clip: int | None) -> Update:
    if clip is None:
        return Update(quantised.values, quantised.saturated, quantised.zeroed)
    lanes = clip_within(quantised.values, clip)
    lost = (lanes == 0) & (quantised.values != 0)
    zeroed = zip(quantised.zeroed, _by_tensor(spec, lost), strict=True)
    return Update(lanes, quantised.saturated, tuple(before + more for before, more in zeroed))


def _counts_of_noised(
    spec: ModelSpec, lanes: NDArray[np.int16]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Count only what anyone can read off the published lanes.

    How many lanes were cut off or lost *before* the noise is a fact about the patients that no
    noise covers. So saturated are lanes at the ends of int16, and zeroed is always 0.
    """
    at_ends = (lanes == LOWEST) | (lanes == HIGHEST)
    return _by_tensor(spec, at_ends), (0,) * len(spec.tensors)


def _require_exact_counts(spec: ModelSpec, trained: Arrays, quantised: Quantised[np.int16]) -> None:
    for tensor, saturated in zip(spec.tensors, quantised.saturated, strict=True):
        if saturated and trained[tensor.name].dtype.kind != "f":
            raise ChongwenError(
                "count-overflow",
                f"Count “{tensor.name}” grew by more than a lane holds ({HIGHEST}) in one round.",
                f'Declare it local: buffers={{"{tensor.name}": "local"}}, in LedgerMod and in the '
                "strategy.",
            )


def _by_tensor(spec: ModelSpec, which: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(np.count_nonzero(which[tensor.lanes])) for tensor in spec.tensors)


def _numpy(name: str, array: Array) -> NDArray[np.generic]:
    try:
        return array.numpy()
    except Exception as cause:
        raise ChongwenError(
            "tensor-unreadable",
            f"Array “{name}” ({array.dtype}, {array.stype}) cannot be read: {cause}",
            "Reply with arrays made by ArrayRecord or Array from NumPy or PyTorch.",
        ) from cause
