"""Adapters of a frozen network, federated on a rehearsed ledger: ``python examples/lora.py``.

Three hospitals adapt the same random network to the dermatology table. Only the adapters travel,
are committed to and signed; their names carry the network's hash.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from chongwen_flower import LedgerFedAvg, LedgerMod
from chongwen_flower.data.records import Records
from chongwen_flower.data.table import bundled_table, load_table
from chongwen_flower.data.table_split import split_table
from chongwen_flower.lora import Lora, make_lora
from chongwen_flower.lora_mlp import logits, random_mlp, train_adapters

sys.path.insert(0, str(Path(__file__).parent))
from in_process import InProcessGrid

ROUNDS = 4


def client(backbone: dict[str, Any], lora: Lora, site: Records) -> ClientApp:
    """Make a hospital's app: it knows the backbone, its records, and nothing of the ledger."""
    app = ClientApp(mods=[LedgerMod()])

    @app.train()
    def train(msg: Message, _: Context) -> Message:
        arrays = {name: array.numpy() for name, array in msg.content["arrays"].items()}
        trained = train_adapters(
            lora, backbone, arrays, site.features, site.labels, steps=60, learning_rate=0.1
        )
        metrics = MetricRecord({"num-examples": len(site)})
        content = RecordDict({"arrays": record_of(trained), "metrics": metrics})
        return Message(content=content, reply_to=msg)

    return app


def record_of(arrays: dict[str, Any]) -> ArrayRecord:
    return ArrayRecord({name: Array(np.asarray(array)) for name, array in arrays.items()})


def run(ledger: Path, rounds: int = ROUNDS) -> dict[str, Any]:
    """Run the federation and give plain values."""
    table = load_table(bundled_table())
    split = split_table(table, seed=1)
    holdout = table.select(split.holdout)
    backbone = random_mlp((34, 48, 32, 6), seed=1)
    lora = make_lora(backbone, backbone, rank=4, freeze_a=True)
    # Pairs of the simulated hospitals, so that each of the three has most diseases.
    parts = [np.concatenate(split.sites[at : at + 2]) for at in (0, 2, 4)]
    grid = InProcessGrid([client(backbone, lora, table.select(rows)) for rows in parts])
    strategy = LedgerFedAvg(
        ledger=f"rehearsal:{ledger}",
        largest_change=0.99,
        fraction_evaluate=0.0,
        min_train_nodes=3,
        min_available_nodes=3,
    )
    result = strategy.start(grid, record_of(lora.initial()), num_rounds=rounds)
    final = {name: array.numpy() for name, array in result.arrays.items()}

    def accuracy(arrays: dict[str, Any]) -> float:
        scores = logits(lora.adapted(backbone, arrays), holdout.features)
        return float((scores.argmax(axis=1) == holdout.labels).mean())

    return {
        "backboneParameters": sum(array.size for array in backbone.values()),
        "federatedLanes": lora.lanes,
        "backbone": lora.digest,
        "tensors": list(final),
        "accuracyBefore": accuracy(lora.initial()),
        "accuracyAfter": accuracy(final),
    }


if __name__ == "__main__":
    logging.getLogger("flwr").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        for name, value in run(Path(folder) / "ledger").items():
            print(f"{name}: {value}")
