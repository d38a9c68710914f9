"""What both sides agree on: which records, which features, which head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord

from chongwen_flower.data.dermamnist import load_dermamnist
from chongwen_flower.data.extractor import as_features, extract
from chongwen_flower.data.ham_sites import ham_sites_folder, load_ham_sites
from chongwen_flower.data.head import SKIN_TRAINING, TABLE_TRAINING, Head, Training
from chongwen_flower.data.load import load_images
from chongwen_flower.data.records import Records
from chongwen_flower.data.refuse import refuse
from chongwen_flower.data.split import holdout_split
from chongwen_flower.data.table import bundled_table, load_table
from chongwen_flower.data.table_split import split_table

Config = Mapping[str, Any]

#: A table is never divided among fewer simulated hospitals; further ones stay unused.
FEWEST_HOSPITALS = 5


def load_site(run_config: Config, node_config: Config) -> Records:
    """Load what this node trains on: its own folder, or its part of a shared one."""
    own = str(node_config.get("data-dir", ""))
    if own:
        return with_features(_load_folder(str(run_config["data"]), Path(own), "train"))
    part, parts = int(node_config["partition-id"]), int(node_config["num-partitions"])
    shared, divided = _shared(run_config, "train")
    if divided is not None:
        return with_features(shared.select(divided[part % len(divided)]))
    rows, _ = holdout_split(shared, int(run_config["seed"]))
    if len(shared.source_names) > 1:
        mine = rows[shared.sources[rows] == part % len(shared.source_names)]
    else:
        mine = rows[part::parts]
    return with_features(shared.select(mine))


def load_holdout(run_config: Config) -> Records:
    """Load what the server evaluates every round's model on; nobody trains on it."""
    folder = str(run_config.get("holdout-dir", ""))
    if folder:
        return with_features(_load_folder(str(run_config["data"]), Path(folder), "test"))
    shared, divided = _shared(run_config, "test")
    if divided is not None:
        return with_features(shared.select(divided[-1]))
    return with_features(shared.select(holdout_split(shared, int(run_config["seed"]))[1]))


def _shared(run_config: Config, part: str) -> tuple[Records, list[Any] | None]:
    """All records, and their division where the data have one: sites first, the holdout last."""
    data, folder = str(run_config["data"]), str(run_config.get("data-dir", ""))
    seed = int(run_config["seed"])
    if data == "table":
        table = load_table(_only(Path(folder), ".csv") if folder else bundled_table())
        split = split_table(table, seed, sites=FEWEST_HOSPITALS)
        return table, [*split.sites[:-1], split.holdout]
    if data == "dermamnist":
        images = _load_folder(data, Path(folder), part)
        everything = np.arange(len(images))
        return images, None if part == "train" else [everything]
    if data == "sites" or (data == "ham" and not folder):
        return load_ham_sites(Path(folder) if folder else ham_sites_folder()), None
    if not folder:
        raise refuse("data-absent", "Nobody said where the data are.", "Set `data-dir`.")
    return _load_folder(data, Path(folder), part), None


def _load_folder(data: str, folder: Path, part: str) -> Records:
    if data == "table":
        return load_table(_only(folder, ".csv"))
    if data == "dermamnist":
        file = _only(folder, ".npz")
        return load_dermamnist(file, "test" if part == "test" else "train")
    if data == "prepared":
        return load_images(data, _only(folder, ".npz"))
    return load_images(data, folder)


def _only(folder: Path, ending: str) -> Path:
    found = sorted(folder.glob(f"*{ending}"))
    if len(found) != 1:
        raise refuse(
            "data-unreadable",
            f"The data folder holds {len(found)} files that end with {ending}; one is expected.",
            "Give a folder with one.",
        )
    return found[0]


def with_features(records: Records) -> Records:
    """Let the frozen extractor look at pictures; tables have their features already."""
    if records.images is None:
        return records
    return replace(records, images=None, features=as_features(extract(records.images)))


def is_open(run_config: Config) -> bool:
    """Tell whether the holdout may be published: said so, or the public table."""
    said = str(run_config["open-holdout"])
    if said not in ("auto", "no", "yes"):
        raise refuse("data-form-unknown", "`open-holdout` is yes, no or auto.", "Correct it.")
    return said == "yes" or (said == "auto" and run_config["data"] == "table")


def training_of(run_config: Config) -> Training:
    """Choose how to train: what suits the data, unless the run says otherwise."""
    usual = TABLE_TRAINING if run_config["data"] == "table" else SKIN_TRAINING
    return replace(
        usual,
        epochs=int(run_config["local-epochs"]) or usual.epochs,
        learning_rate=float(run_config["learning-rate"]) or usual.learning_rate,
        prox=float(run_config["fedprox"]),
    )


def to_arrays(head: Head) -> ArrayRecord:
    """Write a head as Flower sends it."""
    return ArrayRecord(
        {
            "weight": Array(head.weight.astype(np.float32)),
            "bias": Array(head.bias.astype(np.float32)),
        }
    )


def from_arrays(arrays: ArrayRecord) -> Head:
    """Read a head that Flower sent."""
    weight, bias = (arrays[name].numpy().astype(np.float64) for name in ("weight", "bias"))
    return Head(weight, bias)
