"""Adapters: cheap to commit, good enough to learn, and bound to one backbone."""

from time import perf_counter

import numpy as np
import pytest

from chongwen_flower.data.table import bundled_table, load_table
from chongwen_flower.errors import ChongwenError
from chongwen_flower.lora import Lora, backbone_digest, digests_in, make_lora
from chongwen_flower.lora_mlp import logits, loss, random_mlp, train_adapters
from chongwen_flower.protocol.aggregate import FEDAVG, aggregate
from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.model_spec import create_model_spec
from chongwen_flower.protocol.quantise import dequantise, quantise_model, quantise_update
from chongwen_flower.tensors import flatten, unflatten

SIZES = (34, 48, 32, 6)


@pytest.fixture(scope="module")
def table():
    records = load_table(bundled_table())
    return records.features, records.labels.astype(int)


@pytest.fixture(scope="module")
def backbone():
    return random_mlp(SIZES, seed=1)


def spec_of(lora: Lora):
    shapes = {name: array.shape for name, array in lora.initial().items()}
    return create_model_spec([(name, shape, 14) for name, shape in shapes.items()])


@pytest.mark.parametrize("freeze_a", [False, True])
def test_training_through_the_adapters_alone_improves(backbone, table, freeze_a):
    table = table[0][:120], table[1][:120]
    lora = make_lora(backbone, backbone, rank=4, freeze_a=freeze_a)
    before = lora.adapted(backbone, lora.initial())
    assert all(np.array_equal(before[name], backbone[name]) for name in backbone)
    trained = train_adapters(lora, backbone, lora.initial(), *table, steps=300, learning_rate=0.1)
    after = lora.adapted(backbone, trained)
    assert loss(after, *table) < 0.35 * loss(before, *table)
    assert (logits(after, table[0]).argmax(1) == table[1]).mean() > 0.8
    assert all(np.linalg.matrix_rank(after[n] - backbone[n], tol=1e-6) <= 4 for n in backbone)


def test_gradients_are_those_of_finite_differences(backbone, table):
    x, y = table[0][:20], table[1][:20]
    lora = make_lora(backbone, ["layer-1"], rank=2)
    start = train_adapters(lora, backbone, lora.initial(), x, y, steps=3, learning_rate=0.1)
    step = train_adapters(lora, backbone, start, x, y, steps=1, learning_rate=1.0)
    for name in start:
        changed = {n: a.astype(np.float64) for n, a in start.items()}
        changed[name][1, 1] += 1e-5
        slope = (loss(adapt(lora, backbone, changed), x, y)) - loss(
            adapt(lora, backbone, start), x, y
        )
        assert np.isclose(start[name][1, 1] - step[name][1, 1], slope / 1e-5, atol=2e-4)


def adapt(lora, backbone, arrays):
    scale = lora.alpha / lora.rank
    pairs = lora.adapters(arrays)
    return {
        name: weight + scale * pairs[name][1] @ pairs[name][0] if name in pairs else weight
        for name, weight in backbone.items()
    }


def test_federated_adapters_learn_through_integers(backbone, table):
    lora = make_lora(backbone, backbone, rank=4, freeze_a=True)
    spec = spec_of(lora)
    lanes = quantise_model(spec, flatten(spec, lora.initial(), {})).values
    parts = [np.arange(len(table[1])) % 3 == at for at in range(3)]
    for _ in range(6):
        received = dequantise(spec, lanes)
        arrays = unflatten(spec, received, lora.initial(), {})
        updates = []
        for rows in parts:
            own = train_adapters(
                lora, backbone, arrays, table[0][rows], table[1][rows], steps=40, learning_rate=0.1
            )
            updates.append(quantise_update(spec, flatten(spec, own, {}) - received).values)
        lanes = aggregate(FEDAVG, 0, lanes, updates, [int(rows.sum()) for rows in parts])
    final = lora.adapted(backbone, unflatten(spec, dequantise(spec, lanes), lora.initial(), {}))
    assert (logits(final, table[0]).argmax(1) == table[1]).mean() > 0.8


