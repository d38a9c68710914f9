from collections import Counter
from fractions import Fraction
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.discrete_gaussian import bernoulli, bernoulli_exp, discrete_gaussian
from chongwen_flower.protocol.norm_trace import norm_sq_of
from chongwen_flower.protocol.privacy import (
    NANO,
    NoiseSetting,
    clip_within,
    epsilon_of,
    privatise,
    rho_of,
    variance_for,
)
from chongwen_flower.protocol.random_bits import RandomBits
from protocol.vectors import vectors

VECTORS = vectors("privacy.json")


def stream_of(seed):
    """The bytes of tools/vectors/random.ts: xorshift32."""
    state = seed

    def fill(size):
        nonlocal state
        words = []
        for _ in range(size // 4):
            state ^= state << 13 & 0xFFFFFFFF
            state ^= state >> 17
            state ^= state << 5 & 0xFFFFFFFF
            words.append(state)
        return np.array(words, "<u4").tobytes()

    return fill


def lanes(values):
    return np.array(values, np.int16)


def ratio(vector):
    return Fraction(int(vector["numerator"]), int(vector["denominator"]))


def setting_of(vector):
    return NoiseSetting(int(vector["clip"]), ratio(vector), vector["unit"])


@pytest.mark.parametrize("vector", VECTORS["clips"], ids=lambda vector: vector["clip"])
def test_clips_of_the_vectors(vector):
    clipped = clip_within(lanes(vector["update"]), int(vector["clip"]))
    assert clipped.tolist() == vector["clipped"]


@pytest.mark.parametrize("vector", VECTORS["costs"])
def test_costs_of_the_vectors(vector):
    assert rho_of(setting_of(vector)) == int(vector["nanoRho"])


@pytest.mark.parametrize("vector", VECTORS["variances"])
def test_variances_of_the_vectors(vector):
    nano_rho, clip = int(vector["nanoRho"]), int(vector["clip"])
    assert variance_for(nano_rho, clip, vector["unit"]) == int(vector["variance"])


@pytest.mark.parametrize("vector", VECTORS["samples"])
def test_the_same_bytes_give_the_same_noise_as_in_typescript(vector):
    sample, bits = discrete_gaussian(ratio(vector)), RandomBits(stream_of(vector["seed"]))
    assert [sample(bits) for _ in vector["samples"]] == vector["samples"]


@pytest.mark.parametrize("vector", VECTORS["noised"])
def test_noised_updates_of_the_vectors(vector):
    noised = privatise(lanes(vector["update"]), setting_of(vector), stream_of(vector["seed"]))
    assert noised.update.tolist() == vector["lanes"]
    assert noised.rho == int(vector["nanoRho"])
    assert (noised.saturated, noised.zeroed) == (vector["saturated"], vector["zeroed"])


@given(st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1, max_size=30), st.integers(1, 2**17))
def test_a_clipped_norm_is_never_above_the_clip(values, clip):
    update = lanes(values)
    clipped = clip_within(update, clip)
    assert norm_sq_of(clipped) <= clip * clip
    assert (np.abs(clipped.astype(int)) <= np.abs(update.astype(int))).all()
    if norm_sq_of(update) <= clip * clip:
        assert np.array_equal(clipped, update)


def test_samples_are_as_frequent_as_they_should_be():
    # Upper 0.1 % point of χ² at 8 degrees of freedom; the stream is fixed: it passes or never does.
    variance, count = Fraction(9, 4), 40_000
    sample, bits = discrete_gaussian(variance), RandomBits(stream_of(7))
    seen = Counter(sample(bits) for _ in range(count))
    mass = {x: exp(-x * x / (2 * float(variance))) for x in range(-60, 61)}
    total = sum(mass.values())
    expected = {x: count * mass[x] / total for x in range(-4, 5)}
    statistic = sum((seen[x] - e) ** 2 / e for x, e in expected.items())
    assert statistic < 26.124


def test_bernoulli_goes_on_with_more_digits_where_the_first_decide_nothing():
    # 1/3 = 0.010101… in binary.
    words = [0x55555555, 0x55555555, 0x55555554]
    bits = RandomBits(lambda size: np.array(words + [0] * (size // 4 - 3), "<u4").tobytes())
    assert bernoulli(bits, 1, 3)
    assert bits.word() == 0


def test_exponentials_beyond_one():
    bits, count = RandomBits(stream_of(9)), 20_000
    for a, b in [(0, 1), (1, 2), (1, 1), (5, 2)]:
        p = exp(-a / b)
        seen = sum(bernoulli_exp(bits, a, b) for _ in range(count))
        assert abs(seen - count * p) <= 4 * (count * p * (1 - p)) ** 0.5


def test_noise_is_new_each_time():
    setting = NoiseSetting(1000, Fraction(10**6), "site")
    update = np.zeros(50, np.int16)
    first, second = privatise(update, setting), privatise(update, setting)
    assert not np.array_equal(first.update, second.update)
    assert np.count_nonzero(update) == 0


def test_a_whole_variance_may_be_an_int():
    exact = rho_of(NoiseSetting(2**31 - 1, Fraction(2**39 + 1), "record"))
    assert rho_of(NoiseSetting(2**31 - 1, 2**39 + 1, "record")) == exact


def test_the_variance_for_a_budget_is_the_smallest_that_it_covers():
    for unit in ("site", "patient", "record"):
        variance = variance_for(5_000_000, 1000, unit)
        assert rho_of(NoiseSetting(1000, variance, unit)) <= 5_000_000
        assert rho_of(NoiseSetting(1000, variance - 1, unit)) > 5_000_000


def test_a_guarantee_for_a_record_costs_four_times_one_for_a_site():
    costs = {u: rho_of(NoiseSetting(100, 10**6, u)) for u in ("site", "patient", "record")}
    assert costs["record"] == costs["patient"] == 4 * costs["site"]


def test_epsilon_of_the_ledger():
    assert epsilon_of(0) == 0
    assert epsilon_of(NANO, 1e-5) == pytest.approx(1 + 2 * np.log(1e5) ** 0.5)


@pytest.mark.parametrize(
    "broken",
    [
        lambda: rho_of(NoiseSetting(0, 1, "site")),
        lambda: rho_of(NoiseSetting(2**31, 1, "site")),
        lambda: rho_of(NoiseSetting(1, 0, "site")),
        lambda: rho_of(NoiseSetting(1, Fraction(-1, 2), "site")),
        lambda: rho_of(NoiseSetting(1, 2**40 + 1, "site")),
        lambda: rho_of(NoiseSetting(1, Fraction(1, 2**64 + 1), "site")),
        lambda: variance_for(0, 1, "site"),
        lambda: discrete_gaussian(Fraction(0)),
        lambda: epsilon_of(-1),
        lambda: epsilon_of(1, 0),
        lambda: epsilon_of(1, 1),
    ],
)
def test_settings_that_protect_nobody_are_refused(broken):
    with pytest.raises(ChongwenError) as refused:
        broken()
    assert refused.value.code == "out-of-range"
