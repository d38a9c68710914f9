"""Privacy mode A: an update is clipped, then noise is added, and only then is it committed to.

Whoever opens it later sees the noised one alone, so everything that is computed from it costs
nothing more (post-processing). What is proven: with L2 sensitivity Δ and discrete Gaussian noise of
variance σ² on every lane, one release is Δ²/(2σ²)-zCDP (Canonne, Kamath, Steinke 2020, arXiv
2004.00010, theorem 4 and its multivariate form). What nobody can check afterwards: that the noise
was drawn. docs/privacy.md says what it is worth.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isqrt, log, sqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.discrete_gaussian import discrete_gaussian, require_variance
from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.norm_trace import norm_sq_of
from chongwen_flower.protocol.random_bits import FillRandom, RandomBits

PrivacyUnit = Literal["record", "patient", "site"]

NANO: Final = 10**9
_LOW, _HIGH = -(2**15), 2**15 - 1


@dataclass(frozen=True, slots=True)
class NoiseSetting:
    """How much noise an update gets.

    Parameters
    ----------
    clip
        C: largest L2 norm before the noise, in units of the grid, 1 … 2^31 − 1.
    sigma_squared
        Variance of the noise on each lane, in squared units of the grid. Not its standard
        deviation.
    unit
        Whose presence the noise hides.
    """

    clip: int
    sigma_squared: Fraction | int
    unit: PrivacyUnit


@dataclass(frozen=True)
class NoisedUpdate:
    """What may be committed to where the round charges a budget; made by `privatise` alone.

    Parameters
    ----------
    update
        int16 lanes.
    rho
        Nano-ρ that the release costs, rounded up.
    unit
        Whose presence the noise hides.
    saturated
        Lanes cut off at the ends of int16, after the noise.
    zeroed
        Lanes that were not zero and that the clip made zero. A fact about the update before the
        noise: it stays at the site.
    """

    update: NDArray[np.int16]
    rho: int
    unit: PrivacyUnit
    saturated: int
    zeroed: int


def sensitivity(unit: PrivacyUnit, clip: int) -> int:
    """Give the most by which an update can move, in L2 norm, between neighbouring inputs.

    A site's update against none at all (all zero): C. One record, or all of one patient, more, less
    or other: training is not bounded record by record, so the update may become any other one in
    the ball: 2C. Hence a guarantee for a record costs four times the ρ that one for a site costs.
    """
    return clip if unit == "site" else 2 * clip


def rho_of(setting: NoiseSetting) -> int:
    """Give ρ = Δ²/(2σ²) of one release, in nano-ρ, rounded up.

    Raises
    ------
    ChongwenError
        ``out-of-range``
    """
    _require_setting(setting)
    delta = sensitivity(setting.unit, setting.clip)
    return ceil(NANO * delta * delta / (2 * Fraction(setting.sigma_squared)))


def variance_for(nano_rho: int, clip: int, unit: PrivacyUnit) -> Fraction:
    """Give the smallest whole variance whose cost is at most `nano_rho`.

    Raises
    ------
    ChongwenError
        ``out-of-range``
    """
    if nano_rho < 1:
        raise protocol_error("out-of-range", f"No noise costs {nano_rho} nano-ρ.")
    delta = sensitivity(unit, clip)
    variance = Fraction(ceil(Fraction(NANO * delta * delta, 2 * nano_rho)))
    _require_setting(NoiseSetting(clip, variance, unit))
    return variance


def clip_within(update: NDArray[np.int16], clip: int) -> NDArray[np.int16]:
    """Give a copy of the update, scaled when its L2 norm is above C.

    ``trunc(q·C / (isqrt(Σq²) + 1))``. Aggregation rule 2 floors, by which negative lanes grow and
    the norm can exceed C by up to √N: good enough against outliers and not for a sensitivity. This
    one rounds towards zero, so the norm is at most C.
    """
    norm_sq = norm_sq_of(update)
    if norm_sq <= clip * clip:
        return update.copy()
    # C < isqrt(Σq²) + 1 ≤ 2^31, so |q|·C < 2^46.
    size = np.abs(update.astype(np.int64)) * clip // (isqrt(norm_sq) + 1)
    return np.where(update < 0, -size, size).astype(np.int16)


def privatise(
    update: NDArray[np.int16], setting: NoiseSetting, fill: FillRandom = secrets.token_bytes
) -> NoisedUpdate:
    """Clip, then add noise.

    Parameters
    ----------
    update
        N quantised lanes, int16.
    setting
        How much.
    fill
        Cryptographically secure, save in tests. Fresh for every call: the same noise twice is none.

    Raises
    ------
    ChongwenError
        ``out-of-range``
    """
    rho = rho_of(setting)
    clipped = clip_within(update, setting.clip)
    sample = discrete_gaussian(Fraction(setting.sigma_squared))
    bits = RandomBits(fill)
    noise = np.fromiter((sample(bits) for _ in range(clipped.size)), np.int64, clipped.size)
    noised = clipped + noise
    values = np.clip(noised, _LOW, _HIGH)
    return NoisedUpdate(
        update=values.astype(np.int16),
        rho=rho,
        unit=setting.unit,
        saturated=int(np.count_nonzero(values != noised)),
        zeroed=int(np.count_nonzero((clipped == 0) & (update != 0))),
    )


def epsilon_of(nano_rho: int, delta: float = 1e-6) -> float:
    """Give ε of (ε, δ)-differential privacy: ρ + 2·√(ρ·ln(1/δ)), an upper bound.

    Source: M. Bun and T. Steinke, "Concentrated Differential Privacy", TCC 2016-B, proposition 1.3.

    Raises
    ------
    ChongwenError
        ``out-of-range``
    """
    if nano_rho < 0:
        raise protocol_error("out-of-range", f"A privacy loss of {nano_rho} nano-ρ is below zero.")
    if not 0 < delta < 1:
        raise protocol_error("out-of-range", f"δ is {delta}, not between 0 and 1.")
    rho = nano_rho / NANO
    return rho + 2 * sqrt(rho * log(1 / delta))


def _require_setting(setting: NoiseSetting) -> None:
    if not 1 <= setting.clip < 2**31:
        message = f"A clip of {setting.clip} is not between 1 and 2^31 − 1."
        raise protocol_error("out-of-range", message)
    require_variance(Fraction(setting.sigma_squared))
