"""The mod and a real site signer, in a process of its own."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from flwr.app import Message

from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.signature import recover
from client.made_up import app, context, train
from signer.hospital import ADDRESS, SPEC, new_site, open_round

START = {"weight": np.zeros((8, 4), np.float32), "bias": np.zeros(4, np.float32)}
MANIFEST = '[project]\nname = "skin"\nversion = "1.0.0"\n[tool.flwr.app]\npublisher = "hospital"\n'


def opened(**changes):
    return open_round(exempt=True, **changes)


def step(arrays):
    return {name: array + np.float32(2**-10) for name, array in arrays.items()}


@pytest.fixture
def site(monkeypatch):
    with new_site() as made:
        (made.app / "pyproject.toml").write_text(MANIFEST)
        made.approve_federation(opened(round=1), "skin", "--budget", 10**6)
        made.approve_app(made.app, "skin")
        monkeypatch.setattr(sys, "path", [str(made.app), *sys.path])
        yield made.start()


def run(site, message, learn=step) -> Message:
    return app(learn)(message, context(**{"chongwen-signer": str(site.socket)}))


def test_an_approved_app_gets_its_update_signed(site):
    round_ = opened()
    reply = run(site, train(round_, START))
    lanes = reply.content["arrays"]["update"].numpy()
    ledger = reply.content["ledger"]
    assert lanes.tolist() == [64] * SPEC.parameter_count
    statement = round_.contribution(3, commit_update(lanes), 0)
    assert recover(statement.digest(round_.domain), ledger["signature"]) == ADDRESS


def test_an_app_that_was_changed_after_its_approval_is_refused_before_it_trains(site):
    (site.app / "pkg" / "client.py").write_text("print('something else')\n")

    def never(_):
        raise AssertionError("must not train")

    ledger = run(site, train(opened(), START), never).content["ledger"]
    assert ledger["format"] == "chongwen-refusal/1"
    assert ledger["code"].startswith("app-")


def test_a_second_update_for_one_round_never_gets_a_signature_and_the_first_goes_out_again(
    site, home
):
    round_ = opened()
    first = run(site, train(round_, START)).content
    again = run(site, train(round_, START), lambda a: step(step(a))).content
    assert again["ledger"]["signature"] == first["ledger"]["signature"]
    assert again["arrays"] == first["arrays"]
    for path in (home / "chongwen").iterdir():
        path.unlink()
    other = run(site, train(round_, START), lambda a: step(step(a))).content["ledger"]
    assert (other["format"], other["code"]) == ("chongwen-refusal/1", "equivocation")


def test_the_operator_reads_what_the_mod_refused_and_what_the_server_said(site, capsys):
    def learn(arrays):
        return {**arrays, "bias": np.full(4, np.nan, np.float32)}

    note = '[{"round":4,"code":"norm-above-bound","message":"Too large.","fix":"Clip."}]'
    run(site, train(opened(), START, note=note), learn)
    run(site, Message(train(opened(), START).content, dst_node_id=7, message_type="train"))
    garbled = train(opened(), START)
    garbled.content["ledger"]["open-round"] = b"{}"
    run(site, garbled)
    site.stop()
    codes = [entry.get("code") for entry in site.log(capsys)]
    assert "not-finite" in codes
    assert "norm-above-bound" in codes
