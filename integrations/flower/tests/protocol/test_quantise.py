import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.model_spec import create_model_spec
from chongwen_flower.protocol.quantise import dequantise, quantise_model, quantise_update
from protocol.vectors import vectors


@pytest.mark.parametrize("vector", vectors("quantise.json"))
def test_vectors(vector):
    spec = create_model_spec([("w", [len(vector["input"])], vector["fracBits"])])
    floats = np.array(vector["input"], np.float64)
    for quantise, name in [(quantise_update, "int16"), (quantise_model, "int32")]:
        result = quantise(spec, floats)
        assert result.values.dtype == name
        assert result.values.tolist() == vector[name]["values"]
        assert result.saturated == (vector[name]["saturated"],)
        assert result.zeroed == (vector[name]["zeroed"],)


def test_a_step_at_learning_rate_1e_5_survives_where_the_scale_fits_and_is_counted_where_not():
    steps = np.array([1e-5, -1e-5, 3e-5, 0.0] * 2, np.float32)
    spec = create_model_spec([("fine", [4], 24), ("coarse", [2, 2], 14)])
    result = quantise_update(spec, steps)
    assert result.values.tolist() == [168, -168, 503, 0, 0, 0, 0, 0]
    assert result.zeroed == (0, 3)
    assert result.saturated == (0, 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_an_error_that_names_tensor_and_index(bad):
    spec = create_model_spec([("first", [3], 14), ("second", [300_000], 14)])
    delta = np.zeros(300_003, np.float32)
    delta[290_005] = bad
    with pytest.raises(ChongwenError, match=r"290005 .tensor “second”, position 290002") as refused:
        quantise_update(spec, delta)
    assert refused.value.code == "not-finite"


def test_another_length_or_shape_is_refused():
    spec = create_model_spec([("w", [2, 3], 14)])
    for wrong in [np.zeros(5), np.zeros(7), np.zeros((2, 3)), np.array(1.0)]:
        with pytest.raises(ChongwenError) as refused:
            quantise_update(spec, wrong)
        assert refused.value.code == "length-mismatch"
    with pytest.raises(ChongwenError):
        dequantise(spec, np.zeros(5, np.int16))


def test_only_floats_are_quantised_and_only_lanes_turned_back():
    spec = create_model_spec([("w", [1], 0)])
    for wrong in [np.zeros(1, np.int64), np.zeros(1, np.complex128), np.zeros(1, np.longdouble)]:
        with pytest.raises(TypeError):
            quantise_update(spec, wrong)
    with pytest.raises(TypeError):
        dequantise(spec, np.zeros(1, np.int64))


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=9), st.integers(0, 30))
def test_lanes_survive_the_way_to_floats_and_back(lanes, frac_bits):
    spec = create_model_spec([("w", [len(lanes)], frac_bits)])
    values = np.array(lanes, np.int32)
    assert quantise_model(spec, dequantise(spec, values)).values.tolist() == lanes


@given(st.lists(st.floats(-1e9, 1e9, width=32), min_size=1, max_size=9), st.integers(0, 30))
def test_rounding_is_that_of_exact_fractions(floats, frac_bits):
    from fractions import Fraction
    from math import floor

    spec = create_model_spec([("w", [len(floats)], frac_bits)])
    # A float32 times 2^f plus a half is exact in binary64 while it is small; beyond it saturates.
    exact = [floor(Fraction(value) * 2**frac_bits + Fraction(1, 2)) for value in floats]
    expected = [min(max(value, -32_768), 32_767) for value in exact]
    for kind in (np.float32, np.float64):
        result = quantise_update(spec, np.array(floats, kind))
        assert result.values.tolist() == expected
        assert result.saturated == (sum(a != b for a, b in zip(exact, expected, strict=True)),)


def test_blocks_do_not_show(monkeypatch):
    spec = create_model_spec([("a", [70], 3), ("b", [10, 13], 9)])
    floats = np.random.default_rng(1).normal(size=200) * 40
    whole = quantise_update(spec, floats)
    monkeypatch.setattr("chongwen_flower.protocol.quantise._BLOCK", 7)
    parts = quantise_update(spec, floats)
    assert np.array_equal(whole.values, parts.values)
    assert (whole.saturated, whole.zeroed) == (parts.saturated, parts.zeroed)
    assert sum(whole.saturated) > 0
