"""What a torn, tampered or foreign spool does to a restart: the last valid state counts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from world import grid_of, honest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.server.resume import resume
from chongwen_flower.server.spool import Spool


@pytest.fixture
def spool_of(oracle, train, tmp_path):
    """A spool with round 1 recorded, and 2 to 4 pending; the oracle is down."""

    def out(message):
        if message.content["config"]["server-round"] == 2:
            for _ in range(500):
                if oracle.order == [1] and not list((tmp_path / "spool/pending").iterdir()):
                    break
                import time

                time.sleep(0.01)
            oracle.down = True
        return honest(0)(message)

    train(grid_of(out, honest(1)), 4, end_seconds=0.05)
    return tmp_path / "spool"


def pending(spool):
    return sorted(path for path in (spool / "pending").iterdir())


def state_of(spool):
    opened = Spool(spool)
    try:
        return resume(opened)
    finally:
        opened.close()


def reasons(spool):
    return {
        int(path.name[:10]): json.loads((path / "reason.json").read_bytes())
        for path in (spool / "refused").iterdir()
    }


def test_untouched_everything_is_gone_on_with(spool_of):
    found = state_of(spool_of)
    assert (found.ledger.open_round.round, found.head.open_round.round) == (2, 5)
    assert found.bundles == 3


@pytest.mark.parametrize("path", ["model.bin", "updates/0.bin", "metrics.json", "manifest.json"])
def test_tampered_bundle_and_what_follows_it_are_skipped(spool_of, path):
    file = pending(spool_of)[1] / "bundle" / path
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    found = state_of(spool_of)
    assert found.head.open_round.round == 3
    assert sorted(reasons(spool_of)) == [3, 4]
    assert all(each["code"] == "checkpoint-invalid" for each in reasons(spool_of).values())


def test_torn_file_is_skipped(spool_of):
    file = pending(spool_of)[2] / "bundle" / "model.bin"
    file.write_bytes(file.read_bytes()[:-4])
    assert state_of(spool_of).head.open_round.round == 4


def test_file_that_does_not_belong_in_a_bundle(spool_of):
    (pending(spool_of)[2] / "bundle" / "extra.txt").write_text("hello")
    assert state_of(spool_of).head.open_round.round == 4


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"format":"x"', b"\xff" * 9])
def test_unreadable_record_is_skipped(spool_of, content):
    (pending(spool_of)[0] / "record.json").write_bytes(content)
    assert state_of(spool_of).head.open_round.round == 2
    assert sorted(reasons(spool_of)) == [2, 3, 4]


def test_bundle_under_the_report_hash_of_another(spool_of):
    record = pending(spool_of)[0] / "record.json"
    fields = json.loads(record.read_bytes())
    fields["reportHash"] = "0x" + "00" * 32
    from chongwen_flower.protocol.canonical_json import encode

    record.write_bytes(encode(fields))
    assert state_of(spool_of).head.open_round.round == 2


def test_torn_head_falls_back_to_the_one_before(spool_of):
    newest = sorted((spool_of / "heads").iterdir())[-1]
    model = bytearray((newest / "model.bin").read_bytes())
    model[0] ^= 1
    (newest / "model.bin").write_bytes(model)
    # The head before is round 1's; the recorded bundle of round 1 leads on from it.
    found = state_of(spool_of)
    assert (found.ledger.open_round.round, found.head.open_round.round) == (2, 5)


def test_without_any_head_the_ledger_is_asked_and_pending_bundles_still_count(
    spool_of, oracle, train
):
    import shutil

    shutil.rmtree(spool_of / "heads")
    oracle.down = False
    grid = grid_of(honest(0), honest(1))
    train(grid, 1)
    assert OpenRound.decode(grid.trains()[0].content["ledger"]["open-round"]).round == 5
    assert oracle.order == [1, 2, 3, 4, 5]


def test_leftovers_of_an_interrupted_write_are_removed(spool_of):
    (spool_of / "part" / "half").mkdir()
    (spool_of / "part" / "half" / "model.bin").write_bytes(b"x")
    assert state_of(spool_of).bundles == 3
    assert list((spool_of / "part").iterdir()) == []


def test_spool_of_another_process_is_not_shared(spool_of):
    first = Spool(spool_of)
    with pytest.raises(ChongwenError) as raised:
        Spool(spool_of)
    assert raised.value.code == "spool-busy"
    first.close()


def test_round_numbers_of_the_app_begin_anew(spool_of, oracle, train):
    oracle.down = False
    result = train(grid_of(honest(0), honest(1)), 1)
    assert list(result.train_metrics_clientapp) == [1]
    rows = json.loads((spool_of / "ledger-summary.json").read_bytes())["rounds"]
    assert [(row["server_round"], row["round"]) for row in rows][-1] == (1, 5)
    assert np.array_equal([row["state"] for row in rows], ["final"] * 5)
