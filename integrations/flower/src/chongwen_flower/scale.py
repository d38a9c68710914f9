"""Choosing f for each tensor: one unit of a lane is 2^-f.

The same f serves the update (int16) and the model (int32), so one number fixes three things:

========================  =====================  ==========  ===========  ===========
one number                from f                 f = 14      f = 18       f = 24
========================  =====================  ==========  ===========  ===========
smallest change           2^-f                   6.1e-5      3.8e-6       6.0e-8
largest change a round    2^(15-f)               2           0.125        0.002
largest parameter         2^(31-f)               131,072     8,192        128
========================  =====================  ==========  ===========  ===========

Too small an f, and small changes become zero: training stands still while its loss looks at rest.
Too large, and lanes are cut off at the ends of int16 (*saturated*). The rule, for each tensor:

1. The largest change M of a round is *measured* on an example update, or *stated*
   (``largest_change``; with Adam about learning rate × steps), or *guessed*: the largest parameter
   of the tensor; 1 where all are zero.
2. f is the largest that leaves M head-room: 8 × where measured (sites and rounds differ), else 2 ×.
3. Where the typical change (the median of lanes that move) would then be under 4 units, because
   a few lanes move far more than the others, head-room is given up, down to 1 ×: some lanes of
   some sites may be cut off, which is counted, rather than most be zero.
4. The model keeps 16 × the largest initial parameter, whatever the change.
5. Where noise is added, its σ has to fit int16 too, and σ is a multiple of the norm of the *whole*
   update: all f drop alike until 4 σ do. Large models with much noise have few bits left for what
   was learnt: that is the price of noise on whole updates, not of integers.
6. 0 ≤ f ≤ 30. Counts have f = 0.

Rule 1 by guessing suits learning rates that move parameters by percents a round. At 1e-5 it does
not: state or measure. Saturated and zeroed lanes of every tensor are reported with each update.
Source of power-of-two scales with round-half-up: Jacob et al., 2018, arXiv 1712.05877.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, inf, log2, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.model_spec import ModelSpec, create_model_spec
from chongwen_flower.tensors import Arrays, Buffers, federated

MAX_FRAC_BITS = 30
LARGEST_LANE = 32_767
LARGEST_MODEL_LANE = 2**31 - 1
HEADROOM_MEASURED = 8
HEADROOM_ASSUMED = 2
HEADROOM_MODEL = 16
TYPICAL_UNITS = 4
NOISE_WIDTH = 4


@dataclass(frozen=True)
class TensorScale:
    """What f means for one tensor; shares are of the example's lanes, 0 … 1."""

    name: str
    frac_bits: int
    smallest_change: float
    largest_change: float
    largest_parameter: float
    saturated: float
    zeroed: float

    def __str__(self) -> str:
        return (
            f"{self.name}: f = {self.frac_bits}, steps of {self.smallest_change:.2g}, changes up "
            f"to {self.largest_change:.2g}, parameters up to {self.largest_parameter:.2g}; "
            f"{self.saturated:.2%} saturated, {self.zeroed:.2%} zeroed"
        )


def choose_frac_bits(
    initial: NDArray[Any],
    example: NDArray[Any] | None = None,
    largest_change: float | None = None,
) -> int:
    """Choose f for one tensor of floats, by the rule above.

    Parameters
    ----------
    initial
        Parameters that training starts from.
    example
        A change of one round (new minus old), of the same shape.
    largest_change
        Largest change of a parameter in one round; where there is no example, or it is all zero.

    Raises
    ------
    ChongwenError
        ``scale-impossible`` for NaN, infinity and parameters beyond ±2^31.
    """
    largest_parameter = _largest(initial, "Initial parameters")
    if HEADROOM_ASSUMED * largest_parameter > LARGEST_MODEL_LANE:
        raise ChongwenError(
            "scale-impossible",
            f"A parameter of {largest_parameter:.3g} has no place in int32, whatever the scale.",
            "Normalise the inputs of the model, or keep this tensor out of the federation.",
        )
    wanted = _bits_for_update(largest_parameter, example, largest_change)
    model = _bits(LARGEST_MODEL_LANE / HEADROOM_MODEL, largest_parameter)
    return int(max(0, min(wanted, model, MAX_FRAC_BITS)))


