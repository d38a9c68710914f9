"""The ledger goes another way, or away altogether; training goes on."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from world import first_head, flat, grid_of, honest, spec_of

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.quantise import dequantise
from chongwen_flower.server import errands
from chongwen_flower.server.handover import Problem


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(errands, "LOOK", 0.01)
    monkeypatch.setattr(errands, "IDLE", 0.02)
    monkeypatch.setattr("chongwen_flower.server.courier.FIRST_WAIT", 0.01)
    monkeypatch.setattr("chongwen_flower.server.courier.LONGEST_WAIT", 0.05)


def at_round(number, action, then):
    """An honest site that does something when a round of the app begins."""

    def answer(message):
        if message.content["config"]["server-round"] == number:
            action()
        return then(message)

    return answer


def until(done):
    for _ in range(500):
        if done():
            return
        time.sleep(0.01)
    raise AssertionError("never happened")


def lanes_of(arrays):
    return flat({name: array.numpy() for name, array in arrays.items()})


def test_outage_after_the_first_round_stops_nothing(oracle, train):
    def out():
        oracle.down = True

    def back():
        oracle.down = False

    sites = [at_round(2, out, at_round(5, back, honest(0))), honest(1), honest(2)]
    train(grid_of(*sites), 5)
    assert oracle.order == [1, 2, 3, 4, 5]


def test_outage_to_the_end_leaves_bundles_for_the_next_run(oracle, train, tmp_path):
    def out():
        until(lambda: oracle.order == [1])
        oracle.down = True

    train(grid_of(at_round(2, out, honest(0)), honest(1)), 4, end_seconds=0.2)
    assert oracle.order == [1]
    waiting = sorted((tmp_path / "spool" / "pending").iterdir())
    assert [int(path.name[:10]) for path in waiting] == [2, 3, 4]
    oracle.down = False
    grid = grid_of(honest(0), honest(1))
    train(grid, 1)
    assert oracle.order == [1, 2, 3, 4, 5]
    assert OpenRound.decode(grid.trains()[0].content["ledger"]["open-round"]).round == 5


def test_restart_during_an_outage_goes_on_without_the_ledger(oracle, train):
    grid = grid_of(honest(0), honest(1))
    train(grid, 2)
    oracle.down = True
    again = grid_of(honest(0), honest(1))
    train(again, 2, end_seconds=0.1)
    rounds = [OpenRound.decode(m.content["ledger"]["open-round"]).round for m in again.trains()]
    assert rounds == [3, 3, 4, 4]


def test_first_start_without_a_ledger_says_what_it_needs(oracle, train):
    oracle.down = True
    with pytest.raises(ChongwenError) as raised:
        train(grid_of(honest(0), honest(1)), start_seconds=0.1)
    assert (raised.value.code, raised.value.retryable) == ("ledger-unreachable", True)


def test_bundle_refused_later_ones_are_void_and_the_ledgers_model_is_taken(oracle, train, tmp_path):
    oracle.refuse[2] = Problem("seal-refused", "A consent was withdrawn.", "Ask the custodian.")
    base = {}

    def allow():
        until(lambda: list((tmp_path / "spool" / "refused").iterdir()))
        oracle.refuse.clear()

    def look(message):
        number = message.content["config"]["server-round"]
        base[number] = lanes_of(message.content["arrays"])
        if number == 4:
            time.sleep(0.3)
        return honest(1)(message)

    result = train(grid_of(at_round(5, allow, honest(0)), look, honest(2)), 6)
    refused = sorted((tmp_path / "spool" / "refused").iterdir())
    assert {int(path.name[:10]) for path in refused} >= {2}
    reason = json.loads((refused[0] / "reason.json").read_bytes())
    assert reason["code"] == "seal-refused"
    assert "consent was withdrawn" in reason["message"]
    # Training went back to the model of round 1, and on from there.
    assert any(np.array_equal(base[n], base[2]) for n in (4, 5, 6))
    assert oracle.order[:2] == [1, 2]
    assert np.array_equal(
        lanes_of(result.arrays), dequantise(spec_of(), oracle.head.model).astype(np.float32)
    )


def test_round_recorded_otherwise_than_handed_over(oracle, train, tmp_path):
    """Somebody was forced in: the oracle reports another model, and says so."""
    other = first_head()
    moved = other.model + 7

    def forced():
        from dataclasses import replace

        from chongwen_flower.protocol.ssz import model_root
        from chongwen_flower.server.head import Head

        until(lambda: oracle.order == [1])
        opened = oracle.head.open_round
        parent = replace(
            opened.parent,
            round=opened.round,
            report_hash=b"\x77" * 32,
            model_root=model_root(moved),
        )
        oracle.models[opened.round] = moved
        oracle.otherwise.add(opened.round + 1)
        oracle.head = Head(replace(opened, round=opened.round + 1, parent=parent), moved)

    grid = grid_of(at_round(2, forced, honest(0)), honest(1))

    def settle():
        time.sleep(0.3)
        oracle.otherwise.clear()

    grid.nodes[100] = at_round(4, settle, grid.nodes[100])
    train(grid, 6)
    sent = {m.content["config"]["server-round"]: m for m in grid.trains()}
    # The config record is shared by all messages here; the rounds of the ledger are not.
    parents = [OpenRound.decode(m.content["ledger"]["open-round"]).parent for m in grid.trains()]
    assert sent
    assert b"\x77" * 32 in [parent.report_hash for parent in parents]
    assert oracle.order[0] == 1
    assert oracle.order[-1] >= 3
    assert list((tmp_path / "spool" / "refused").iterdir())


def test_oracle_that_forgets_gets_the_bundle_again(oracle, train):
    forgotten = []

    def forget():
        forgotten.extend(oracle.delivered)
        oracle.delivered.clear()

    oracle_status = oracle.status
    calls = []

    def status(digest):
        calls.append(digest)
        if len(calls) == 1:
            forget()
        return oracle_status(digest)

    oracle.status = status
    train(grid_of(honest(0), honest(1)), 2)
    assert forgotten
    assert oracle.order == [1, 2]


def test_oracle_whose_model_is_not_the_reported_one_is_not_believed(oracle, train):
    oracle.models[0] = oracle.models[0] + 1
    with pytest.raises(ChongwenError) as raised:
        train(grid_of(honest(0), honest(1)), start_seconds=0.2)
    assert raised.value.code == "ledger-unreachable"


def test_new_seats_are_taken_up_without_losing_the_model(oracle, train, tmp_path):
    from dataclasses import replace

    from world import seat_of

    def grant():
        until(lambda: not list((tmp_path / "spool" / "pending").iterdir()))
        opened = oracle.head.open_round
        seats = (*opened.seats, seat_of(4))
        oracle.head = replace(oracle.head, open_round=replace(opened, seats=seats))
        time.sleep(0.2)

    grid = grid_of(at_round(2, grant, honest(0)), honest(1))
    grid.nodes[100] = at_round(3, lambda: time.sleep(0.2), grid.nodes[100])
    train(grid, 4)
    last = OpenRound.decode(grid.trains()[-1].content["ledger"]["open-round"])
    assert [seat.seat for seat in last.seats] == [0, 1, 2, 3, 4]
    assert oracle.order == [1, 2, 3, 4]


@pytest.mark.parametrize("wait_for", ["report", "final"])
def test_waiting_for_the_ledger_when_asked(oracle, train, wait_for):
    seen = []

    def look():
        seen.append(len(oracle.order))

    grid = grid_of(at_round(1, look, at_round(2, look, at_round(3, look, honest(0)))), honest(1))
    train(grid, 3, wait_for=wait_for)
    assert seen == [0, 1, 2]
