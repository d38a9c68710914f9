"""Scale by tensor, and how an app's arrays become lanes and come back."""

from __future__ import annotations

import numpy as np
import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.model_spec import create_model_spec
from chongwen_flower.scale import choose_frac_bits, choose_model_spec, scale_report

RANDOM = np.random.default_rng(7)
WEIGHTS = RANDOM.normal(0, 0.05, (64, 32)).astype(np.float32)


def test_a_change_at_learning_rate_1e_5_neither_vanishes_nor_saturates():
    change = 1e-5 * RANDOM.normal(0, 0.3, WEIGHTS.shape)
    spec = choose_model_spec({"w": WEIGHTS}, example={"w": change})
    [scale] = scale_report(spec, {"w": change})
    assert scale.saturated == 0
    assert scale.zeroed < 0.001
    assert scale.largest_change >= 8 * np.abs(change).max()
    assert scale.largest_parameter >= 16 * np.abs(WEIGHTS).max()


def test_the_naive_scale_loses_it_whole():
    change = {"w": 1e-5 * RANDOM.normal(0, 0.3, WEIGHTS.shape)}
    naive = choose_model_spec({"w": WEIGHTS}, largest_change=1.0)
    assert naive.tensors[0].frac_bits == 13
    [scale] = scale_report(naive, change)
    assert scale.zeroed == 1


def test_a_large_layer_gets_a_coarse_scale_and_does_not_saturate():
    change = RANDOM.normal(0, 40, WEIGHTS.shape)
    spec = choose_model_spec({"w": 1000 * WEIGHTS}, example={"w": change})
    [scale] = scale_report(spec, {"w": 7.9 * change})
    assert scale.saturated == 0
    [fixed] = scale_report(create_model_spec([("w", WEIGHTS.shape, 14)]), {"w": change})
    assert fixed.saturated > 0.9


def test_each_tensor_has_its_own_scale():
    change = {"head": np.full((4,), 0.5), "embedding": np.full((4,), 1e-6)}
    spec = choose_model_spec({n: np.ones(4) for n in change}, example=change)
    bits = {tensor.name: tensor.frac_bits for tensor in spec.tensors}
    assert bits["embedding"] - bits["head"] > 10


def test_a_few_lanes_that_run_ahead_do_not_silence_the_rest():
    change = np.full(100_000, 1e-6)
    change[0] = 0.5
    bits = choose_frac_bits(np.zeros(100_000), change)
    # Head-room of 8 would give 12 bits; the typical change asks for more and gets what int16 has.
    assert bits == 15
    assert 0.5 * 2**bits <= 32_767


def test_the_model_keeps_room_whatever_the_change():
    assert choose_frac_bits(np.array([100.0]), np.array([1e-12])) == 20


def test_without_a_hint_the_largest_parameter_is_the_guess():
    assert choose_frac_bits(np.zeros(3)) == 13
    assert choose_frac_bits(np.array([0.05])) == 18


def test_an_example_that_does_not_move_falls_back_to_what_was_stated():
    assert choose_frac_bits(np.zeros(3), np.zeros(3), 0.01) == 20


def test_counts_have_no_fraction_bits_and_local_buffers_no_lanes():
    arrays = {
        "bn.weight": np.ones(3, np.float32),
        "bn.num_batches_tracked": np.array(7),
        "bn.seen": np.array([1, 2]),
    }
    spec = choose_model_spec(arrays, buffers={"*.num_batches_tracked": "local", "bn.seen": "count"})
    assert [(t.name, t.frac_bits) for t in spec.tensors] == [("bn.weight", 13), ("bn.seen", 0)]


@pytest.mark.parametrize("bad", [np.array([np.nan]), np.array([np.inf]), np.array([2.0**31])])
def test_parameters_that_no_scale_holds_are_refused(bad):
    with pytest.raises(ChongwenError) as problem:
        choose_frac_bits(bad)
    assert problem.value.code == "scale-impossible"


def test_noise_takes_bits_until_it_fits():
    change = {"w": RANDOM.normal(0, 1e-3, WEIGHTS.shape), "b": RANDOM.normal(0, 1e-2, 64)}
    start = {"w": WEIGHTS, "b": np.zeros(64)}
    plain = choose_model_spec(start, example=change)
    noisy = choose_model_spec(start, example=change, noise=1.0)
    drops = {a.frac_bits - b.frac_bits for a, b in zip(plain.tensors, noisy.tensors, strict=True)}
    assert len(drops) == 1
    assert drops.pop() > 0
    bits = {tensor.name: tensor.frac_bits for tensor in noisy.tensors}
    sigma = np.sqrt(sum(np.sum(np.square(c * 2.0 ** bits[n])) for n, c in change.items()))
    assert 2 * sigma < 32_767
    assert 32_767 / 8 < 4 * sigma <= 32_767


def test_noise_without_an_example_is_refused():
    with pytest.raises(ChongwenError) as problem:
        choose_model_spec({"w": WEIGHTS}, noise=1.0)
    assert problem.value.code == "scale-impossible"
