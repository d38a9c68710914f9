"""The declared aggregation rules, exactly as every other implementation computes them.

Sources: McMahan et al., "Communication-Efficient Learning of Deep Networks from Decentralized
Data", 2017 (rule 1); Sun et al., "Can You Really Backdoor Federated Learning?", 2019 (rule 2); Yin
et al., "Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates", 2018 (rules 3,
4). Integer forms: docs/protocol.md, “Aggregation”.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.columns import MAX_TOTAL_WEIGHT
from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.norm_trace import norm_sq_of

FEDAVG: Final = 1
NORM_CLIP: Final = 2
TRIMMED_MEAN: Final = 3
MEDIAN: Final = 4

_MAX_PARAMETER: Final = {FEDAVG: 0, NORM_CLIP: 2**64 - 1, TRIMMED_MEAN: 127, MEDIAN: 0}
_BLOCK = 2**16
"""Lanes at a time: their wider copies stay in the processor's cache, and memory stays flat."""

Update = NDArray[np.int16]
Model = NDArray[np.int32]


def aggregate(
    rule_id: int,
    rule_param: int,
    base: Model | None,
    updates: Sequence[Update],
    weights: Sequence[int],
) -> Model:
    """Aggregate a round.

    Parameters
    ----------
    rule_id
        1 fedavg · 2 norm-clip · 3 trimmed-mean · 4 median.
    rule_param
        norm-clip: bound C on the L2 norm, uint64 · trimmed-mean: entries trimmed per side, 0..127 ·
        else 0.
    base
        N int32 lanes that the aggregate moves; None when the federation has no base.
    updates
        n vectors of N int16 lanes. Their order changes nothing.
    weights
        n integers with a sum of at most 65535; 0 = dropped or excluded.

    Returns
    -------
    Model
        N int32 lanes.

    Raises
    ------
    ChongwenError
        ``rule-unknown``, ``out-of-range``, ``length-mismatch``, ``weights-invalid``,
        ``too-few-updates``
    """
    require_rule(rule_id, rule_param)
    # Unweighted rules have no weighted sum that could grow too large.
    most = MAX_TOTAL_WEIGHT * (len(updates) if rule_id in (TRIMMED_MEAN, MEDIAN) else 1)
    _require_inputs(base, updates, weights, most)
    counted = [(update, w) for update, w in zip(updates, weights, strict=True) if w > 0]
    if rule_id == FEDAVG:
        return _average(base, counted)
    if rule_id == NORM_CLIP:
        return _average(base, [(clip_to_norm(update, rule_param), w) for update, w in counted])
    n = len(counted)
    trim = rule_param if rule_id == TRIMMED_MEAN else (n - 1) // 2
    if n <= 2 * trim:
        message = f"{n} updates are too few to trim {trim} on each side."
        raise protocol_error("too-few-updates", message)
    return _trimmed_mean(base, [update for update, _ in counted], trim)


def clip_to_norm(update: Update, bound: int) -> Update:
    """Give the update itself when its L2 norm is at most `bound`, else a scaled copy.

    ``q' = floor(q·C / (isqrt(Σq²) + 1))``. Flooring moves negative lanes down by less than one
    unit, so the clipped norm may exceed C by rounding, at most √N.
    """
    norm_sq = norm_sq_of(update)
    if norm_sq <= bound * bound:
        return update
    # Here C ≤ isqrt(Σq²) < 2^31, so |q·C| < 2^46.
    return (update.astype(np.int64) * bound // (isqrt(norm_sq) + 1)).astype(np.int16)


def round_half_up(a: NDArray[np.int64], b: int) -> NDArray[np.int64]:
    """Give ``floor((2a + b) / (2b))``; ``//`` rounds towards minus infinity."""
    quotient: NDArray[np.int64] = (2 * a + b) // (2 * b)
    return quotient


def _average(base: Model | None, counted: Sequence[tuple[Update, int]]) -> Model:
    total = sum(weight for _, weight in counted)
    model = np.empty(counted[0][0].shape, np.int32)
    for block in _blocks(model.size):
        # |Σ wᵢqᵢ| ≤ 65535 · 32768 < 2^31: int64 has room to spare, int32 would do.
        sums = np.zeros(model[block].shape, np.int64)
        for update, weight in counted:
            sums += update[block].astype(np.int64) * weight
        model[block] = _moved(base, block, round_half_up(sums, total))
    return model


def _trimmed_mean(base: Model | None, updates: Sequence[Update], trim: int) -> Model:
    n = len(updates)
    model = np.empty(updates[0].shape, np.int32)
    for block in _blocks(model.size):
        rows = np.sort(np.stack([update[block] for update in updates]), axis=0)
        sums = rows[trim : n - trim].sum(axis=0, dtype=np.int64)
        model[block] = _moved(base, block, round_half_up(sums, n - 2 * trim))
    return model


def _moved(base: Model | None, block: slice, step: NDArray[np.int64]) -> Model:
    """Add a step to the base and cut off at the ends of int32."""
    moved = step if base is None else step + base[block]
    return np.clip(moved, -(2**31), 2**31 - 1).astype(np.int32)


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, _BLOCK):
        yield slice(start, start + _BLOCK)


def require_rule(rule_id: int, rule_param: int) -> None:
    """Refuse a rule that this software does not know, and a parameter that the rule does not take.

    Raises
    ------
    ChongwenError
        ``rule-unknown``, ``out-of-range``
    """
    most = _MAX_PARAMETER.get(rule_id)
    if most is None:
        message = f"Aggregation rule {rule_id} is unknown; this software knows 1 to 4."
        raise protocol_error("rule-unknown", message)
    if not 0 <= rule_param <= most:
        message = f"Rule {rule_id} takes a parameter 0..{most}, got {rule_param}."
        raise protocol_error("out-of-range", message)


def _require_inputs(
    base: Model | None, updates: Sequence[Update], weights: Sequence[int], most: int
) -> None:
    if len(updates) != len(weights):
        message = f"{len(updates)} updates but {len(weights)} weights."
        raise protocol_error("weights-invalid", message)
    shape = base.shape if base is not None else updates[0].shape if updates else (0,)
    if base is not None:
        _require_lanes(base, np.int32, shape, "The base model")
    for update, weight in zip(updates, weights, strict=True):
        _require_lanes(update, np.int16, shape, "An update")
        if isinstance(weight, bool) or not 0 <= weight <= MAX_TOTAL_WEIGHT:
            message = f"Weight {weight} is not an integer 0..{MAX_TOTAL_WEIGHT}."
            raise protocol_error("weights-invalid", message)
    total = sum(weights)
    if total > most:
        message = f"The weights sum to {total}, above {MAX_TOTAL_WEIGHT}."
        raise protocol_error("weights-invalid", message)
    if total == 0:
        message = "No entry has weight: there is nothing to aggregate."
        raise protocol_error("weights-invalid", message)


def _require_lanes(lanes: NDArray[Any], lane: type, shape: tuple[int, ...], what: str) -> None:
    if lanes.dtype != lane or lanes.ndim != 1:
        raise TypeError(f"{what} is {lanes.dtype} of {lanes.ndim} dimensions, not flat {lane}")
    if lanes.shape != shape:
        message = f"{what} has {lanes.size} lanes instead of {shape[0]}."
        raise protocol_error("length-mismatch", message)
