"""The oracle over HTTP: down, slow, answering nonsense, restarting; training goes on."""

from __future__ import annotations

import time

import fake_oracle_http as faults
import pytest
from fake_oracle_http import TOKEN, HttpOracle
from made_up_oracle import MadeUpOracle
from world import first_head, grid_of, honest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.server.handover import BundleStatus
from chongwen_flower.server.http_handover import HttpHandover

DIGEST = "0x" + "ab" * 32


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setattr("chongwen_flower.server.courier.FIRST_WAIT", 0.01)
    monkeypatch.setattr("chongwen_flower.server.courier.LONGEST_WAIT", 0.05)
    monkeypatch.setattr("chongwen_flower.server.errands.LOOK", 0.02)
    folder = tmp_path / "oracle"
    folder.mkdir()
    server = HttpOracle(MadeUpOracle(first_head(), folder), tmp_path / "received")
    yield server
    server.close()


@pytest.fixture
def handover(served):
    speaks = HttpHandover(served.url, 1, TOKEN, patience=0.3, deadline=1)
    yield speaks
    speaks.close()


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    return str(path)


def test_rounds_over_http(served, train, token_file):
    train(grid_of(honest(0), honest(1)), 3, ledger=served.url, token_file=token_file)
    assert served.oracle.order == [1, 2, 3]
    puts = [path.rpartition("/")[2] for method, path in served.requests if method == "PUT"]
    assert puts[0] == "manifest.json"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (faults.internal_error, "ledger-answer-invalid"),
        (faults.own_error, "oracle-busy"),
        (faults.hang, "ledger-unreachable"),
        (faults.half_close, "ledger-unreachable"),
        (faults.half_an_answer, "ledger-unreachable"),
        (faults.not_json, "ledger-answer-invalid"),
        (faults.json_bomb, "ledger-answer-invalid"),
        (faults.nothing, "ledger-answer-invalid"),
        (faults.too_much, "ledger-answer-invalid"),
        (faults.redirect, "ledger-answer-invalid"),
        (faults.another_digest, "ledger-answer-invalid"),
        (faults.lying_status(state="done"), "ledger-answer-invalid"),
        (faults.lying_status(state=["final"]), "ledger-answer-invalid"),
        (faults.lying_status(version=2), "ledger-answer-invalid"),
        (faults.lying_status(asHanded=1), "ledger-answer-invalid"),
        (faults.lying_status(asHanded=None), "ledger-answer-invalid"),
        (faults.lying_status(reportHash="0x66"), "ledger-answer-invalid"),
        (faults.lying_status(round=True), "ledger-answer-invalid"),
        (faults.lying_status(problem="none"), "ledger-answer-invalid"),
    ],
)
def test_nonsense_is_an_error_that_can_be_tried_again(served, handover, fault, code):
    served.faults.append(fault)
    with pytest.raises(ChongwenError) as raised:
        handover.status(DIGEST)
    assert (raised.value.code, raised.value.retryable) == (code, True)


@pytest.mark.parametrize("fault", [faults.internal_error, faults.not_json, faults.half_an_answer])
def test_open_round_and_model_are_not_taken_from_nonsense(served, handover, fault):
    for ask in (handover.open_round, lambda: handover.model(0, 24)):
        served.faults.append(fault)
        with pytest.raises(ChongwenError):
            ask()


def test_model_of_another_size_is_refused(handover):
    for lanes in (23, 25):
        with pytest.raises(ChongwenError) as raised:
            handover.model(0, lanes)
        assert raised.value.code == "ledger-answer-invalid"


