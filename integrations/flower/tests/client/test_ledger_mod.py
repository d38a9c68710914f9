"""LedgerMod with Flower's own messages and ClientApp: what goes out, and what is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict

from chongwen_flower import LedgerMod
from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.model_spec import create_model_spec
from chongwen_flower.protocol.signature import address_of, recover
from chongwen_flower.tensors import flatten
from client.made_up import KEY, SPEC, START, app, context, open_round, reply_of, step, train

pytestmark = pytest.mark.usefixtures("signer")


def test_an_update_is_quantised_committed_and_signed():
    opened = open_round()
    reply = app(step)(train(opened), context())
    assert [list(r) for r in reply.content.array_records.values()] == [["update"]]
    array = reply.content["arrays"]["update"]
    assert (array.dtype, array.shape) == ("int16", (15,))
    lanes = array.numpy()
    assert lanes.tolist() == [3] * 15
    ledger = reply.content["ledger"]
    commitment = commit_update(lanes)
    assert ledger["format"] == "chongwen-commitment/1"
    assert ledger["seat"] == 3
    assert ledger["update-root"] == commitment.update_root
    assert ledger["norm-sq"] == str(9 * 15)
    assert ledger["norm-trace-root"] == commitment.norm_trace_root
    assert (ledger["rho"], ledger["saturated"], ledger["zeroed"]) == ("0", [0, 0], [0, 0])
    statement = opened.contribution(3, commitment, 0)
    assert recover(statement.digest(opened.domain), ledger["signature"]) == address_of(KEY)
    assert reply.content["metrics"]["loss"] == 0.5


def test_the_app_sees_its_message_as_without_the_ledger():
    seen = []
    message = train(open_round())
    app(step, seen=seen)(message, context())
    assert sorted(seen[0].content) == ["arrays", "config"]
    assert seen[0].content["config"]["lr"] == 0.1


def test_the_difference_is_to_what_was_received_even_if_the_app_empties_the_message():
    def learn(arrays):
        return step(arrays)

    mod = LedgerMod()
    message = train(open_round())

    def emptied(msg, _):
        arrays = msg.content["arrays"].to_numpy_ndarrays(keep_input=False)
        assert not msg.content["arrays"]
        return Message(reply_of(learn(dict(zip(START, arrays, strict=True)))), reply_to=msg)

    reply = mod(message, context(), emptied)
    assert reply.content["arrays"]["update"].numpy().tolist() == [3] * 15


def test_saturated_and_zeroed_lanes_are_counted_by_tensor():
    def learn(arrays):
        w = arrays["w"].copy()
        w[0, 0] += 5
        w[1, 1] += 2**-20
        return {"w": w, "b": arrays["b"] + np.float32(2**-18)}

    reply = app(learn)(train(open_round()), context())
    assert reply.content["ledger"]["saturated"] == [1, 0]
    assert reply.content["ledger"]["zeroed"] == [1, 3]
    assert reply.content["arrays"]["update"].numpy()[0] == 32_767


def test_the_reply_survives_flowers_own_encoding():
    reply = app(step)(train(open_round()), context())
    arrays, ledger = reply.content["arrays"], reply.content["ledger"]
    again = type(arrays).inflate(arrays.deflate(), arrays.children)
    assert again["update"].numpy().tolist() == [3] * 15
    assert type(ledger).inflate(ledger.deflate()) == ledger


def test_lists_of_arrays_have_numbers_for_names():
    spec = create_model_spec([("0", (4, 3), 16), ("1", (3,), 16)])
    numbered = dict(zip("01", START.values(), strict=True))

    def learn(arrays):
        record = ArrayRecord(list(step(arrays).values()))
        return RecordDict({"arrays": record, "metrics": MetricRecord({"num-examples": 1})})

    reply = app(learn)(train(open_round(spec), numbered), context())
    assert reply.content["arrays"]["update"].numpy().tolist() == [3] * 15


@pytest.mark.parametrize("kind", ["evaluate", "query"])
def test_other_messages_pass_untouched(kind):
    content = train(open_round()).content
    message = Message(content, dst_node_id=7, message_type=kind)
    reply = app(step)(message, context())
    assert reply.content is message.content is content
    assert content["ledger"]["format"] == "chongwen-train/1"
    assert list(content["arrays"]) == ["w", "b"]


def test_a_server_without_the_strategy_gets_what_the_app_replies(signer):
    reply = app(step)(train(None), context())
    assert list(reply.content["arrays"]) == ["w", "b"]
    assert "ledger" not in reply.content
    assert not signer.signed


def test_a_record_of_the_apps_own_called_ledger_is_not_the_ledgers():
    own = ConfigRecord({"page": 3})
    seen = []
    reply = app(step, seen=seen)(train(None, extra={"ledger": own}), context())
    assert seen[0].content["ledger"] is own
    assert list(reply.content["arrays"]) == ["w", "b"]


def test_an_app_that_fails_fails_as_ever():
    def learn(_):
        raise ZeroDivisionError("the app's own")

    with pytest.raises(ZeroDivisionError):
        app(learn)(train(open_round()), context())


def test_shadow_mode_leaves_the_reply_bit_for_bit():
    plain = app(step)(train(None), context())
    reply = app(step)(train(open_round(), mode="shadow"), context())
    for name in ("arrays", "metrics"):
        assert reply.content[name] == plain.content[name]
    ledger = reply.content["ledger"]
    assert np.frombuffer(ledger["update"], "<i2").tolist() == [3] * 15
    assert len(ledger["signature"]) == 64


def test_buffers_stay_at_the_site_or_are_counted_exactly():
    spec = create_model_spec([("w", (2,), 16), ("seen", (), 0)])
    start = {
        "w": np.zeros(2, np.float32),
        "bn.tracked": np.array(5, np.int64),
        "seen": np.array(1_000_000, np.int64),
    }

    def learn(arrays):
        assert arrays["seen"].dtype == np.int64
        return {"w": arrays["w"], "bn.tracked": np.array(99), "seen": arrays["seen"] + 321}

    mod = LedgerMod(buffers={"*.tracked": "local", "seen": "count"})
    reply = app(learn, mod)(train(open_round(spec), start), context())
    assert reply.content["arrays"]["update"].numpy().tolist() == [0, 0, 321]


def test_the_example_of_the_documentation_reproduces_the_float_difference():
    random = np.random.default_rng(1)

    def learn(arrays):
        return {
            n: a + random.normal(0, 0.01, a.shape).astype(np.float32) for n, a in arrays.items()
        }

    learnt = {}

    def kept(arrays):
        learnt.update(learn(arrays))
        return learnt

    lanes = app(kept)(train(open_round()), context()).content["arrays"]["update"].numpy()
    difference = flatten(SPEC, learnt, {}) - flatten(SPEC, START, {})
    assert np.abs(lanes * 2.0**-16 - difference).max() <= 2**-17
