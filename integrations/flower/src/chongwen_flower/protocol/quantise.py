"""Floats to integers, before anything is signed.

``q = clamp(floor(Δ·2^f + 1/2))``, f per tensor, evaluated in IEEE-754 binary64. Everything after
this step is exact, so everything after it can be recomputed and disproven.

Source: round-half-up fixed point as in Jacob et al., "Quantization and Training of Neural Networks
for Efficient Integer-Arithmetic-Only Inference", 2018 (power-of-two scale, zero point 0).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.model_spec import ModelSpec, TensorSpec

Lane = TypeVar("Lane", np.int16, np.int32)

_BLOCK = 2**18
"""Lanes at a time: their float64 copies stay in the processor's cache, and memory stays flat."""


@dataclass(frozen=True)
class Quantised(Generic[Lane]):
    """A vector on the grid, and what that cost.

    Parameters
    ----------
    values
        N lanes.
    saturated
        By tensor: lanes cut off at the ends of the range.
    zeroed
        By tensor: lanes that were not zero and became zero.
    """

    values: NDArray[Lane]
    saturated: tuple[int, ...]
    zeroed: tuple[int, ...]


def quantise_update(spec: ModelSpec, delta: NDArray[Any]) -> Quantised[np.int16]:
    """Quantise an update (new − old parameters). A finite value out of range saturates.

    Parameters
    ----------
    spec
        What the lanes mean.
    delta
        N floats, flat, of at most 64 bits.

    Raises
    ------
    ChongwenError
        ``length-mismatch``; ``not-finite``, which names the tensor and the element.
    """
    return _quantise(spec, delta, np.int16, "The update")


def quantise_model(spec: ModelSpec, model: NDArray[Any]) -> Quantised[np.int32]:
    """Quantise a model, on the same grid.

    Raises
    ------
    ChongwenError
        ``length-mismatch``, ``not-finite``
    """
    return _quantise(spec, model, np.int32, "The model")


def dequantise(spec: ModelSpec, lanes: NDArray[Any]) -> NDArray[np.float64]:
    """Give back floats: ``value · 2^−f``, exact in float64.

    Parameters
    ----------
    spec
        What the lanes mean.
    lanes
        N lanes, int16 or int32, flat.

    Raises
    ------
    ChongwenError
        ``length-mismatch``
    """
    if lanes.dtype not in (np.int16, np.int32):
        raise TypeError(f"lanes are int16 or int32, not {lanes.dtype}")
    require_length("The vector", lanes, spec.parameter_count)
    floats = np.empty(lanes.shape, np.float64)
    for tensor in spec.tensors:
        np.multiply(lanes[tensor.lanes], 2.0**-tensor.frac_bits, out=floats[tensor.lanes])
    return floats


def require_length(what: str, vector: NDArray[Any], expected: int) -> None:
    """Refuse a vector that is not flat or has not N elements."""
    if vector.shape != (expected,):
        shape = "×".join(map(str, vector.shape)) or "no"
        message = f"{what} has {shape} elements; the model specification has {expected}."
        raise protocol_error("length-mismatch", message)


def _quantise(
    spec: ModelSpec, floats: NDArray[Any], lane: type[Lane], what: str
) -> Quantised[Lane]:
    if floats.dtype.kind != "f" or floats.dtype.itemsize > 8:
        raise TypeError(f"floats of at most 64 bits are quantised, not {floats.dtype}")
    require_length(what, floats, spec.parameter_count)
    low, high = np.iinfo(lane).min, np.iinfo(lane).max
    values = np.empty(floats.shape, lane)
    saturated: list[int] = []
    zeroed: list[int] = []
    for tensor in spec.tensors:
        cut = lost = 0
        for block in _blocks(tensor):
            exact = floats[block].astype(np.float64)
            _require_finite(tensor, exact, block.start)
            # A product beyond binary64 is infinite, and saturates like any other large one.
            with np.errstate(over="ignore"):
                rounded = np.floor(exact * 2.0**tensor.frac_bits + 0.5)
            clamped = np.clip(rounded, low, high)
            cut += int(np.count_nonzero(clamped != rounded))
            lost += int(np.count_nonzero((rounded == 0) & (exact != 0)))
            values[block] = clamped.astype(lane)
        saturated.append(cut)
        zeroed.append(lost)
    return Quantised(values, tuple(saturated), tuple(zeroed))


def _blocks(tensor: TensorSpec) -> Iterator[slice]:
    end = tensor.offset + tensor.size
    for start in range(tensor.offset, end, _BLOCK):
        yield slice(start, min(start + _BLOCK, end))


def _require_finite(tensor: TensorSpec, block: NDArray[np.float64], start: int) -> None:
    finite = np.isfinite(block)
    if finite.all():
        return
    first = int(np.argmin(finite))
    element = start + first
    place = f"tensor “{tensor.name}”, position {element - tensor.offset}"
    raise protocol_error("not-finite", f"Element {element} ({place}) is {block[first]}.")
