"""The table is read and divided as TypeScript does it: `table.json` holds for both."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from chongwen_flower.data.table import bundled_table, load_table
from chongwen_flower.data.table_split import split_table
from chongwen_flower.errors import ChongwenError

VECTOR = json.loads(Path(__file__).with_name("table.json").read_text())


def test_features_and_labels_are_those_of_typescript():
    records = load_table(bundled_table())
    features = hashlib.sha256(records.features.astype("<f8").tobytes()).hexdigest()
    assert features == VECTOR["features"]
    assert hashlib.sha256(records.labels.tobytes()).hexdigest() == VECTOR["labels"]
    assert list(records.classes) == VECTOR["classNames"]


@pytest.mark.parametrize("split", VECTOR["splits"])
def test_split_is_that_of_typescript(split):
    parts = split_table(load_table(bundled_table()), split["seed"], split["sites"])
    assert [part.tolist() for part in parts.sites] == split["rows"]
    assert parts.holdout.tolist() == split["holdout"]


def test_quoted_and_missing_cells_are_those_of_typescript(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text(VECTOR["odd"]["csv"], newline="")
    records = load_table(path)
    assert records.features.reshape(-1).tolist() == VECTOR["odd"]["features"]
    assert records.labels.tolist() == VECTOR["odd"]["labels"]


def test_one_site_of_a_table_scales_and_numbers_as_the_whole(tmp_path):
    whole = load_table(bundled_table())
    rows = split_table(whole, 1).sites[5]
    lines = bundled_table().read_text().splitlines()
    (tmp_path / "site.csv").write_text("\n".join([lines[0], *(lines[1 + row] for row in rows)]))
    schema = json.loads(bundled_table().with_name("dermatology.schema.json").read_text())
    del schema["csvSha256"], schema["rows"]
    (tmp_path / "site.schema.json").write_text(json.dumps(schema))
    site = load_table(tmp_path / "site.csv")
    assert np.array_equal(site.features, whole.features[rows])
    assert np.array_equal(site.labels, whole.labels[rows])
    assert site.classes == whole.classes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "data-header"),
        ("a\n1\n", "data-header"),
        ("a,a,c\n1,2,x\n", "data-header"),
        ("a,b,c\n1,2\n", "data-ragged-row"),
        ("a,b,c\n1,Xanthippe Quuxington,x\n", "data-not-a-number"),
        ("a,b,c\n1,1e999,x\n", "data-not-a-number"),
        ("a,b,c\n1,0x10,x\n", "data-not-a-number"),
        ("a,b,c\n1,nan,x\n", "data-not-a-number"),
        ("a,b,c\n1,2,\n", "data-label-missing"),
        ('a,b,c\n1,"2,x\n', "data-quote"),
        ("a,b,c\n?,2,x\n?,3,y\n", "data-column-empty"),
        ("a,b,c\n1,2,x\n1,3,x\n", "data-class-unknown"),
        ("a,b,c\n\0,2,x\n", "data-not-text"),
    ],
)
def test_attack_malformed_table_refused_without_repeating_it(text, code, tmp_path):
    path = tmp_path / "Xanthippe.csv"
    path.write_text(text)
    with pytest.raises(ChongwenError) as caught:
        load_table(path)
    assert caught.value.code == code
    assert "Xanthippe" not in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ({"schema": 2}, "data-schema"),
        ({"schema": 1, "unknown": 1}, "data-schema"),
        ({"schema": 1, "ranges": {"erythema": [3, 0]}}, "data-schema"),
        ({"schema": 1, "ranges": {"other": [0, 3]}}, "data-schema"),
        ({"schema": 1, "label": "other"}, "data-schema"),
        ({"schema": 1, "rows": 1}, "data-schema"),
        ({"schema": 1, "csvSha256": "00"}, "data-checksum"),
        ({"schema": 1, "ranges": {"age": [0, 9]}}, "data-out-of-range"),
        ({"schema": 1, "classes": {"1": "psoriasis", "2": "other"}}, "data-class-unknown"),
        ("[", "data-schema"),
    ],
)
def test_attack_schema_that_does_not_fit_refused(schema, code, tmp_path):
    shutil.copy(bundled_table(), tmp_path / "t.csv")
    text = schema if isinstance(schema, str) else json.dumps(schema)
    (tmp_path / "t.schema.json").write_text(text)
    with pytest.raises(ChongwenError) as caught:
        load_table(tmp_path / "t.csv")
    assert caught.value.code == code
