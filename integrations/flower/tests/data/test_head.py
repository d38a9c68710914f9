"""The head learns, holds what an evaluation can hold, and is judged class by class."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from chongwen_flower.data.head import (
    SKIN_TRAINING,
    TABLE_TRAINING,
    Training,
    class_weights,
    head_of,
    train_head,
    zero_head,
)
from chongwen_flower.data.metrics import area_under_curve, evaluate
from chongwen_flower.data.records import make_records
from chongwen_flower.data.split import holdout_split
from chongwen_flower.data.table import bundled_table, load_table
from chongwen_flower.errors import ChongwenError


@pytest.fixture(scope="module")
def table():
    return load_table(bundled_table())


def trained(table, training=TABLE_TRAINING, rounds=5, seed=1, start=None):
    rows, held = holdout_split(table, seed)
    weights = class_weights(table.select(held).class_counts(), training.balance)
    head = start or zero_head(table.features.shape[1], len(table.classes))
    for server_round in range(1, rounds + 1):
        head = train_head(
            head,
            table.features[rows],
            table.labels[rows],
            training,
            weights=weights,
            server_round=server_round,
            seed=seed,
        )
    return head, evaluate(head.logits(table.features[held]), table.labels[held])


def test_training_learns(table):
    _, metrics = trained(table)
    assert metrics.accuracy > 0.9
    assert metrics.balanced_accuracy > 0.88
    assert metrics.macro_auc > 0.98


def test_training_repeats_itself_and_depends_on_the_seed(table):
    one, two, other = (trained(table, seed=seed, rounds=1)[0].flat() for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_prox_keeps_a_site_near_the_rounds_model(table):
    free = trained(table, rounds=1)[0].flat()
    held = trained(table, Training(15, 32, 0.3, 1, 0, prox=2.0, balance=0), rounds=1)[0].flat()
    assert np.abs(held).max() < 0.5 * np.abs(free).max()


def test_head_goes_through_lanes_and_back(table):
    head, _ = trained(table, rounds=1)
    again = head_of(head.flat(), 6)
    assert np.array_equal(again.weight, head.weight)
    assert np.array_equal(again.bias, head.bias)
    # weight[i][c] at lane i·classes + c, bias behind: docs/protocol.md, Evaluation
    assert head.flat()[5 * 6 + 2] == head.weight[5, 2]
    assert head.flat()[34 * 6 + 4] == head.bias[4]


@pytest.mark.parametrize(("features", "classes"), [(4_097, 2), (1_171, 7), (0, 2)])
def test_head_that_nobody_could_disprove_refused(features, classes):
    with pytest.raises(ChongwenError) as caught:
        zero_head(features, classes)
    assert caught.value.code == "training-shape"


def test_divergence_is_an_error_not_a_model(table):
    with pytest.raises(ChongwenError) as caught, np.errstate(all="ignore"):
        trained(table, Training(30, 32, 1e300, 1, 1e3, 0, 0))
    assert caught.value.code == "training-diverged"


def test_model_of_another_federation_refused(table):
    with pytest.raises(ChongwenError) as caught:
        trained(table, start=zero_head(33, 6))
    assert caught.value.code == "training-shape"


def test_class_weights_weigh_a_record_one_on_average():
    counts = [90, 9, 1, 0]
    for balance in (0, 0.5, SKIN_TRAINING.balance, 1):
        weights = class_weights(counts, balance)
        assert np.isclose((weights * counts).sum(), 100)
        assert weights[3] == 0 or balance == 0
    full = class_weights(counts, 1.0)
    assert np.isclose(full[0] * 90, full[2] * 1)


def test_metrics_are_scikit_learns():
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 4, 300).astype(np.uint8)
    scores = np.round(generator.normal(size=(300, 4)) + 1.2 * np.eye(4)[labels], 1)  # with ties
    metrics = evaluate(scores, labels)
    assert np.isclose(metrics.balanced_accuracy, balanced_accuracy_score(labels, scores.argmax(1)))
    areas = [roc_auc_score(labels == c, scores[:, c]) for c in range(4)]
    assert np.isclose(metrics.macro_auc, np.mean(areas))


def test_area_counts_ties_half():
    assert area_under_curve(np.zeros(4), np.array([True, False, True, False])) == 0.5


def test_split_keeps_groups_together_and_classes_in_share():
    generator = np.random.default_rng(4)
    labels = generator.integers(0, 3, 900)
    groups = generator.integers(0, 500, 900)
    records = make_records(
        labels=labels,
        classes=("a", "b", "c"),
        groups=groups,
        sources=labels % 2,
        source_names=("x", "y"),
        features=np.zeros((900, 1)),
    )
    rows, held = holdout_split(records, 1)
    assert not set(groups[rows]) & set(groups[held])
    assert sorted([*rows, *held]) == list(range(900))
    assert all(0.1 < (labels[held] == c).mean() / (labels == c).mean() < 3 for c in range(3))
    assert 0.15 < len(held) / 900 < 0.45
    assert not np.array_equal(held, holdout_split(records, 2)[1])
    alone = make_records(labels=labels, classes=("a", "b", "c"), features=np.zeros((900, 1)))
    assert abs(len(holdout_split(alone, 1)[1]) - 225) <= 3
