"""A rehearsal, with the mod at the other end: the whole way without a chain."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from world import grid_of, initial, record_of

from chongwen_flower.client import LedgerMod
from chongwen_flower.errors import ChongwenError
from chongwen_flower.server import LedgerFedAvg, LedgerFedMedian
from chongwen_flower.server.rehearsal import Rehearsal


def site(seed, buffers=None, step=0.01):
    """A client app with the mod, in this process."""
    app = ClientApp(mods=[LedgerMod(buffers=buffers)])
    context = Context(1, seed, {}, RecordDict(), {})

    @app.train()
    def train(message, _):
        draw = np.random.default_rng(seed)
        arrays = {}
        for name, array in message.content["arrays"].items():
            value = array.numpy()
            move = draw.normal(0, step, value.shape) if value.dtype.kind == "f" else 1
            arrays[name] = Array(np.asarray(value + move, value.dtype))
        metrics = MetricRecord({"num-examples": 10, "loss": 1.0})
        content = RecordDict({"arrays": ArrayRecord(arrays), "metrics": metrics})
        return Message(content, reply_to=message)

    return lambda message: app(message, context)


@pytest.fixture
def rehearse(tmp_path):
    def run(grid, rounds, cls=LedgerFedAvg, arrays=None, **settings):
        strategy = cls(ledger=f"rehearsal:{tmp_path / 'ledger'}", end_seconds=20, **settings)
        record = record_of(initial() if arrays is None else arrays)
        result = strategy.start(grid, record, rounds)
        rows = json.loads((tmp_path / "ledger/spool/ledger-summary.json").read_bytes())["rounds"]
        return result, rows

    return run


def test_an_app_is_rehearsed_with_the_mod(rehearse):
    result, rows = rehearse(grid_of(*(site(n) for n in range(3))), 2)
    assert [(row["entries"], row["state"], row["excluded"]) for row in rows] == [
        (3, "final", {}),
        (3, "final", {}),
    ]
    assert result.arrays["head.bias"].numpy().dtype == np.float32
    assert all(row["overhead_ppm"] is None or row["overhead_ppm"] > 0 for row in rows)


def test_a_rehearsal_goes_on_where_it_ended(rehearse):
    rehearse(grid_of(site(0), site(1)), 2)
    _, rows = rehearse(grid_of(site(0), site(1)), 1)
    assert [(row["round"], row["state"]) for row in rows] == [
        (1, "final"),
        (2, "final"),
        (3, "final"),
    ]


def test_a_rehearsal_of_another_rule(rehearse):
    _, rows = rehearse(grid_of(*(site(n) for n in range(3))), 1, cls=LedgerFedMedian)
    assert rows[0]["state"] == "final"


def test_buffers_are_kept_or_counted_as_declared(rehearse):
    arrays = {**initial(), "bn.batches": np.array(4, np.int64), "bn.seen": np.array([7], np.int64)}
    buffers = {"bn.batches": "local", "bn.seen": "count"}
    result, rows = rehearse(
        grid_of(site(0, buffers), site(1, buffers)), 1, arrays=arrays, buffers=buffers
    )
    assert rows[0]["state"] == "final", rows
    assert result.arrays["bn.batches"].numpy() == 4
    assert result.arrays["bn.seen"].numpy().tolist() == [8]
    assert result.arrays["bn.seen"].numpy().dtype == np.int64


def test_learning_rate_of_1e_5_moves_the_model_when_the_change_is_stated(rehearse):
    grid = grid_of(site(0, step=1e-5), site(1, step=1e-5))
    result, rows = rehearse(grid, 1, largest_change=4e-5)
    moved = result.arrays["head.weight"].numpy() - initial()["head.weight"]
    assert rows[0]["state"] == "final"
    assert 2e-6 < np.abs(moved).mean() < 2e-5


def test_a_torn_rehearsal_says_so(rehearse, tmp_path):
    rehearse(grid_of(site(0), site(1)), 1)
    shutil.rmtree(tmp_path / "ledger" / "spool")
    (tmp_path / "ledger" / "state.json").write_bytes(b"{")
    with pytest.raises(ChongwenError) as raised:
        rehearse(grid_of(site(0), site(1)), 1, start_seconds=0.3)
    assert raised.value.code in ("rehearsal-torn", "ledger-unreachable")


def test_keys_are_those_of_the_folder_and_of_no_other(tmp_path):
    one = Rehearsal.create(tmp_path / "a", initial())
    two = Rehearsal.create(tmp_path / "b", initial())
    assert one.key(0) == Rehearsal(tmp_path / "a").key(0)
    assert len({one.key(0), one.key(1), two.key(0)}) == 3
    assert (tmp_path / "a" / "seed").stat().st_mode & 0o077 == 0


def test_bundle_that_was_changed_on_its_way_is_refused(tmp_path, rehearse):
    rehearse(grid_of(site(0), site(1)), 1)
    played = Rehearsal(tmp_path / "ledger")
    (recorded,) = (tmp_path / "ledger" / "bundles").iterdir()
    forged = tmp_path / "forged"
    shutil.copytree(recorded, forged)
    (forged / "metrics.json").write_bytes(b"{}")
    digest = "0x" + "12" * 32
    played.deliver(digest, forged)
    status = played.status(digest)
    assert status is not None
    assert (status.state, status.problem.code) == ("refused", "round-mismatch")
