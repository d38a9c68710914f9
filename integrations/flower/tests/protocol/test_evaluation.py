import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.evaluation import (
    Evaluation,
    EvaluationInput,
    evaluate_model,
    evaluation_problem,
    holdout_root,
    metrics_hash,
    predict_all,
)
from chongwen_flower.protocol.head import Head
from chongwen_flower.protocol.logits import logits
from protocol.vectors import lanes16, lanes32, raw, vectors

ROUND = vectors("round.json")["round"]
CASES = [v for v in vectors("scoring.json") if v["case"]["kind"] == "logits"]


def manifest():
    return json.loads(raw(ROUND["files"]["manifest.json"]))


def test_the_evaluation_of_the_round_vector():
    stated = Evaluation.from_json(manifest()["evaluation"])
    assert stated.hash() == raw(ROUND["evaluationHash"])
    files = ROUND["files"]
    given_ = EvaluationInput(stated.head, lanes16(files["holdout.bin"]), raw(files["labels.bin"]))
    evaluation, predictions = evaluate_model(lanes32(files["model.bin"]), given_)
    assert evaluation == stated
    assert predictions == raw(files["predictions.bin"])
    assert metrics_hash(evaluation, raw(files["metrics.json"])) == raw(ROUND["metricsHash"])
    assert metrics_hash(None, raw(files["metrics.json"])) != raw(ROUND["metricsHash"])


@pytest.mark.parametrize("vector", CASES)
def test_logits_vectors(vector):
    case = vector["case"]
    head = Head(*(case["head"][k] for k in ("headLane", "features", "classes", "featureBits")))
    values = np.array(case["values"], np.int16)
    kind = np.int16 if case["lanes"] == "int16" else np.int32
    found = logits(np.array(case["model"], kind), head, values, values.size // head.features)
    assert found.reshape(-1).tolist() == vector["result"]


EXTREME16 = st.integers(-(2**15), 2**15 - 1) | st.sampled_from([-(2**15), 2**15 - 1])
EXTREME32 = st.integers(-(2**31), 2**31 - 1) | st.sampled_from([-(2**31), 2**31 - 1])


@given(st.data())
def test_predictions_and_logits_are_those_of_unbounded_integers(data):
    features, classes = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 4))
    bits, lane = data.draw(st.integers(0, 30)), data.draw(st.integers(0, 3))
    size = lane + (features + 1) * classes
    model = data.draw(st.lists(EXTREME32, min_size=size, max_size=size))
    rows = st.lists(EXTREME16, min_size=features, max_size=features)
    records = data.draw(st.lists(rows, min_size=1, max_size=5))
    head = Head(lane, features, classes, bits)
    holdout = np.array(records, np.int16).reshape(-1)
    lanes = np.array(model, np.int32)

    def weight(i, c):
        return model[lane + i * classes + c]

    best, rounded = [], []
    for row in records:
        sums = [sum(x * weight(i, c) for i, x in enumerate(row)) for c in range(classes)]
        exact = [sums[c] + (weight(features, c) << bits) for c in range(classes)]
        best.append(exact.index(max(exact)))
        unit = 1 << bits
        rounded += [
            (2 * total + unit) // (2 * unit) + weight(features, c) for c, total in enumerate(sums)
        ]
    assert list(predict_all(lanes, head, holdout, len(records))) == best
    assert logits(lanes, head, holdout, len(records)).reshape(-1).tolist() == rounded


def test_many_features_at_the_extremes_stay_exact():
    features = 2**14
    for lane, value in [(-(2**31), -(2**15)), (2**31 - 1, -(2**15)), (2**31 - 1, 2**15 - 1)]:
        model = np.full(2 * features + 2, lane, np.int32)
        model[2 * features - 1] = lane + 1 if lane < 0 else lane - 1
        holdout = np.full(features, value, np.int16)
        found = logits(model, Head(0, features, 2, 30), holdout, 1).tolist()
        total = features * lane * value
        off = value if lane < 0 else -value
        half = 1 << 29
        assert found == [[(total + half >> 30) + lane, (total + off + half >> 30) + lane]]
        wins = 1 if off > 0 else 0
        assert predict_all(model, Head(0, features, 2, 30), holdout, 1) == bytes([wins])


def test_a_holdout_of_one_record_is_its_lanes():
    from chongwen_flower.protocol.ssz import hash_tree_root

    record = np.arange(20, dtype=np.int16)
    assert holdout_root(record, 20) == hash_tree_root(record.tobytes(), 1)
    assert holdout_root(record, 5) == hash_tree_root(
        b"".join(record[at : at + 5].tobytes().ljust(32, b"\0") for at in range(0, 20, 5)), 2
    )


@pytest.mark.parametrize(
    ("code", "head", "size", "holdout", "labels"),
    [
        ("out-of-range", Head(0, 0, 2, 4), 9, 0, b"\0"),
        ("out-of-range", Head(0, 2, 0, 4), 9, 2, b""),
        ("out-of-range", Head(0, 1, 257, 4), 600, 1, b"\0"),
        ("out-of-range", Head(0, 2, 2, 31), 9, 2, b"\0"),
        ("out-of-range", Head(-1, 2, 2, 4), 9, 2, b"\0"),
        ("out-of-range", Head(4, 2, 2, 4), 9, 2, b"\0"),
        ("out-of-range", Head(0, 2, 2, 4), 9, 2, b"\2"),
        ("length-mismatch", Head(0, 2, 2, 4), 9, 3, b"\0"),
        ("length-mismatch", Head(0, 2, 2, 4), 9, 4, b"\0"),
        ("length-mismatch", Head(0, 2, 2, 4), 9, 0, b""),
    ],
)
def test_what_cannot_be_evaluated_is_refused(code, head, size, holdout, labels):
    given_ = EvaluationInput(head, np.zeros(holdout, np.int16), labels)
    with pytest.raises(ChongwenError) as refused:
        evaluate_model(np.zeros(size, np.int32), given_)
    assert refused.value.code == code


def test_logits_that_would_leave_a_double_are_refused():
    with pytest.raises(ChongwenError) as refused:
        logits(np.zeros(100, np.int32), Head(0, 17, 1, 0), np.zeros(17, np.int16), 1)
    assert refused.value.code == "out-of-range"


def test_bounds_of_what_can_be_disproven():
    assert evaluation_problem(4096, 2, 30, 65_000) is None
    for shape in [(0, 2, 4, 1), (4097, 1, 4, 1), (4096, 3, 4, 1), (2, 2, 31, 1), (2, 2, 4, 65_001)]:
        assert evaluation_problem(*shape) is not None
    assert evaluation_problem(2, 2, 4, 0) == "records is 0, not 1 to 65000"
