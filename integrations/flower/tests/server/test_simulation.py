"""Flower's own simulation, with ray: an unchanged app, the mod, the strategy, a rehearsal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
import numpy as np
from chongwen_flower import LedgerFedAvg, LedgerMod
from flwr.app import Array, ArrayRecord, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import ServerApp
from flwr.simulation import run_simulation

client = ClientApp(mods=[LedgerMod()])

@client.train()
def train(message, context):
    seed = int(context.node_config["partition-id"])
    draw = np.random.default_rng(seed)
    old = message.content["arrays"]["w"].numpy()
    arrays = ArrayRecord({"w": Array((old + draw.normal(0, 0.05, old.shape)).astype(np.float32))})
    metrics = MetricRecord({"num-examples": 10 + seed})
    return Message(RecordDict({"arrays": arrays, "metrics": metrics}), reply_to=message)

server = ServerApp()

@server.main()
def main(grid, context):
    strategy = LedgerFedAvg(fraction_evaluate=0.0, ledger="rehearsal:" + sys.argv[1])
    initial = ArrayRecord({"w": Array(np.ones(50, np.float32))})
    strategy.start(grid, initial, num_rounds=2)

run_simulation(server_app=server, client_app=client, num_supernodes=3,
               backend_config={"client_resources": {"num_cpus": 1, "num_gpus": 0}})
"""


@pytest.mark.slow
def test_an_app_in_flowers_simulation(tmp_path):
    script = tmp_path / "app.py"
    script.write_text(CODE)
    source = Path(__file__).parents[2] / "src"
    environment = {
        **os.environ,
        "PYTHONPATH": str(source),
        "FLWR_HOME": str(tmp_path / "flwr"),
        "FLWR_TELEMETRY_ENABLED": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    ledger = tmp_path / "ledger"
    done = subprocess.run(
        [sys.executable, script, ledger],
        env=environment,
        capture_output=True,
        timeout=240,
        check=False,
    )
    summary = ledger / "spool" / "ledger-summary.json"
    assert summary.exists(), done.stderr.decode()[-3000:]
    rows = json.loads(summary.read_bytes())["rounds"]
    assert [(row["entries"], row["state"]) for row in rows] == [(3, "final"), (3, "final")]
