"""Exact samples of the discrete Gaussian, P(x) ∝ exp(−x²/(2σ²)) over the integers.

From random bits and integer arithmetic alone: no logarithm, no float that rounds, so what is proven
of the distribution holds for the samples too (floats are how noise has leaked before). From the
same random bytes it gives the same integers as TypeScript.

Source: C. Canonne, G. Kamath, T. Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS
2020, arXiv 2004.00010, algorithms 1 to 3.

Warning: the time that a sample takes depends on the sample. Draw noise where nobody can measure
that.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Final

from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.random_bits import RandomBits

_MAX_SIGMA: Final = 2**20
"""Thirty times what an int16 lane can hold."""


def bernoulli(bits: RandomBits, a: int, b: int) -> bool:
    """Draw True with probability a/b exactly, 0 ≤ a ≤ b.

    The binary digits of a/b are compared with random ones, 32 at a time, until they differ.
    """
    rest = a
    while rest > 0:
        digits, rest = divmod(rest << 32, b)
        drawn = bits.word()
        if drawn != digits:
            return drawn < digits
    return False


def bernoulli_exp(bits: RandomBits, a: int, b: int) -> bool:
    """Draw True with probability exp(−a/b); a ≥ 0, b > 0. Algorithm 1."""
    whole, rest = divmod(a, b)
    return all(_bernoulli_exp_unit(bits, 1, 1) for _ in range(whole)) and _bernoulli_exp_unit(
        bits, rest, b
    )


def discrete_laplace(bits: RandomBits, t: int) -> int:
    """Draw x with P(x) ∝ exp(−|x|/t), t a whole number from 1. Algorithm 2 with s = 1."""
    while True:
        u = bits.below(t)
        if not _bernoulli_exp_unit(bits, u, t):
            continue
        v = 0
        while _bernoulli_exp_unit(bits, 1, 1):
            v += 1
        size = u + t * v
        negative = bits.bit()
        # Else zero would come from either sign, twice as often as it should.
        if not (negative and size == 0):
            return -size if negative else size


def discrete_gaussian(sigma_squared: Fraction) -> Callable[[RandomBits], int]:
    """Make a sampler of N_Z(0, σ²). Algorithm 3.

    Parameters
    ----------
    sigma_squared
        The *variance*, not the standard deviation, in squared units of the grid.

    Raises
    ------
    ChongwenError
        ``out-of-range``
    """
    require_variance(sigma_squared)
    n, d = sigma_squared.numerator, sigma_squared.denominator
    t = isqrt(n // d) + 1
    dt = d * t
    divisor = 2 * n * d * t * t

    def sample(bits: RandomBits) -> int:
        while True:
            y = discrete_laplace(bits, t)
            # (|y| − σ²/t)² / (2σ²) over one denominator.
            distance = abs(y) * dt - n
            if bernoulli_exp(bits, distance * distance, divisor):
                return y

    return sample


def require_variance(sigma_squared: Fraction) -> None:
    """Refuse variances that cannot be sampled.

    Raises
    ------
    ChongwenError
        ``out-of-range``
    """
    in_range = 0 < sigma_squared <= _MAX_SIGMA * _MAX_SIGMA
    if not in_range or sigma_squared.denominator > 2**64:
        message = f"A variance of {sigma_squared} is not between 0 and 2^40 with a denominator of"
        raise protocol_error("out-of-range", f"{message} at most 2^64.")


def _bernoulli_exp_unit(bits: RandomBits, a: int, b: int) -> bool:
    """Algorithm 1 for 0 ≤ a/b ≤ 1: True with probability exp(−a/b)."""
    k = 1
    while bernoulli(bits, a, b * k):
        k += 1
    return k % 2 == 1