def test_every_kind_of_fault_at_every_request_loses_no_round(
    served, train, token_file, monkeypatch
):
    monkeypatch.setattr(HttpHandover.__init__, "__kwdefaults__", {"patience": 0.3, "deadline": 1})
    kinds = [
        faults.internal_error, faults.own_error, faults.hang, faults.half_close,
        faults.half_an_answer, faults.not_json, faults.nothing, faults.redirect,
        faults.another_digest,
    ]  # fmt: skip

    def sometimes(handler):
        number = len(served.requests)
        if number < 90:
            served.faults.append(sometimes)
        return number % 3 == 2 and kinds[number // 3 % len(kinds)](handler)

    served.faults.append(sometimes)
    train(
        grid_of(honest(0), honest(1)), 3, ledger=served.url, token_file=token_file, end_seconds=60
    )
    assert served.oracle.order == [1, 2, 3]


def test_training_does_not_wait_for_an_oracle_that_hangs(served, train, token_file):
    def stuck(_):
        served.faults.append(stuck)
        time.sleep(0.5)
        return False

    def begin(message):
        if message.content["config"]["server-round"] == 1:
            served.faults.append(stuck)
        return honest(0)(message)

    began = time.monotonic()
    train(grid_of(begin, honest(1)), 5, ledger=served.url, token_file=token_file, end_seconds=0.01)
    # Five rounds need well over 50 requests of half a second each.
    assert time.monotonic() - began < 10
    served.faults.clear()


def test_oracle_that_restarts_with_an_empty_store_gets_everything_again(served, handover, tmp_path):
    folder = tmp_path / "bundle"
    (folder / "updates").mkdir(parents=True)
    for path in ("manifest.json", "model.bin", "updates/3.bin"):
        (folder / path).write_bytes(path.encode() * 50_000)
    received = BundleStatus(DIGEST, "receiving", None, None, None, None)
    kept = served.oracle.delivered
    served.oracle.status = lambda digest: received if digest in kept else None
    handover.deliver(DIGEST, folder)
    handover.deliver(DIGEST, folder)
    served.forget()
    assert handover.status(DIGEST) is None
    handover.deliver(DIGEST, folder)
    assert served.oracle.delivered[DIGEST]["updates/3.bin"] == b"updates/3.bin" * 50_000


def test_wrong_token_says_what_to_do(served):
    speaks = HttpHandover(served.url, 1, "wrong")
    with pytest.raises(ChongwenError) as raised:
        speaks.open_round()
    speaks.close()
    assert raised.value.code == "ledger-token"


@pytest.mark.parametrize(
    "url", ["http://oracle.example:4810", "http://10.0.0.7", "http://0.0.0.0:1"]
)
def test_token_is_never_sent_in_the_clear_to_another_machine(url):
    with pytest.raises(ChongwenError) as raised:
        HttpHandover(url, 1, TOKEN)
    assert raised.value.code == "ledger-insecure"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1:4810", "http://", "https:///x"])
def test_address_that_is_none(url):
    with pytest.raises(ChongwenError) as raised:
        HttpHandover(url, 1, None)
    assert raised.value.code == "ledger-address"


def test_nobody_there():
    speaks = HttpHandover("http://127.0.0.1:1", 1, None, patience=0.3)
    with pytest.raises(ChongwenError) as raised:
        speaks.status(DIGEST)
    speaks.close()
    assert (raised.value.code, raised.value.retryable) == ("ledger-unreachable", True)


def test_bundle_that_the_oracle_will_never_take_does_not_block_the_federation(
    served, train, token_file, tmp_path
):
    def forged(handler):
        if handler.command != "POST":
            served.faults.append(forged)
            return False
        faults.answer(handler, 422, faults.error_json("entry-forged", retryable=False))
        return True

    def begin(message):
        if message.content["config"]["server-round"] == 1:
            served.faults.append(forged)
        return honest(0)(message)

    train(grid_of(begin, honest(1)), 3, ledger=served.url, token_file=token_file, wait_for="report")
    (refused,) = (tmp_path / "spool" / "refused").iterdir()
    assert b"entry-forged" in (refused / "reason.json").read_bytes()
    assert served.oracle.order == [1, 2]


def test_oracle_of_another_federation_voids_nothing(served, train, token_file, tmp_path):
    def foreign(handler):
        served.faults.append(foreign)
        if handler.command != "POST":
            return False
        faults.answer(handler, 422, faults.error_json("bundle-foreign", retryable=False))
        return True

    def begin(message):
        if message.content["config"]["server-round"] == 1:
            served.faults.append(foreign)
        return honest(0)(message)

    train(grid_of(begin, honest(1)), 2, ledger=served.url, token_file=token_file, end_seconds=0.5)
    served.faults.clear()
    assert len(list((tmp_path / "spool" / "pending").iterdir())) == 2
    assert not list((tmp_path / "spool" / "refused").iterdir())


def test_bundle_that_is_known_is_not_sent_again(served, train, token_file):
    train(grid_of(honest(0), honest(1)), 1, ledger=served.url, token_file=token_file)
    speaks = HttpHandover(served.url, 1, TOKEN)
    (digest,) = served.oracle.recorded
    before = len(served.requests)
    speaks.deliver(digest, served.folder / digest)
    speaks.close()
    assert [method for method, _ in served.requests[before:]] == ["GET"]
