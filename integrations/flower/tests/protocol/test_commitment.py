import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from remerkleable.basic import uint16, uint32, uint64
from remerkleable.complex import Vector

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.norm_trace import norm_sq_of, norm_trace
from chongwen_flower.protocol.ssz import hash_tree_root, model_root, update_root
from chongwen_flower.protocol.vector_shape import vector_shape
from protocol.vectors import lanes16, lanes32, raw, vectors


@pytest.mark.parametrize("vector", vectors("ssz.json"))
def test_ssz_vectors(vector):
    shape = vector_shape(vector["lanes"])
    assert shape.padded == vector["padded"]
    assert hash_tree_root(raw(vector["data"]), vector["depth"]) == raw(vector["root"])
    if vector["type"] == "uint16":
        assert shape.update_depth == vector["depth"]
        assert update_root(lanes16(vector["data"])) == raw(vector["root"])
    else:
        assert shape.model_depth == vector["depth"]
        assert model_root(lanes32(vector["data"])) == raw(vector["root"])


@pytest.mark.parametrize("vector", vectors("norm-trace.json"))
def test_norm_trace_vectors(vector):
    lanes = lanes16(vector["data"])
    trace = norm_trace(lanes)
    assert trace.norm_sq == norm_sq_of(lanes) == int(vector["normSq"])
    assert trace.to_bytes() == raw(vector["trace"])
    assert trace.root == raw(vector["root"])
    commitment = commit_update(lanes)
    assert commitment.update_root == raw(vector["updateRoot"])
    assert (commitment.norm_sq, commitment.norm_trace_root) == (trace.norm_sq, trace.root)


@given(st.integers(1, 400), st.integers(0, 2**32))
@settings(max_examples=60)
def test_roots_are_those_of_an_independent_ssz_library(count, seed):
    rng = np.random.default_rng(seed)
    shape = vector_shape(count)
    update = rng.integers(-(2**15), 2**15, count).astype(np.int16)
    model = rng.integers(-(2**31), 2**31, count).astype(np.int32)

    def root(kind, lanes, length):
        padded = [*lanes, *[0] * (length - len(lanes))]
        return bytes(Vector[kind, length](*padded).hash_tree_root())

    assert update_root(update) == root(uint16, update.view(np.uint16).tolist(), shape.padded)
    assert model_root(model) == root(uint32, model.view(np.uint32).tolist(), shape.padded)
    sums = np.frombuffer(norm_trace(update).to_bytes(), "<u8").tolist()
    assert norm_trace(update).root == root(uint64, sums, shape.padded // 16)
    total = 0
    for j, value in enumerate(sums):
        total += sum(int(q) ** 2 for q in update[16 * j : 16 * j + 16])
        assert value == total


def test_runs_of_a_level_do_not_show(monkeypatch):
    data = np.random.default_rng(2).bytes(32 * 77 + 5)
    whole = hash_tree_root(data, 9)
    monkeypatch.setattr("chongwen_flower.protocol.ssz._RUN", 192)
    assert hash_tree_root(data, 9) == whole


def test_blocks_of_a_sum_do_not_show(monkeypatch):
    lanes = np.random.default_rng(3).integers(-(2**15), 2**15, 16 * 33 + 7).astype(np.int16)
    whole = norm_trace(lanes)
    monkeypatch.setattr("chongwen_flower.protocol.norm_trace._BLOCK", 4)
    assert norm_trace(lanes).root == whole.root


def test_the_largest_lanes_do_not_wrap():
    lanes = np.full(5000, -32_768, np.int16)
    assert norm_sq_of(lanes) == norm_trace(lanes).norm_sq == 5000 * 2**30


def test_an_empty_tree_is_zeros_hashed():
    pair = hashlib.sha256(bytes(64)).digest()
    assert hash_tree_root(b"", 1) == pair
    assert hash_tree_root(b"", 0) == bytes(32)


def test_what_does_not_fit_is_refused():
    for data, depth in [(bytes(33), 0), (bytes(65), 1), (b"", 37), (b"", -1)]:
        with pytest.raises(ChongwenError) as refused:
            hash_tree_root(data, depth)
        assert refused.value.code == "out-of-range"
    with pytest.raises(ChongwenError):
        commit_update(np.zeros(0, np.int16))
    for count in (0, 2**31 + 1):
        with pytest.raises(ChongwenError):
            vector_shape(count)


def test_the_same_numbers_in_another_width_are_refused():
    with pytest.raises(TypeError):
        update_root(np.zeros(4, np.int32))
    with pytest.raises(TypeError):
        model_root(np.zeros(4, np.int16))
    for wrong in [np.zeros(4, np.int32), np.zeros((2, 2), np.int16), np.zeros(4, ">i2")]:
        with pytest.raises(TypeError):
            commit_update(wrong)


def test_strided_lanes_have_the_root_of_their_numbers():
    lanes = np.arange(-50, 50, dtype=np.int16)
    assert commit_update(np.repeat(lanes, 2)[::2]) == commit_update(lanes)
    assert commit_update(lanes[::-1]) != commit_update(lanes)
