"""What the tests of the server share."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import world
from flwr.supercore.task_identity import TaskIdentity
from made_up_oracle import MadeUpOracle

from chongwen_flower.server import strategy as strategies
from chongwen_flower.server.strategy import LedgerFedAvg


@pytest.fixture(autouse=True)
def _identity(monkeypatch):
    """Messages name the run and the node that they come from."""
    for name in ("run_id", "node_id", "task_id"):
        monkeypatch.setattr(TaskIdentity, f"_{name}", 1)


@pytest.fixture
def oracle(tmp_path, monkeypatch):
    """An oracle in memory, behind every address."""
    folder = tmp_path / "oracle"
    folder.mkdir()
    made = MadeUpOracle(world.first_head(), folder)
    monkeypatch.setattr(strategies, "connect", lambda *_, **__: made)
    return made


@pytest.fixture
def train(tmp_path):
    """Train some rounds with a strategy of ours; give the result."""

    def run(grid, rounds=1, cls=LedgerFedAvg, arrays=None, **settings):
        given = {
            "ledger": "http://127.0.0.1:9",
            "federation": 1,
            "spool": str(tmp_path / "spool"),
            "end_seconds": 10,
        }
        strategy = cls(**{**given, **settings})
        record = world.record_of(world.initial() if arrays is None else arrays)
        return strategy.start(grid, record, rounds)

    return run


@pytest.fixture
def left_out(oracle, train, tmp_path):
    """Seats 0 and 1 are honest; the rest attacks. Gives what became of the attackers."""

    def run(*attackers):
        train(world.grid_of(world.honest(0), world.honest(1), *attackers))
        assert oracle.order == [1], "the round was lost"
        (files,) = oracle.delivered.values()
        seats = [entry["seat"] for entry in json.loads(files["manifest.json"])["entries"]]
        path = tmp_path / "spool" / "exclusions.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return seats, sorted((e["seat"], e["code"]) for e in map(json.loads, lines))

    return run
