"""Named after the attack. Each ends as a refusal that names what is wrong, and in no failed app."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Error, Message, MetricRecord, RecordDict

from chongwen_flower import LedgerMod
from chongwen_flower.client.request import read_request
from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.canonical_json import encode
from chongwen_flower.protocol.model_spec import create_model_spec
from client.made_up import (
    START,
    FakeSigner,
    app,
    config,
    context,
    open_round,
    reply_of,
    step,
    train,
)

pytestmark = pytest.mark.usefixtures("signer")


def refused(learn, signer, message=None, mod=None, ctx=None):
    """Run one message; what its refusal says, having checked that nothing else went out."""
    reply = app(learn, mod)(message or train(open_round()), ctx or context())
    assert not reply.has_error()
    assert [list(r) for r in reply.content.array_records.values()] == [[]]
    assert len(reply.content.metric_records) == 1
    assert not signer.signed
    record = reply.content["ledger"]
    assert record["format"] == "chongwen-refusal/1"
    assert record["message"]
    assert record["fix"]
    return record


def changed(name, value):
    def learn(arrays):
        return {**step(arrays), name: value(arrays[name])}

    return learn


def put(element, value):
    def poke(array):
        array = array.copy()
        array[element] = value
        return array

    return poke


@pytest.mark.parametrize(("value", "shown"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")])
def test_one_lane_that_is_not_finite(signer, value, shown):
    record = refused(changed("w", put((2, 1), value)), signer)
    assert record["code"] == "not-finite"
    assert "tensor “w”, position 7" in record["message"]
    assert shown in record["message"]
    assert record["seat"] == 3
    assert signer.notes == [(1, 5, "not-finite")]


def test_one_tensor_transposed(signer):
    record = refused(changed("w", lambda w: w.T), signer)
    assert record["code"] == "tensor-shape"
    assert "3×4" in record["message"]


def test_one_tensor_missing(signer):
    record = refused(lambda a: {"w": a["w"]}, signer)
    assert (record["code"], "“b”" in record["message"]) == ("tensor-missing", True)


def test_an_extra_tensor(signer):
    record = refused(lambda a: {**a, "backdoor": np.zeros(9)}, signer)
    assert (record["code"], "“backdoor”" in record["message"]) == ("tensor-unknown", True)


def test_an_undeclared_integer_buffer(signer):
    start = {**START, "steps": np.array(3)}
    record = refused(lambda a: a, signer, train(open_round(), start))
    assert record["code"] == "buffer-undeclared"
    assert 'buffers={"steps": "local"}' in record["fix"]


def test_a_count_that_does_not_fit_is_not_cut_off_silently(signer):
    spec = create_model_spec([("seen", (), 0)])
    mod = LedgerMod(buffers={"seen": "count"})
    message = train(open_round(spec), {"seen": np.array(0)})
    record = refused(lambda a: {"seen": a["seen"] + 40_000}, signer, message, mod)
    assert record["code"] == "count-overflow"


def test_floats_of_a_kind_that_lanes_cannot_hold(signer):
    record = refused(changed("b", lambda b: b.astype(np.complex64)), signer)
    assert record["code"] == "tensor-dtype"


def test_an_array_that_is_none(signer):
    broken = ArrayRecord({"w": Array("float32", (4, 3), "numpy.ndarray", b"not an array")})
    records = RecordDict({"arrays": broken, "metrics": MetricRecord({"num-examples": 1})})
    assert refused(lambda _: records, signer)["code"] == "tensor-unreadable"


def test_two_array_records(signer):
    def learn(arrays):
        return reply_of(step(arrays), more=ArrayRecord([np.ones(3)]))

    assert refused(learn, signer)["code"] == "reply-arrays"


def test_no_array_record(signer):
    records = RecordDict({"metrics": MetricRecord({"num-examples": 1})})
    assert refused(lambda _: records, signer)["code"] == "reply-arrays"


@pytest.mark.parametrize(
    "own",
    [
        ConfigRecord({"format": "chongwen-commitment/1", "seat": 9, "signature": b"\1" * 64}),
        ArrayRecord([np.ones(3)]),
        MetricRecord({"seat": 9}),
    ],
)
@pytest.mark.parametrize("mode", ["ledger", "shadow"])
def test_an_app_that_puts_its_own_ledger_record_into_the_reply(signer, own, mode):
    reply = app(lambda a: reply_of(step(a), ledger=own))(train(open_round(), mode=mode), context())
    assert reply.content["ledger"]["seat"] == 3
    assert reply.content["ledger"]["signature"] != b"\1" * 64
    assert len(signer.signed) == 1


def test_an_own_ledger_record_is_overwritten_by_a_refusal_too(signer):
    own = ConfigRecord({"format": "chongwen-commitment/1", "seat": 9})
    record = refused(lambda a: reply_of({"w": a["w"]}, ledger=own), signer)
    assert (record["format"], record["seat"]) == ("chongwen-refusal/1", 3)


def never(_):
    raise AssertionError("the app must not be asked to train")


def test_an_open_round_of_another_ledger_is_refused_before_training(signer):
    other = replace(open_round(), ledger="0x" + "cd" * 20)
    assert refused(never, signer, train(other))["code"] == "federation-unknown"
    assert signer.notes == []  # The signer has journalled its own refusal.


def test_a_server_that_asks_for_another_seat():
    reply = app(step)(train(open_round(seats=(3, 4)), seat=4), context())
    assert reply.content["ledger"]["seat"] == 3


def test_a_round_that_this_sites_seat_has_no_part_in(signer):
    record = refused(never, signer, train(open_round(seats=(4,))))
    assert record["code"] == "seat-unknown"
    assert "Seat 3" in record["message"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"open-round": b"{}"}, "open-round-invalid"),
        ({"open-round": b"\xff\x00"}, "json-invalid"),
        ({"open-round": b"[" * 100_000}, "json-invalid"),
        ({"open-round": "text"}, "request-invalid"),
        ({"open-round": 7}, "request-invalid"),
        ({"mode": "free"}, "request-invalid"),
        ({"format": "chongwen-train/2"}, "version-unknown"),
    ],
)
def test_a_malformed_request(signer, change, code):
    message = train(open_round())
    for key, value in change.items():
        message.content["ledger"][key] = value
    record = refused(never, signer, message)
    assert (record["code"], record["seat"]) == (code, -1)


def test_a_configuration_that_is_not_the_one_it_names(signer):
    form = open_round().to_json()
    form["config"]["minContributors"] = 2
    message = train(open_round(), **{"open-round": encode(form)})
    assert refused(never, signer, message)["code"] == "open-round-invalid"


def test_a_request_without_open_round(signer):
    message = train(open_round())
    del message.content["ledger"]["open-round"]
    assert refused(never, signer, message)["code"] == "request-invalid"


def test_a_server_that_sends_two_models(signer):
    message = train(open_round(), extra={"second": ArrayRecord([np.ones(3)])})
    assert refused(never, signer, message)["code"] == "request-invalid"


def test_a_server_that_sends_other_arrays_than_the_specification_says(signer):
    message = train(open_round(), {"w": START["w"]})
    assert refused(lambda _: START, signer, message)["code"] == "tensor-missing"


def test_a_rehearsal_key_never_signs_for_a_chain(signer):
    message = train(open_round(), **{"rehearsal-key": bytes(31) + b"\1"})
    record = message.content["ledger"]
    reply = app(step)(message, context())
    assert len(signer.signed) == 1  # By the signer, whatever key the server sent.
    assert read_request(record).rehearsal_key is None
    assert reply.content["ledger"]["seat"] == 3


def test_a_rehearsal_never_asks_the_signer(monkeypatch):
    def client(*_, **__):
        raise AssertionError("the signer has no part in a rehearsal")

    monkeypatch.setattr("chongwen_flower.client.turn.SignerClient", client)
    message = train(open_round(chain_id=0), **{"rehearsal-key": bytes(31) + b"\7"})
    reply = app(step)(message, context())
    assert reply.content["ledger"]["format"] == "chongwen-commitment/1"
    without = app(never)(train(open_round(chain_id=0)), context())
    assert without.content["ledger"]["code"] == "request-invalid"


def test_a_signer_that_refuses(signer):
    signer.refusal = ChongwenError("budget-exhausted", "Nothing is left.", "Ask the custodian.")
    record = refused(step, signer)
    assert (record["code"], record["fix"]) == ("budget-exhausted", "Ask the custodian.")
    assert signer.notes == []


def test_a_signer_that_restarts_while_the_app_trains(signer):
    signer.down = 1
    reply = app(step)(train(open_round()), context())
    assert reply.content["ledger"]["format"] == "chongwen-commitment/1"


def test_a_signer_that_is_gone_is_told_later(signer):
    signer.down = 2
    ctx = context()
    record = refused(step, signer, ctx=ctx)
    assert record["code"] == "signer-unreachable"
    assert signer.notes == []
    app(step)(train(open_round()), ctx)
    assert signer.notes == [(1, 5, "signer-unreachable")]


def test_a_node_without_a_signer(monkeypatch):
    monkeypatch.delenv("CHONGWEN_SIGNER", raising=False)
    ctx = context(**{"chongwen-signer": ""})
    assert refused(never, FakeSigner(), ctx=ctx)["code"] == "signer-unknown"


@pytest.mark.parametrize("learn", [changed("w", put((0, 0), np.nan)), lambda a: {"w": a["w"].T}])
def test_in_shadow_mode_training_goes_through_whatever_is_wrong(learn):
    plain = app(learn)(train(None), context())
    reply = app(learn)(train(open_round(), mode="shadow"), context())
    assert reply.content["arrays"] == plain.content["arrays"]
    assert reply.content["ledger"]["format"] == "chongwen-refusal/1"
    garbage = train(open_round(), mode="shadow")
    garbage.content["ledger"]["open-round"] = b"garbage"
    reply = app(learn)(garbage, context())
    assert reply.content["arrays"] == plain.content["arrays"]
    assert reply.content["ledger"]["code"] == "json-invalid"


def test_a_fault_of_the_mods_own_is_a_refusal_too(signer, monkeypatch):
    def broken(*_, **__):
        raise MemoryError("no room")

    monkeypatch.setattr("chongwen_flower.client.turn.make_update", broken)
    record = refused(step, signer)
    assert record["code"] == "mod-failed"
    assert "MemoryError: no room" in record["message"]


def test_a_node_that_requires_the_ledger_gives_floats_to_nobody(signer):
    ctx = context(**{"chongwen-require": True})
    reply = app(never)(train(None), ctx)
    assert reply.has_error()
    assert "chongwen-require" in reply.error.reason
    for message in (
        train(open_round(), mode="shadow"),
        train(open_round(chain_id=0), **{"rehearsal-key": bytes(31) + b"\7"}),
    ):
        assert refused(never, signer, message, ctx=ctx)["code"] == "ledger-required"
    assert app(step)(train(open_round()), ctx).content["ledger"]["seat"] == 3


def test_notes_of_the_server_reach_the_journal_once_and_in_plain_text(signer, caplog):
    note = json.dumps(
        [
            {"round": 3, "code": "not-finite", "message": "bad\n\x1b[31mlane", "fix": "mend"},
            {"round": "x", "code": 1},
            "nothing",
        ]
    )
    ctx = context()
    caplog.set_level("INFO", logger="flwr")
    app(step)(train(open_round(), note=note), ctx)
    app(step)(train(open_round(), note=note), ctx)
    assert signer.notes == [(1, 3, "not-finite")]
    said = [r.getMessage() for r in caplog.records if "left this node out" in r.getMessage()]
    assert len(said) == 1
    assert "\x1b" not in said[0]
    assert "\n" not in said[0]


@pytest.mark.parametrize("note", ["{", "[" * 10_000, "null", "[[]]", '[{"round":-1}]', 7])
def test_notes_that_are_garbage_stop_nothing(note):
    reply = app(step)(train(open_round(), note=note), context())
    assert reply.content["ledger"]["seat"] == 3


def test_an_app_that_tampers_with_the_mods_memory():
    ctx = context()
    for kept in ("{", "7", '[{"code":1}]', '["x"]'):
        ctx.state["chongwen-ledger"] = ConfigRecord({"waiting": kept, "told": kept})
        assert app(step)(train(open_round()), ctx).content["ledger"]["seat"] == 3


def test_an_update_above_the_federations_bound_is_not_signed(signer):
    record = refused(step, signer, train(open_round(norm_sq_bound=134)))
    assert record["code"] == "norm-above-bound"
    assert "chongwen-clip=11" in record["fix"]
    clipped = app(step)(train(open_round(norm_sq_bound=134)), context(**{"chongwen-clip": 11}))
    assert int(clipped.content["ledger"]["norm-sq"]) <= 134


def test_a_message_that_carries_an_error_is_left_alone():
    message = train(open_round())

    def failing(msg, _):
        return Message(Error(code=3, reason="the app's"), reply_to=msg)

    assert LedgerMod()(message, context(), failing).error.reason == "the app's"


def test_configurations_of_the_test_are_whole():
    assert config(open_round().model_spec).hash() == open_round().config_hash
