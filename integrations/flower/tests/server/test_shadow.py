"""Shadow mode: what the app computes is what it computed without us, bit for bit."""

from __future__ import annotations

import json

import numpy as np
import pytest
from flwr.app import RecordDict
from flwr.serverapp.strategy import FedAdam, FedAvg, FedMedian
from made_up_oracle import MadeUpOracle
from world import FakeGrid, first_head, grid_of, honest, initial, record_of, refusal

from chongwen_flower.errors import ChongwenError
from chongwen_flower.server.records import without_ledger


def bits(arrays):
    return {name: array.numpy().tobytes() for name, array in arrays.items()}


def in_order(grid):
    """Replies in the order of the nodes: Flower samples, and sums of floats depend on order."""
    push = grid.push_messages

    def ordered(messages):
        return push(sorted(messages, key=lambda message: message.metadata.dst_node_id))

    grid.push_messages = ordered
    return grid


def floats_alone(seat):
    """The same site without a ledger: what it trains does not depend on the ledger's record."""

    def answer(message):
        from world import first_head, honest

        opened = first_head().open_round.encode()
        number = message.content["config"]["server-round"]
        from dataclasses import replace

        from flwr.app import ConfigRecord, Message

        from chongwen_flower.protocol.open_round import OpenRound

        round_ = replace(OpenRound.decode(opened), round=number)
        asked = Message(
            RecordDict(
                {
                    **message.content,
                    "ledger": ConfigRecord({"open-round": round_.encode(), "mode": "shadow"}),
                }
            ),
            dst_node_id=message.metadata.dst_node_id,
            message_type="train",
        )
        return Message(without_ledger(honest(seat)(asked)).content, reply_to=message)

    return answer


@pytest.mark.parametrize("inner", [FedAvg, FedMedian, FedAdam])
def test_the_apps_model_is_bit_for_bit_the_one_without_us(oracle, train, inner):
    alone = inner().start(
        in_order(grid_of(*(floats_alone(seat) for seat in range(4)))), record_of(initial()), 3
    )
    grid = in_order(grid_of(*(honest(seat) for seat in range(4))))
    shadow = train(grid, 3, mode="shadow", inner=None if inner is FedAvg else inner())
    assert bits(shadow.arrays) == bits(alone.arrays)
    assert shadow.train_metrics_clientapp == alone.train_metrics_clientapp
    assert oracle.order == [1, 2, 3]


def test_the_bundle_has_the_same_updates_and_the_drift(oracle, train):
    train(grid_of(*(honest(seat) for seat in range(3))), 2, mode="shadow")
    for files in oracle.delivered.values():
        drift = json.loads(files["metrics.json"])["drift"]
        # Weights differ (the app's sample counts, the ledger's seats): some, but little drift.
        assert 0 < int(drift["meanPico"]) <= int(drift["mostPico"]) < 10**10
    assert {path for path in files if path.startswith("updates/")} == {
        f"updates/{seat}.bin" for seat in range(3)
    }


def test_shadow_of_a_federation_that_pays_is_refused(tmp_path, monkeypatch, train):
    oracle = MadeUpOracle(first_head(pool_per_round=10**18), tmp_path / "o")
    monkeypatch.setattr("chongwen_flower.server.strategy.connect", lambda *_, **__: oracle)
    with pytest.raises(ChongwenError) as raised:
        train(grid_of(honest(0), honest(1)), mode="shadow")
    assert raised.value.code == "shadow-paid"


def test_without_a_ledger_the_app_trains_all_the_same(oracle, train):
    oracle.down = True
    sent = []

    def plain(seat):
        def answer(message):
            sent.append("ledger" in message.content)
            return floats_alone(seat)(message)

        return answer

    result = train(
        grid_of(plain(0), plain(1)), 2, mode="shadow", start_seconds=0.1, end_seconds=0.1
    )
    assert sent == [False] * 4
    assert len(result.arrays) == 2


def test_recording_that_breaks_does_not_touch_training(oracle, train, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("chongwen_flower.server.ledger_round.judge", broken)
    result = train(grid_of(honest(0), honest(1)), 1, mode="shadow")
    assert len(result.arrays) == 2
    assert oracle.order == []


def test_a_site_that_refuses_with_no_arrays_is_left_to_nobody(oracle, train):
    result = train(grid_of(honest(0), honest(1), lambda m: refusal(m, 2)), 1, mode="shadow")
    assert len(result.arrays) == 2
    assert oracle.order == [1]


@pytest.mark.usefixtures("oracle")
def test_restart_goes_on_with_the_floats(train):
    grid = in_order(grid_of(honest(0), honest(1)))
    first = train(grid, 2, mode="shadow")
    again = in_order(grid_of(honest(0), honest(1)))
    train(again, 1, mode="shadow")
    assert bits(again.trains()[0].content["arrays"]) == bits(first.arrays)


def test_inner_strategy_needs_shadow_mode(train):
    with pytest.raises(ChongwenError, match="shadow"):
        train(FakeGrid({}), inner=FedAvg())


def test_drift_is_that_of_the_models():
    from chongwen_flower.server.metrics import drift_between

    drift = drift_between(np.array([1.0, 2.0, np.nan]), np.array([1.5, 2.0, 0.0]))
    assert (drift.most, drift.mean) == (0.5, 0.25)
