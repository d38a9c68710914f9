"""An app's arrays and the flat vector: every lane in its place, or a sentence that says why not."""

from __future__ import annotations

import numpy as np
import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.model_spec import create_model_spec
from chongwen_flower.tensors import flatten, unflatten

SPEC = create_model_spec([("w", (2, 3), 16), ("b", (), 16), ("seen", (2,), 0)])
BUFFERS = {"seen": "count", "*.tracked": "local"}


def arrays(**changes):
    usual = {
        "w": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": np.array(0.5, np.float32),
        "seen": np.array([3, 4], np.int64),
        "bn.tracked": np.array(9, np.int64),
    }
    usual.update(changes)
    return {name: array for name, array in usual.items() if array is not None}


def refusal(given, buffers=BUFFERS):
    with pytest.raises(ChongwenError) as problem:
        flatten(SPEC, given, buffers)
    return problem.value


def test_flatten_and_unflatten_are_inverse():
    flat = flatten(SPEC, arrays(), BUFFERS)
    assert flat.tolist() == [0, 1, 2, 3, 4, 5, 0.5, 3, 4]
    back = unflatten(SPEC, flat, arrays(), BUFFERS)
    assert list(back) == list(arrays())
    for name, array in arrays().items():
        assert back[name].dtype == array.dtype
        assert np.array_equal(back[name], array)


def test_the_order_of_the_reply_does_not_matter():
    turned = dict(reversed(arrays().items()))
    assert np.array_equal(flatten(SPEC, turned, BUFFERS), flatten(SPEC, arrays(), BUFFERS))


def test_a_transposed_tensor_is_named():
    problem = refusal(arrays(w=np.zeros((3, 2), np.float32)))
    assert problem.code == "tensor-shape"
    assert "“w” has the shape 3×2" in problem.message
    assert "2×3" in problem.message


def test_a_missing_tensor_is_named():
    problem = refusal(arrays(b=None))
    assert problem.code == "tensor-missing"
    assert "“b”" in problem.message


def test_an_extra_tensor_is_named():
    problem = refusal(arrays(backdoor=np.zeros(2)))
    assert problem.code == "tensor-unknown"
    assert "“backdoor”" in problem.message


def test_an_undeclared_integer_buffer_is_refused_with_what_to_declare():
    problem = refusal(arrays(), {"seen": "count"})
    assert problem.code == "buffer-undeclared"
    assert 'buffers={"bn.tracked": "local"}' in problem.fix


def test_both_sides_must_declare_the_same():
    assert refusal(arrays(), {"*.tracked": "local", "seen": "local"}).code == "tensor-missing"
    problem = refusal(arrays(), {"*.tracked": "count", "seen": "count"})
    assert problem.code == "tensor-unknown"
    integers = arrays(w=np.zeros((2, 3), np.int32))
    assert refusal(integers, {**BUFFERS, "w": "count"}).code == "buffer-invalid"


@pytest.mark.parametrize("kind", ["mean", ""])
def test_a_declaration_that_means_nothing_is_refused(kind):
    assert refusal(arrays(), {**BUFFERS, "bn.tracked": kind}).code == "buffer-invalid"


def test_a_count_that_holds_floats_is_refused():
    problem = refusal(arrays(seen=np.zeros(2)))
    assert problem.code == "buffer-invalid"


@pytest.mark.parametrize("dtype", ["complex64", "U3", "datetime64[s]"])
def test_what_cannot_be_averaged_is_refused(dtype):
    assert refusal(arrays(b=np.zeros((), dtype))).code == "tensor-dtype"
