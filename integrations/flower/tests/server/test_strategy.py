"""Rounds through Flower's own loop: what is recorded, what is returned, what nodes are sent."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_up_oracle import MadeUpOracle
from world import (
    drawn_update,
    first_head,
    flat,
    grid_of,
    honest,
    initial,
    ledger_reply,
    seat_of,
    spec_of,
)

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.aggregate import aggregate
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.quantise import dequantise
from chongwen_flower.server import (
    LedgerFedAvg,
    LedgerFedMedian,
    LedgerFedTrimmedAvg,
    LedgerNormClippedFedAvg,
)


def test_three_rounds_are_recorded_as_predicted(oracle, train):
    grid = grid_of(*(honest(seat) for seat in range(4)))
    result = train(grid, 3)
    assert oracle.order == [1, 2, 3]
    returned = flat({name: array.numpy() for name, array in result.arrays.items()})
    expected = dequantise(spec_of(), oracle.head.model).astype(np.float32)
    assert np.array_equal(returned, expected)
    assert [a.dtype for a in result.arrays.values()] == ["float32", "float32"]


def test_sites_are_sent_the_open_round_on_the_predicted_report(oracle, train):
    grid = grid_of(*(honest(seat) for seat in range(4)))
    train(grid, 2)
    rounds = [OpenRound.decode(m.content["ledger"]["open-round"]) for m in grid.trains()]
    assert [each.round for each in rounds] == [1] * 4 + [2] * 4
    hashes = {report for _, report in oracle.recorded.values()}
    assert f"0x{rounds[-1].parent.report_hash.hex()}" in hashes
    assert list(grid.trains()[-1].content["config"].items()) == [("server-round", 2)]


@pytest.mark.parametrize(
    ("cls", "rule_id", "rule_param"),
    [
        (LedgerFedAvg, 1, 0),
        (LedgerNormClippedFedAvg, 2, 800),
        (LedgerFedTrimmedAvg, 3, 1),
        (LedgerFedMedian, 4, 0),
    ],
)
def test_each_rule_aggregates_in_integers(tmp_path, monkeypatch, train, cls, rule_id, rule_param):
    head = first_head(rule_id=rule_id, rule_param=rule_param)
    oracle = MadeUpOracle(head, tmp_path / "o")
    oracle.folder.mkdir()
    monkeypatch.setattr("chongwen_flower.server.strategy.connect", lambda *_, **__: oracle)
    grid = grid_of(*(lambda m, s=s: ledger_reply(m, s, drawn_update(s, 1)) for s in (3, 1, 0, 2)))
    train(grid, cls=cls)
    updates = [drawn_update(seat, 1) for seat in range(4)]
    expected = aggregate(rule_id, rule_param, head.model, updates, [10, 11, 12, 13])
    assert np.array_equal(oracle.head.model, expected)


@pytest.mark.usefixtures("oracle")
def test_a_strategy_of_another_rule_is_refused_before_training(train):
    with pytest.raises(ChongwenError, match="Use LedgerFedAvg") as raised:
        train(grid_of(honest(0), honest(1)), cls=LedgerFedMedian)
    assert raised.value.code == "rule-mismatch"


def test_too_few_entries_leave_the_model_and_training_goes_on(oracle, train, tmp_path):
    grid = grid_of(honest(0), lambda _: None)
    result = train(grid, 2)
    assert oracle.order == []
    assert np.array_equal(
        flat({n: a.numpy() for n, a in result.arrays.items()}),
        dequantise(spec_of(), oracle.head.model).astype(np.float32),
    )
    rows = json.loads((tmp_path / "spool" / "ledger-summary.json").read_bytes())["rounds"]
    assert [row["state"] for row in rows] == ["none", "none"]


def test_a_valid_update_is_held_until_the_round_has_enough(oracle, train):
    def once(message):
        return honest(0)(message) if message.content["config"]["server-round"] == 1 else None

    def late(message):
        return honest(1)(message) if message.content["config"]["server-round"] == 2 else None

    train(grid_of(once, late), 2)
    assert oracle.order == [1]


def test_the_bundle_states_scale_times_and_exclusions(oracle, train):
    from world import refusal

    grid = grid_of(honest(0), honest(1), lambda m: refusal(m, 2))
    train(grid)
    (files,) = oracle.delivered.values()
    metrics = json.loads(files["metrics.json"])
    assert metrics["excluded"] == {"budget-spent": 1}
    assert metrics["entries"] == 2
    assert metrics["scale"][0] == {
        "name": "head.weight",
        "fracBits": 14,
        "saturatedPpm": 0,
        "zeroedPpm": 47620,
    }
    assert metrics["timesMs"]["train"] == 2000
    assert metrics["privacy"][0]["nanoRho"] == "0"


def test_the_ledgers_model_is_taken_when_initial_arrays_differ(oracle, train):
    others = {name: array + 1 for name, array in initial().items()}
    grid = grid_of(honest(0), honest(1))
    train(grid, arrays=others)
    sent = {n: a.numpy() for n, a in grid.trains()[0].content["arrays"].items()}
    expected = dequantise(spec_of(), first_head().model).astype(np.float32)
    assert np.array_equal(flat(sent), expected)
    assert oracle.order == [1]


@pytest.mark.usefixtures("oracle")
def test_initial_arrays_of_another_model_are_refused(train):
    with pytest.raises(ChongwenError) as raised:
        train(grid_of(honest(0), honest(1)), arrays={"other": np.zeros(3, np.float32)})
    assert raised.value.code == "tensor-missing"


@pytest.mark.usefixtures("oracle")
def test_a_node_hears_once_why_it_was_left_out(train):
    answers = []

    def liar(message):
        answers.append(message.content["ledger"]["note"])
        if len(answers) == 1:
            return ledger_reply(message, 2, drawn_update(2, 1), fields={"norm-sq": "5"})
        return honest(2)(message)

    train(grid_of(honest(0), honest(1), liar), 3)
    assert answers[0] == answers[2] == ""
    (note,) = json.loads(answers[1])
    assert (note["round"], note["code"]) == (1, "norm-mismatch")
    assert note["fix"]


def test_a_node_that_spoils_its_metrics_does_not_end_the_run(oracle, train):
    def odd(message):
        return ledger_reply(message, 2, drawn_update(2, 1), metrics={"surprise": 1.0})

    result = train(grid_of(honest(0), honest(1), odd))
    assert oracle.order == [1]
    assert result.train_metrics_clientapp[1]["loss"] == pytest.approx(0.5)


def test_the_next_seat_to_run_out_of_budget_is_told(tmp_path, monkeypatch, train):
    seats = [seat_of(n, exempt=False, rho=40, remaining=100 if n else 50) for n in range(3)]
    oracle = MadeUpOracle(first_head(seats, rho_per_round=40), tmp_path / "o")
    oracle.folder.mkdir()
    monkeypatch.setattr("chongwen_flower.server.strategy.connect", lambda *_, **__: oracle)
    grid = grid_of(
        *(
            lambda m, s=s: ledger_reply(m, s, drawn_update(s, len(grid.trains())), rho=40)
            for s in range(3)
        )
    )
    train(grid, 2)
    spent = [
        json.loads(line) for line in (tmp_path / "spool/exclusions.jsonl").read_text().splitlines()
    ]
    assert [(each["seat"], each["code"]) for each in spent] == [(0, "budget-exhausted")]
    metrics = json.loads(list(oracle.delivered.values())[1]["metrics.json"])
    assert [p["nanoRho"] for p in metrics["privacy"]] == ["80", "80"]