def _bits_for_update(
    largest_parameter: float, example: NDArray[Any] | None, stated: float | None
) -> float:
    measured = 0.0 if example is None else _largest(example, "The example update")
    if example is None or measured == 0.0:
        assumed = stated if stated is not None else (largest_parameter or 1.0)
        return _bits(LARGEST_LANE / HEADROOM_ASSUMED, assumed)
    moved = np.abs(example[example != 0].astype(np.float64))
    typical = float(np.median(moved))
    with_headroom = _bits(LARGEST_LANE / HEADROOM_MEASURED, measured)
    fine_enough = ceil(log2(TYPICAL_UNITS / typical))
    return min(max(with_headroom, fine_enough), _bits(LARGEST_LANE, measured))


def choose_model_spec(
    arrays: Arrays,
    *,
    example: Arrays | None = None,
    largest_change: float | Mapping[str, float] | None = None,
    buffers: Buffers | None = None,
    noise: float = 0.0,
) -> ModelSpec:
    """Make the model specification of an app from its initial arrays.

    Parameters
    ----------
    arrays
        Initial arrays by name, as in the app's ArrayRecord.
    example
        A change of one round by name, in the same units; best from a dry run at one site.
    largest_change
        Stated instead: one for all tensors, or by name.
    buffers
        Declarations of integer arrays, see `tensors`.
    noise
        σ of the noise over the clip, if there is any: z where the unit is a site, 2 z where it is a
        record or a patient. Needs an example, whose norm is taken for the clip.

    Raises
    ------
    ChongwenError
        ``scale-impossible``, and those of `tensors.kind_of`.
    """
    placed: list[tuple[str, tuple[int, ...], int]] = []
    for name, array in federated(arrays, buffers or {}).items():
        stated = largest_change.get(name) if isinstance(largest_change, Mapping) else largest_change
        change = None if example is None else example.get(name)
        bits = 0 if array.dtype.kind in "iub" else choose_frac_bits(array, change, stated)
        placed.append((name, tuple(array.shape), bits))
    drop = _drop_for_noise(placed, example or {}, noise) if noise else 0
    return create_model_spec((name, shape, max(0, bits - drop)) for name, shape, bits in placed)


def _drop_for_noise(placed: list[tuple[str, Any, int]], example: Arrays, noise: float) -> int:
    squares = sum(
        float(np.sum(np.square(np.ldexp(example[name].astype(np.float64), bits))))
        for name, _, bits in placed
        if name in example
    )
    if squares == 0.0:
        raise ChongwenError(
            "scale-impossible",
            "A scale for noise needs the norm of an update, and there is no example that moves.",
            "Give the change of one round of a dry run as example.",
        )
    return max(0, ceil(log2(NOISE_WIDTH * noise * sqrt(squares) / LARGEST_LANE)))


def scale_report(spec: ModelSpec, example: Arrays) -> tuple[TensorScale, ...]:
    """Tell what the chosen scale would do to an example update, tensor by tensor."""
    return tuple(
        _scale_of(tensor.name, tensor.frac_bits, np.asarray(example[tensor.name], np.float64))
        for tensor in spec.tensors
    )


def _scale_of(name: str, frac_bits: int, change: NDArray[np.float64]) -> TensorScale:
    units = np.floor(change * 2.0**frac_bits + 0.5)
    return TensorScale(
        name=name,
        frac_bits=frac_bits,
        smallest_change=2.0**-frac_bits,
        largest_change=LARGEST_LANE * 2.0**-frac_bits,
        largest_parameter=LARGEST_MODEL_LANE * 2.0**-frac_bits,
        saturated=float(np.mean((units > LARGEST_LANE) | (units < -LARGEST_LANE - 1))),
        zeroed=float(np.mean((units == 0) & (change != 0))),
    )


def _largest(values: NDArray[Any], what: str) -> float:
    largest = float(np.max(np.abs(values.astype(np.float64)), initial=0.0))
    if not np.isfinite(largest):
        raise ChongwenError(
            "scale-impossible",
            f"{what} hold NaN or infinity.",
            "Start from finite parameters.",
        )
    return largest


def _bits(room: float, magnitude: float) -> float:
    """Largest f with ``magnitude · 2^f ≤ room``."""
    return inf if magnitude == 0.0 else floor(log2(room / magnitude))