def test_attack_adapters_of_another_backbone_refused(backbone, table):
    lora = make_lora(backbone, backbone)
    other = {name: array.copy() for name, array in backbone.items()}
    other["layer-2"][0, 0] = np.nextafter(other["layer-2"][0, 0], 9)
    foreign = make_lora(other, other)
    cases = [
        lambda: lora.adapters(foreign.initial()),
        lambda: lora.adapted(other, lora.initial()),
        lambda: train_adapters(lora, other, lora.initial(), *table, steps=1, learning_rate=0.1),
        lambda: lora.adapters(make_lora(backbone, backbone, rank=3).initial()),
        lambda: lora.adapters(make_lora(backbone, backbone, alpha=9.0).initial()),
        lambda: lora.adapters(make_lora(backbone, ["layer-0"]).initial()),
    ]
    for case in cases:
        with pytest.raises(ChongwenError) as caught:
            case()
        assert caught.value.code == "backbone-mismatch"
    # and with the names, the root that every signature covers
    assert spec_of(lora).root() != spec_of(foreign).root()
    assert digests_in(lora.initial()) == {lora.digest}


def test_digest_is_of_names_shapes_types_and_bytes(backbone):
    digest = backbone_digest(backbone)
    assert digest == backbone_digest(dict(reversed(backbone.items())))
    assert digest == backbone_digest({n: a.astype(">f4") for n, a in backbone.items()})
    assert digest == backbone_digest({n: np.asfortranarray(a) for n, a in backbone.items()})
    others = [
        {n: a.astype(np.float64) for n, a in backbone.items()},
        {n: a.T.copy() for n, a in backbone.items()},
        {n + "x": a for n, a in backbone.items()},
        {n: a.reshape(-1) for n, a in backbone.items()},
        dict(list(backbone.items())[:2]),
    ]
    assert len({backbone_digest(other) for other in others} | {digest}) == 6
    with pytest.raises(ChongwenError):
        backbone_digest({"x": np.array([{}], object)})


@pytest.mark.parametrize("options", [{"rank": 0}, {"rank": 7}, {"alpha": 0.0}, {"alpha": np.inf}])
def test_impossible_adapters_refused(backbone, options):
    with pytest.raises(ChongwenError) as caught:
        make_lora(backbone, backbone, **options)
    assert caught.value.code == "adapter-invalid"


def test_target_that_is_no_matrix_refused(backbone):
    with pytest.raises(ChongwenError) as caught:
        make_lora({**backbone, "bias": np.zeros(6)}, ["bias"])
    assert caught.value.code == "adapter-invalid"


def test_first_a_is_the_same_everywhere_and_on_the_grid(backbone):
    a = make_lora(backbone, ["layer-0"]).first_a("layer-0")
    assert np.array_equal(a, make_lora(backbone, ["layer-0"]).first_a("layer-0"))
    assert np.array_equal(a * 2**14, np.rint(a * 2**14))
    other = make_lora(backbone, ["layer-0"], seed=1).first_a("layer-0")
    assert not np.array_equal(a, other)


def test_ten_million_parameters_cost_few_lanes(record_property):
    """10 layers of attention, width 512: Q, K, V and output; adapters on Q and V, rank 4."""
    shape = (512, 512)
    shapes = {f"block-{at}/{part}": shape for at in range(10) for part in "qkvo"}
    lora = Lora("0" * 64, {name: shape for name in shapes if name[-1] in "qv"}, rank=4)
    full = len(shapes) * 512 * 512
    assert full == 10_485_760
    assert lora.lanes == sum(array.size for array in lora.initial().values()) == 81_920
    assert full / lora.lanes == 128
    half = Lora("0" * 64, lora.shapes, rank=4, freeze_a=True)
    assert half.lanes == sum(array.size for array in half.initial().values()) == 40_960

    seconds = {}
    for name, lanes in (("adapters", lora.lanes), ("backbone", full)):
        update = np.zeros(lanes, np.int16)
        update[::3] = 5
        began = perf_counter()
        commit_update(update)
        seconds[name] = perf_counter() - began
        record_property(f"{name}-commit-seconds", seconds[name])
    print({name: f"{value * 1000:.1f} ms" for name, value in seconds.items()})
    assert seconds["adapters"] < 0.2 * seconds["backbone"]
