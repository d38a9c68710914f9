"""The examples on a rehearsed ledger, in this process: what is federated, and what is stored."""

import json
import logging
from pathlib import Path

import lora as example
import numpy as np
import pytest
from flwr.app import Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from in_process import InProcessGrid
from skin.client_app import app as hospital
from skin.server_app import app as aggregator

from chongwen_flower import LedgerMod
from chongwen_flower.lora import make_lora
from chongwen_flower.lora_mlp import random_mlp
from data.folders import ham
from data.pictures import NAME
from data.test_stripping import listen, names_in

RUN = {
    "num-server-rounds": 2,
    "data": "table",
    "data-dir": "",
    "holdout-dir": "",
    "open-holdout": "auto",
    "seed": 1,
    "local-epochs": 0,
    "learning-rate": 0.0,
    "fedprox": 0.0,
    "min-nodes": 2,
    "round-timeout": 60,
    "fraction-evaluate": 0.0,
    "trainer": "numpy",
}


def bundles(ledger: Path) -> dict[int, dict]:
    found = (path for path in (ledger / "bundles").rglob("manifest.json"))
    manifests = [json.loads(path.read_text()) for path in found]
    return {manifest["round"]: manifest for manifest in manifests}


def federate(tmp_path, nodes, **config) -> Path:
    ledger = tmp_path / "ledger"
    run_config = RUN | {"chongwen-ledger": f"rehearsal:{ledger}"} | config
    grid = InProcessGrid([hospital] * len(nodes), run_config, nodes)
    aggregator(grid, Context(1, 1, {}, RecordDict(), run_config))
    return ledger


@pytest.mark.parametrize("trainer", ["numpy", "sklearn"])
def test_skin_app_records_rounds_with_an_evaluation_to_repeat(trainer, tmp_path, capsys):
    recorded = bundles(federate(tmp_path, [{}] * 4, trainer=trainer))
    assert sorted(recorded) == [1, 2]
    assert [len(recorded[number]["entries"]) for number in (1, 2)] == [4, 4]
    said = capsys.readouterr().out
    accuracy = float(said.split("Model after round 2: accuracy ")[1].split(",")[0])
    assert accuracy > 0.6
    evaluation = recorded[2]["evaluation"]
    assert accuracy == pytest.approx(evaluation["correct"] / evaluation["records"], abs=6e-4)


def test_attack_planted_name_is_in_no_bundle_spool_log_or_output(tmp_path, caplog, capfd):
    """The whole way: pictures, features, updates, bundles, spool, log; the holdout as well."""
    folders = [tmp_path / f"hospital-{at}" for at in range(2)]
    nodes = [
        {"data-dir": str(ham(folder, name=NAME, seed=at))} for at, folder in enumerate(folders)
    ]
    holdout = ham(tmp_path / "holdout", name=NAME)
    listen(caplog)
    settings = {"data": "ham", "holdout-dir": str(holdout), "open-holdout": "yes"}
    ledger = federate(tmp_path, nodes, **settings)
    printed = capfd.readouterr()
    recorded = bundles(ledger)
    assert len(recorded[2]["entries"]) == 2
    assert recorded[2]["evaluation"]["features"] == 591
    assert list(ledger.rglob("holdout.bin"))
    assert names_in(ledger, caplog.text, printed.out, printed.err) == []
    assert all(str(folder) not in caplog.text + printed.out for folder in folders)


@pytest.mark.parametrize(("said", "published"), [("auto", False), ("no", False), ("yes", True)])
def test_pictures_held_out_are_published_only_when_said_so(said, published, tmp_path):
    nodes = [{"data-dir": str(ham(tmp_path / f"hospital-{at}", seed=at))} for at in range(2)]
    holdout = str(ham(tmp_path / "holdout"))
    settings = {"data": "ham", "holdout-dir": holdout, "open-holdout": said}
    ledger = federate(tmp_path, nodes, **settings, **{"num-server-rounds": 1})
    assert bool(list(ledger.rglob("holdout.bin"))) == published


def test_lora_federates_adapters_alone_and_learns(tmp_path):
    logging.getLogger("flwr").setLevel(logging.WARNING)
    found = example.run(tmp_path / "ledger", rounds=3)
    assert found["accuracyAfter"] > found["accuracyBefore"] + 0.2
    assert 5 * found["federatedLanes"] < found["backboneParameters"]
    manifest = bundles(tmp_path / "ledger")[3]
    names = [tensor["name"] for tensor in manifest["modelSpec"]["tensors"]]
    assert all(found["backbone"] in name for name in names)
    assert len(manifest["entries"]) == 3


def test_attack_hospital_with_another_backbone_is_left_out(tmp_path, monkeypatch, caplog):
    foreign = random_mlp((34, 48, 32, 6), seed=2)
    other = make_lora(foreign, foreign, rank=4, freeze_a=True)
    intruder = ClientApp(mods=[LedgerMod()])

    @intruder.train()
    def train(msg: Message, _: Context) -> Message:
        moved = {name: array + np.float32(0.01) for name, array in other.initial().items()}
        metrics = MetricRecord({"num-examples": 1})
        content = RecordDict({"arrays": example.record_of(moved), "metrics": metrics})
        return Message(content=content, reply_to=msg)

    honest = example.client
    made = []

    def third_is_foreign(backbone, lora, site):
        made.append(site)
        return intruder if len(made) == 3 else honest(backbone, lora, site)

    monkeypatch.setattr(example, "client", third_is_foreign)
    found = example.run(tmp_path / "ledger", rounds=1)
    entries = bundles(tmp_path / "ledger")[1]["entries"]
    assert len(entries) == 2
    assert found["accuracyAfter"] > 0
    assert "tensor-" in caplog.text
