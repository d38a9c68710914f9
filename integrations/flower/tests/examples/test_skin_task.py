"""The skin app's data: every node its own records, and a holdout that no node has."""

import json

import numpy as np
import pytest
from skin.task import (
    from_arrays,
    load_holdout,
    load_site,
    to_arrays,
    training_of,
)

from chongwen_flower.data.__main__ import main as prepare
from chongwen_flower.data.ham_sites import FILE
from chongwen_flower.data.table import bundled_table, load_table
from chongwen_flower.data.table_split import split_table
from chongwen_flower.errors import ChongwenError
from data.folders import dermamnist, ham, hugging_face

RUN = {
    "data": "table",
    "data-dir": "",
    "holdout-dir": "",
    "seed": 1,
    "local-epochs": 0,
    "learning-rate": 0.0,
    "fedprox": 0.0,
    "open-holdout": "auto",
}


def node(part: int, parts: int = 4, **more) -> dict:
    return {"partition-id": part, "num-partitions": parts, **more}


def rows_of(records) -> list[bytes]:
    return [row.tobytes() for row in records.features]


def test_simulated_nodes_of_the_table_are_the_simulated_hospitals():
    whole = load_table(bundled_table())
    split = split_table(whole, 1, sites=5)
    for part in range(4):
        site = load_site(RUN, node(part))
        assert np.array_equal(site.features, whole.features[split.sites[part]])
    assert np.array_equal(load_holdout(RUN).labels, whole.labels[split.holdout])


def test_own_folder_comes_before_everything_else(tmp_path):
    whole = load_table(bundled_table())
    rows = split_table(whole, 9).sites[2]
    lines = bundled_table().read_text().splitlines()
    (tmp_path / "clinic.csv").write_text("\n".join([lines[0], *(lines[1 + row] for row in rows)]))
    schema = json.loads(bundled_table().with_name("dermatology.schema.json").read_text())
    schema = {key: schema[key] for key in schema if key not in ("csvSha256", "rows")}
    (tmp_path / "clinic.schema.json").write_text(json.dumps(schema))
    site = load_site(RUN, node(0, **{"data-dir": str(tmp_path)}))
    assert np.array_equal(site.features, whole.features[rows])
    held = load_holdout(RUN | {"holdout-dir": str(tmp_path)})
    assert np.array_equal(held.features, whole.features[rows])


def test_four_sources_are_four_nodes_and_lesions_stay_on_one_side(tmp_path, monkeypatch):
    count = 80
    images = np.random.default_rng(1).integers(0, 256, (count, 28, 28, 3)).astype(np.uint8)
    np.savez(
        tmp_path / FILE,
        images=images,
        labels=np.arange(count, dtype=np.uint8) % 2,
        site=np.arange(count, dtype=np.uint8) // 20,
        lesion=np.arange(count, dtype=np.int32),
        image_id=np.array([f"ISIC_{at:07d}" for at in range(count)]),
    )
    monkeypatch.setenv("CHONGWEN_DATA", str(tmp_path))
    for data in ("ham", "sites"):
        config = RUN | {"data": data}
        sites = [load_site(config, node(part)) for part in range(4)]
        held = load_holdout(config)
        assert [set(site.sources.tolist()) for site in sites] == [{0}, {1}, {2}, {3}]
        assert set(held.sources.tolist()) == {0, 1, 2, 3}
        parts = [row for records in (*sites, held) for row in rows_of(records)]
        assert len(parts) == len(set(parts)) == count
        assert sites[0].images is None


@pytest.mark.parametrize("form", ["isic", "dermamnist", "hf", "prepared"])
def test_every_form_feeds_site_and_holdout(form, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    if form == "isic":
        ham(folder)
    elif form == "dermamnist":
        dermamnist(folder / "dermamnist.npz")
    elif form == "hf":
        hugging_face(folder / "hf", "parquet")
        folder = folder / "hf"
    else:
        ham(tmp_path / "raw")
        assert prepare(["ham", str(tmp_path / "raw"), str(folder / "site.npz")]) == 0
    config = RUN | {"data": form}
    own = load_site(config, node(0, **{"data-dir": str(folder)}))
    held = load_holdout(config | {"holdout-dir": str(folder)})
    assert own.features.shape[1] == held.features.shape[1] == 591
    assert len(own.classes) == 7
    shared = config | {"data-dir": str(folder)}
    parts = [load_site(shared, node(part, 2)) for part in range(2)]
    assert not set(rows_of(parts[0])) & set(rows_of(parts[1]))
    if form == "dermamnist":
        assert len(load_holdout(shared)) == 4


def test_arrays_keep_the_order_of_the_ledger():
    run = RUN | {"local-epochs": 2}
    assert training_of(run).epochs == 2
    assert training_of(RUN | {"data": "ham", "fedprox": 0.1}).prox == 0.1
    head = from_arrays(to_arrays(from_arrays(to_arrays(_head()))))
    assert np.array_equal(head.flat(), _head().flat())
    assert list(to_arrays(head)) == ["weight", "bias"]


def _head():
    from chongwen_flower.data.head import Head

    return Head(np.arange(12.0).reshape(4, 3), np.arange(3.0))


def test_attack_folder_with_two_tables_refused(tmp_path):
    (tmp_path / "a.csv").write_text("x")
    (tmp_path / "b.csv").write_text("x")
    with pytest.raises(ChongwenError) as caught:
        load_site(RUN, node(0, **{"data-dir": str(tmp_path)}))
    assert caught.value.code == "data-unreadable"
    assert str(tmp_path) not in str(caught.value)
