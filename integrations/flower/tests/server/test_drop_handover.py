"""The oracle behind a folder: nothing half-written is ever seen, and nothing is taken twice."""

from __future__ import annotations

import json
import shutil
import threading
import time

import pytest
from fake_oracle_http import status_json
from made_up_oracle import MadeUpOracle
from world import first_head, grid_of, honest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.server.drop_handover import DropHandover
from chongwen_flower.server.durable import replace_file

DIGEST = "0x" + "ab" * 32


class DropOracle:
    """Plays the other side of the folder."""

    def __init__(self, folder, oracle):
        self.folder, self.oracle = folder, oracle
        (folder / "incoming").mkdir(parents=True)
        (folder / "outgoing").mkdir()
        self.seen = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stop.is_set():
            self.look()
            time.sleep(0.01)

    def tell(self, digest):
        content = json.dumps(status_json(self.oracle.status(digest))).encode()
        replace_file(self.folder / "outgoing" / f"{digest}.json", content)

    def look(self):
        outgoing = self.folder / "outgoing"
        for came in sorted((self.folder / "incoming").iterdir()):
            if came.suffix == ".part":
                continue
            self.seen.append(came.name)
            self.oracle.deliver(came.name, came)
            self.tell(came.name)
            shutil.rmtree(came)
        for digest in self.oracle.delivered:
            self.tell(digest)
        opened = self.oracle.open_round()
        model = self.oracle.models[opened.parent.round].tobytes()
        replace_file(outgoing / f"model-{opened.parent.round}.bin", model)
        replace_file(outgoing / "round.json", opened.encode())


@pytest.fixture
def dropped(tmp_path, monkeypatch):
    monkeypatch.setattr("chongwen_flower.server.errands.LOOK", 0.02)
    monkeypatch.setattr("chongwen_flower.server.courier.FIRST_WAIT", 0.01)
    (tmp_path / "kept").mkdir()
    side = DropOracle(tmp_path / "drop", MadeUpOracle(first_head(), tmp_path / "kept"))
    yield side
    side.stop.set()
    side.thread.join(timeout=5)


def test_rounds_through_a_folder(dropped, train):
    train(grid_of(honest(0), honest(1)), 3, ledger=f"drop:{dropped.folder}")
    assert dropped.oracle.order == [1, 2, 3]
    assert len(dropped.seen) == len(set(dropped.seen)) == 3


def test_round_that_is_sealed_is_no_outage(tmp_path):
    (tmp_path / "outgoing").mkdir()
    with pytest.raises(ChongwenError) as raised:
        DropHandover(tmp_path).open_round()
    assert raised.value.code == "round-not-open"


def test_nothing_there_yet_is_a_ledger_that_does_not_answer(tmp_path):
    handover = DropHandover(tmp_path)
    for ask in (handover.open_round, lambda: handover.model(0, 24)):
        with pytest.raises(ChongwenError) as raised:
            ask()
        assert (raised.value.code, raised.value.retryable) == ("ledger-unreachable", True)
    assert handover.status(DIGEST) is None


@pytest.mark.parametrize("content", [b"{", b"{}", b"[]", b"\xff"])
def test_nonsense_in_the_folder(tmp_path, content):
    handover = DropHandover(tmp_path)
    (tmp_path / "outgoing").mkdir()
    for name in ("round.json", f"{DIGEST}.json", "model-0.bin"):
        (tmp_path / "outgoing" / name).write_bytes(content)
    for ask in (handover.open_round, lambda: handover.status(DIGEST), lambda: handover.model(0, 9)):
        with pytest.raises(ChongwenError) as raised:
            ask()
        assert raised.value.code == "ledger-answer-invalid"


def test_interrupted_copy_is_begun_anew(tmp_path):
    bundle = tmp_path / "bundle"
    (bundle / "updates").mkdir(parents=True)
    (bundle / "manifest.json").write_bytes(b"{}")
    (bundle / "updates" / "0.bin").write_bytes(b"xy")
    torn = tmp_path / "drop" / "incoming" / f"{DIGEST}.part"
    torn.mkdir(parents=True)
    (torn / "left-over").write_bytes(b"?")
    handover = DropHandover(tmp_path / "drop")
    handover.deliver(DIGEST, bundle)
    handover.deliver(DIGEST, bundle)
    came = tmp_path / "drop" / "incoming" / DIGEST
    assert sorted(p.relative_to(came).as_posix() for p in came.rglob("*") if p.is_file()) == [
        "manifest.json",
        "updates/0.bin",
    ]
    assert not torn.exists()
    assert handover.status(DIGEST).state == "receiving"
