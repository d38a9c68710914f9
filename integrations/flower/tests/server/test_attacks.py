"""One test an attack by a client: it is left out with a reason, and the round goes on."""

from __future__ import annotations

import json

import numpy as np
from flwr.app import Array, ArrayRecord, Message
from made_up_oracle import MadeUpOracle
from world import (
    drawn_update,
    first_head,
    grid_of,
    honest,
    key_of,
    ledger_reply,
    seat_of,
    sign_for,
)

from chongwen_flower.protocol.open_round import OpenRound


def sends(seat=2, rho=0, key=None, **fields):
    update = drawn_update(seat, 1)
    return lambda message: ledger_reply(message, seat, update, rho=rho, key=key, fields=fields)


def test_update_other_than_the_one_committed_to(left_out):
    def swap(message):
        reply = ledger_reply(message, 2, drawn_update(2, 1))
        reply.content["arrays"] = ArrayRecord({"update": Array(drawn_update(2, 2))})
        return reply

    assert left_out(swap) == ([0, 1], [(2, "root-mismatch")])


def test_norm_understated_to_pass_the_bound(left_out):
    assert left_out(sends(**{"norm-sq": "1"})) == ([0, 1], [(2, "norm-mismatch")])


def test_norm_trace_that_does_not_belong_to_the_update(left_out):
    assert left_out(sends(**{"norm-trace-root": b"\x05" * 32})) == ([0, 1], [(2, "trace-mismatch")])


def test_boosted_update_above_the_norm_bound(tmp_path, monkeypatch, train):
    oracle = MadeUpOracle(first_head(norm_sq_bound=24 * 1000**2), tmp_path / "o")
    oracle.folder.mkdir()
    monkeypatch.setattr("chongwen_flower.server.strategy.connect", lambda *_, **__: oracle)
    boosted = lambda m: ledger_reply(m, 2, np.full(24, 20000, np.int16))  # noqa: E731
    train(grid_of(honest(0), honest(1), boosted))
    (line,) = (tmp_path / "spool/exclusions.jsonl").read_text().splitlines()
    assert json.loads(line)["code"] == "norm-above-bound"
    assert oracle.order == [1]


def test_signature_by_a_key_that_is_not_the_seats(left_out):
    assert left_out(sends(key=key_of(9))) == ([0, 1], [(2, "signature-wrong")])


def test_signature_in_the_malleable_form(left_out):
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

    def malleable(message):
        lanes = drawn_update(2, 1)
        opened = OpenRound.decode(message.content["ledger"]["open-round"])
        _, signature = sign_for(opened, 2, lanes)
        # Most high s do not even fit the compact form; the first above n/2 does.
        high = signature[:32] + (order // 2 + 1).to_bytes(32, "big")
        return ledger_reply(message, 2, lanes, fields={"signature": high})

    assert left_out(malleable) == ([0, 1], [(2, "signature-invalid")])


def test_somebody_elses_seat_taken_without_its_key(left_out):
    """The honest seat 1 is not displaced by one who claims to be it."""
    assert left_out(sends(1, key=key_of(2))) == ([0, 1], [(1, "signature-wrong")])


def test_seat_that_is_not_in_the_round(left_out):
    assert left_out(sends(77)) == ([0, 1], [(77, "seat-unknown")])


def test_copy_of_another_seats_update(left_out):
    copy = drawn_update(5, 5)
    one, two = (lambda m, s=s: ledger_reply(m, s, copy) for s in (2, 3))
    assert left_out(one, two) == ([0, 1], [(2, "root-equal"), (3, "root-equal")])


def test_replayed_reply_counts_once(left_out):
    assert left_out(honest(1)) == ([0, 1], [(1, "seat-twice")])


def test_seat_that_signs_two_updates_counts_not_at_all(left_out):
    one, two = (lambda m, r=r: ledger_reply(m, 2, drawn_update(2, r)) for r in (1, 2))
    assert left_out(one, two) == ([0, 1], [(2, "seat-equivocates"), (2, "seat-equivocates")])


def test_privacy_cost_understated(tmp_path, monkeypatch, train):
    seats = [seat_of(n, exempt=False, rho=40, remaining=400) for n in range(3)]
    oracle = MadeUpOracle(first_head(seats, rho_per_round=40), tmp_path / "o")
    oracle.folder.mkdir()
    monkeypatch.setattr("chongwen_flower.server.strategy.connect", lambda *_, **__: oracle)
    paying = (lambda m, s=s: ledger_reply(m, s, drawn_update(s, 1), rho=40) for s in (0, 1))
    train(grid_of(*paying, sends(rho=39)))
    (line,) = (tmp_path / "spool/exclusions.jsonl").read_text().splitlines()
    assert json.loads(line)["code"] == "rho-mismatch"
    assert oracle.order == [1]


def test_contribution_of_an_earlier_round_replayed(oracle, train, tmp_path):
    kept = []

    def replay(message):
        kept.append(ledger_reply(message, 2, drawn_update(2, 1)))
        return Message(kept[0].content, reply_to=message)

    train(grid_of(honest(0), honest(1), replay), 2)
    assert oracle.order == [1, 2]
    (line,) = (tmp_path / "spool/exclusions.jsonl").read_text().splitlines()
    found = json.loads(line)
    assert (found["round"], found["seat"], found["code"]) == (2, 2, "parent-stale")


def test_contribution_for_another_parent(left_out):
    def elsewhere(message):
        opened = OpenRound.decode(message.content["ledger"]["open-round"])
        lanes = drawn_update(2, 1)
        statement = {**opened.to_json(), "round": 2}
        _, signature = sign_for(OpenRound.from_json(statement), 2, lanes)
        return ledger_reply(message, 2, lanes, fields={"signature": signature})

    assert left_out(elsewhere) == ([0, 1], [(2, "signature-wrong")])


def test_more_seats_than_a_round_has_room_for():
    from chongwen_flower.server.judge import _room

    class Numbered:
        def __init__(self, seat):
            self.seat, self.node = seat, seat

    kept, out = _room(1, [Numbered(seat) for seat in reversed(range(258))])
    assert [claim.seat for claim in kept] == list(range(256))
    assert [(each.seat, each.code) for each in out] == [(256, "round-full"), (257, "round-full")]
