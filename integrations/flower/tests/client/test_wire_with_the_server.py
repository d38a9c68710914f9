"""What the mod writes is what the strategy reads."""

from __future__ import annotations

import pytest

from chongwen_flower.client import answer, request, turn
from chongwen_flower.server import records, update_array
from chongwen_flower.server.records import read_claim, train_record
from client.made_up import SPEC, app, context, open_round, step, train

pytestmark = pytest.mark.usefixtures("signer")


def message_of(mode, note=""):
    message = train(open_round())
    message.content["ledger"] = train_record(open_round(), mode, note, None)
    return message


@pytest.mark.parametrize("mode", ["ledger", "shadow"])
def test_the_strategy_reads_a_commitment(mode):
    reply = app(step)(message_of(mode), context())
    claim = read_claim(reply, mode, SPEC.parameter_count, len(SPEC.tensors))
    assert claim.seat == 3
    assert claim.lanes.tolist() == [3] * 15
    assert claim.update_root == reply.content["ledger"]["update-root"]
    assert set(claim.times) == {"train", "commit", "sign"}


@pytest.mark.parametrize("mode", ["ledger", "shadow"])
def test_the_strategy_reads_a_refusal_in_its_own_words(mode):
    reply = app(lambda a: {"w": a["w"]})(message_of(mode), context())
    with pytest.raises(update_array.ReplyError) as problem:
        read_claim(reply, mode, SPEC.parameter_count, len(SPEC.tensors))
    record = reply.content["ledger"]
    assert (problem.value.code, problem.value.seat) == ("tensor-missing", 3)
    assert (problem.value.message, problem.value.fix) == (record["message"], record["fix"])


def test_both_sides_use_the_same_words():
    assert request.LEDGER == records.LEDGER_KEY
    assert request.TRAIN_FORMAT == records.TRAIN_FORMAT
    assert answer.COMMITMENT_FORMAT == records.COMMITMENT_FORMAT
    assert answer.REFUSAL_FORMAT == records.REFUSAL_FORMAT
    assert turn.UPDATE == update_array.UPDATE_ARRAY
