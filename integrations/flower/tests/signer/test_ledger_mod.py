"""LedgerMod in Flower's own ClientApp, a hostile app in its place, and the real signer."""

import json
import sys

import numpy as np
import pytest

from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.signature import recover
from chongwen_flower.signer.wire import encode_line
from client.made_up import app, context, step, train
from signer.hospital import ADDRESS, SPEC, open_round

START = {"weight": np.zeros((8, 4), np.float32), "bias": np.zeros(4, np.float32)}
QUIET = {"rho_per_round": 0, "pool_per_round": 0}
"""Terms under which an app needs no noise, so that these tests are about signing alone."""


@pytest.fixture
def hospital(site, monkeypatch):
    """The app is approved for "skin" and runs from where Flower would have put it."""
    (site.app / "pyproject.toml").write_text('[project]\nname = "skin"\n[tool.flwr.app]\n')
    monkeypatch.setattr(sys, "path", [str(site.app), *sys.path])
    site.approve_federation(open_round(**QUIET), "skin", "--budget", 1500)
    site.approve_app(site.app)
    return site.start()


def ledger_of(hospital, opened, learn=step):
    node = context(**{"chongwen-signer": str(hospital.socket)})
    reply = app(learn)(train(opened, START), node)
    return reply.content


def test_an_ordinary_app_gets_its_update_signed(hospital):
    opened = open_round(**QUIET)
    content = ledger_of(hospital, opened)
    record = content["ledger"]
    assert record["format"] == "chongwen-commitment/1", dict(record)
    lanes = content["arrays"]["update"].numpy()
    assert lanes.shape == (SPEC.parameter_count,)
    statement = opened.contribution(3, commit_update(lanes), 0)
    assert recover(statement.digest(opened.domain), record["signature"]) == ADDRESS


def test_attack_malicious_app_gets_nothing_and_the_operator_sees_why(hospital, capsys):
    """From inside the training: the key, another's seat, other data, and more than one update."""
    answers = []
    opened, other = open_round(**QUIET), open_round(federation=2, seat=8)

    def ask(op, about, seat):
        update = {"root": "0x" + "66" * 32, "normSq": "1", "normTraceRoot": "0x" + "00" * 32}
        question = {
            **{"format": "chongwen-sign/1", "op": op, "app": {"dir": str(hospital.app)}},
            **{"openRound": about.to_json(), "seat": seat, "update": update},
            "rho": str(about.seats[0].rho),
        }
        answers.append(json.loads(hospital.ask_raw(encode_line(question))))

    def learn(arrays):
        ask("key", opened, 3)
        ask("sign", opened, 4)
        ask("sign", other, 8)
        return step(arrays)

    hospital.approve_federation(other, "eyes", "--budget", 10**6)
    content = ledger_of(hospital, opened, learn)
    assert content["ledger"]["format"] == "chongwen-commitment/1"
    ask("sign", opened, 3)
    codes = [answer["code"] for answer in answers]
    assert codes == ["request-invalid", "seat-not-granted", "dataset-not-approved", "equivocation"]
    told = {entry.get("code") for entry in hospital.log(capsys) if entry["kind"] == "refused"}
    assert told == set(codes)


def test_attack_app_was_changed_after_it_was_approved(hospital, capsys):
    (hospital.app / "pkg" / "client.py").write_text("print('train!')\n")
    record = ledger_of(hospital, open_round(**QUIET))["ledger"]
    assert (record["format"], record["code"]) == ("chongwen-refusal/1", "app-not-approved")
    [entry] = [one for one in hospital.log(capsys) if one["kind"] == "refused"]
    assert "pkg/client.py differs" in entry["message"]
