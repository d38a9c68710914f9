from fractions import Fraction
from math import floor, isqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.aggregate import aggregate, clip_to_norm
from protocol.vectors import vectors


def lanes(values):
    return None if values is None else np.array(values, np.int32)


def updates_of(rows):
    return [np.array(row, np.int16) for row in rows]


@pytest.mark.parametrize("vector", vectors("aggregate.json"))
def test_vectors(vector):
    model = aggregate(
        vector["ruleId"],
        int(vector["ruleParam"]),
        lanes(vector["base"]),
        updates_of(vector["updates"]),
        vector["weights"],
    )
    assert model.dtype == np.int32
    assert model.tolist() == vector["model"]


LANE = st.integers(-(2**15), 2**15 - 1) | st.sampled_from([-(2**15), 2**15 - 1, 0])
ROUND = st.integers(1, 7).flatmap(
    lambda n: st.tuples(
        st.lists(st.lists(LANE, min_size=3, max_size=3), min_size=n, max_size=n),
        st.lists(st.integers(0, 65_535 // n), min_size=n, max_size=n).filter(any),
        st.lists(st.integers(-(2**31), 2**31 - 1), min_size=3, max_size=3) | st.none(),
    )
)


def half_up(value):
    return floor(value + Fraction(1, 2))


def by_the_words(rule, param, base, rows, weights):
    """docs/protocol.md, “Aggregation”, in exact fractions and as slowly as it reads."""
    counted = [(row, weight) for row, weight in zip(rows, weights, strict=True) if weight]
    if rule == 2:
        clipped = []
        for row, weight in counted:
            norm_sq = sum(q * q for q in row)
            over = norm_sq > param**2
            shrunk = [q * param // (isqrt(norm_sq) + 1) for q in row] if over else row
            clipped.append((shrunk, weight))
        counted = clipped
    model = []
    for x in range(3):
        if rule in (1, 2):
            total = sum(weight for _, weight in counted)
            step = half_up(Fraction(sum(row[x] * weight for row, weight in counted), total))
        else:
            column = sorted(row[x] for row, _ in counted)
            trim = param if rule == 3 else (len(column) - 1) // 2
            kept = column[trim : len(column) - trim]
            step = half_up(Fraction(sum(kept), len(kept)))
        moved = (0 if base is None else base[x]) + step
        model.append(min(max(moved, -(2**31)), 2**31 - 1))
    return model


@given(ROUND, st.sampled_from([(1, 0), (2, 0), (2, 1000), (2, 40_000), (3, 0), (3, 1), (4, 0)]))
def test_every_rule_is_its_words(played, rule):
    rows, weights, base = played
    if rule == (3, 1) and sum(map(bool, weights)) <= 2:
        return
    expected = by_the_words(*rule, base, rows, weights)
    assert aggregate(*rule, lanes(base), updates_of(rows), weights).tolist() == expected


def test_order_of_arrival_changes_nothing():
    rng = np.random.default_rng(5)
    updates = [rng.integers(-(2**15), 2**15, 50).astype(np.int16) for _ in range(9)]
    weights = [int(w) for w in rng.integers(1, 500, 9)]
    base = rng.integers(-(2**31), 2**31, 50).astype(np.int32)
    for rule, param in [(1, 0), (2, 9000), (3, 2), (4, 0)]:
        first = aggregate(rule, param, base, updates, weights)
        for _ in range(5):
            order = rng.permutation(9)
            again = [updates[i] for i in order], [weights[i] for i in order]
            assert np.array_equal(aggregate(rule, param, base, *again), first)


def test_blocks_do_not_show(monkeypatch):
    rng = np.random.default_rng(6)
    updates = [rng.integers(-(2**15), 2**15, 101).astype(np.int16) for _ in range(5)]
    for rule, param in [(1, 0), (2, 9000), (3, 1), (4, 0)]:
        whole = aggregate(rule, param, None, updates, [3, 1, 4, 1, 5])
        with monkeypatch.context() as patch:
            patch.setattr("chongwen_flower.protocol.aggregate._BLOCK", 7)
            assert np.array_equal(aggregate(rule, param, None, updates, [3, 1, 4, 1, 5]), whole)


def test_a_clip_keeps_the_update_that_is_within():
    update = np.array([3, 4], np.int16)
    assert clip_to_norm(update, 5) is update
    assert clip_to_norm(update, 4).tolist() == [2, 2]
    assert clip_to_norm(update, 0).tolist() == [0, 0]
    assert clip_to_norm(np.full(9, -32_768, np.int16), 1).tolist() == [-1] * 9


ONE = [np.zeros(2, np.int16)]


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        ("rule-unknown", (5, 0, None, ONE, [1])),
        ("rule-unknown", (0, 0, None, ONE, [1])),
        ("out-of-range", (1, 1, None, ONE, [1])),
        ("out-of-range", (2, 2**64, None, ONE, [1])),
        ("out-of-range", (3, 128, None, ONE, [1])),
        ("out-of-range", (3, -1, None, ONE, [1])),
        ("weights-invalid", (1, 0, None, ONE, [])),
        ("weights-invalid", (1, 0, None, ONE, [0])),
        ("weights-invalid", (4, 0, None, ONE, [0])),
        ("weights-invalid", (1, 0, None, ONE, [-1])),
        ("weights-invalid", (1, 0, None, ONE, [65_536])),
        ("weights-invalid", (1, 0, None, ONE * 2, [65_535, 1])),
        ("weights-invalid", (1, 0, None, [], [])),
        ("length-mismatch", (1, 0, None, [*ONE, np.zeros(3, np.int16)], [1, 1])),
        ("length-mismatch", (1, 0, np.zeros(3, np.int32), ONE, [1])),
        ("too-few-updates", (3, 1, None, ONE * 2, [1, 1])),
    ],
)
def test_what_makes_no_aggregate_is_refused(code, arguments):
    with pytest.raises(ChongwenError) as refused:
        aggregate(*arguments)
    assert refused.value.code == code


def test_lanes_of_another_kind_are_refused():
    for wrong in [np.zeros(2), np.zeros(2, np.int32), np.zeros((1, 2), np.int16)]:
        with pytest.raises(TypeError):
            aggregate(1, 0, None, [wrong], [1])
    with pytest.raises(TypeError):
        aggregate(1, 0, np.zeros(2, np.int64), ONE, [1])
