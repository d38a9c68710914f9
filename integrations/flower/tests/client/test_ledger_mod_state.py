"""A ClientApp lives for one message: what the mod has to remember goes through Flower's state."""

from __future__ import annotations

import json

import numpy as np
from flwr.common.serde import context_from_proto, context_to_proto

from client.made_up import app, context, open_round, step, train

NOTE = json.dumps([{"round": 3, "code": "not-finite", "message": "NaN.", "fix": "Mend it."}])


def next_process(ctx):
    """Give the context that Flower would hand to the process of the next message."""
    return context_from_proto(context_to_proto(ctx))


def test_a_note_is_told_once_over_processes(signer):
    ctx = context()
    for _ in range(3):
        app(step)(train(open_round(), note=NOTE), ctx)
        ctx = next_process(ctx)
    assert signer.notes == [(1, 3, "not-finite")]


def test_what_the_signer_could_not_take_waits_for_a_later_process(signer):
    ctx = context()
    signer.down = 99
    app(step)(train(open_round(), note=NOTE), ctx)
    signer.down = 0
    assert signer.notes == []
    app(step)(train(open_round()), next_process(ctx))
    assert signer.notes == [(1, 3, "not-finite"), (1, 5, "signer-unreachable")]


def test_what_the_mod_refused_itself_is_not_told_again_when_the_server_says_it(signer):
    ctx = context()
    app(lambda a: {**a, "w": a["w"] * np.nan})(train(open_round()), ctx)
    echo = json.dumps([{"round": 5, "code": "not-finite", "message": "NaN.", "fix": "Mend it."}])
    app(step)(train(open_round(), note=echo), next_process(ctx))
    assert signer.notes == [(1, 5, "not-finite")]


def test_a_note_that_the_signer_did_not_take_is_told_again(signer):
    ctx = context()
    signer.deaf = 2
    for _ in range(2):
        app(step)(train(open_round(), note=NOTE), ctx)
        assert signer.notes == []
        ctx = next_process(ctx)
    app(step)(train(open_round()), ctx)
    assert signer.notes == [(1, 3, "not-finite")]


def test_other_state_of_the_app_is_left_alone(signer):
    from flwr.app import MetricRecord

    ctx = context()
    ctx.state["mine"] = MetricRecord({"best": 0.9})
    app(step)(train(open_round()), ctx)
    assert next_process(ctx).state["mine"]["best"] == 0.9
    assert signer.signed


def test_memory_does_not_grow_with_what_a_server_says(signer):
    signer.down = 10**6
    ctx = context()
    for round_ in range(200):
        note = json.dumps([{"round": round_, "code": "x" * 999, "message": "y" * 9999, "fix": ""}])
        app(step)(train(open_round(), note=note), ctx)
    assert len(context_to_proto(ctx).SerializeToString()) < 200_000
    assert len(json.loads(ctx.state["chongwen-ledger"]["told"])) == 50
