"""The dermatology table, and any table of its form: the features that TypeScript computes.

`scripts/data/table.ts` in Python. Both give the same doubles, so that a head that was trained here
is evaluated there to the last record (`tests/data/test_table.py` compares hashes).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chongwen_flower.data.extractor import FEATURE_BITS
from chongwen_flower.data.files import read_bytes, repository
from chongwen_flower.data.limits import MAX_RECORDS, MAX_TABLE
from chongwen_flower.data.records import Records, make_records
from chongwen_flower.data.refuse import refuse
from chongwen_flower.data.table_csv import number_of, read_csv_rows
from chongwen_flower.data.table_schema import TableSchema, ordered_classes, read_schema

_MAX_COLUMNS = 1024


def bundled_table() -> Path:
    """Find the table that the repository ships (UCI Dermatology, CC BY 4.0; `data/README.md`).

    Raises
    ------
    ChongwenError
        ``data-absent``
    """
    checkout = repository()
    if checkout is None:
        raise refuse(
            "data-absent",
            "The dermatology table is part of the repository, not of the package.",
            "Run from a checkout, or name a folder with a table in `data-dir`.",
        )
    return checkout / "data" / "dermatology.csv"


def load_table(path: Path) -> Records:
    """Scaled features and labels of a CSV, with `<name>.schema.json` beside it if there is one.

    One site's part of a table should come with a schema that declares `ranges` and `classes`:
    then all sites scale alike and number the classes alike, and nobody learns another's extremes.

    Raises
    ------
    ChongwenError
        ``data-*``, the codes of `docs/errors.md`, Tables
    """
    content = read_bytes(path, MAX_TABLE)
    schema = read_schema(path)
    if schema.sha256 is not None and schema.sha256 != hashlib.sha256(content).hexdigest():
        raise refuse(
            "data-checksum",
            "The table is not the file that its schema describes.",
            "Restore it, or update csvSha256 in the schema if the change is meant.",
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise refuse("data-not-text", "The table is not UTF-8 text.", "Save it as CSV, UTF-8.")
    return _parse(text, schema)


def _parse(text: str, schema: TableSchema) -> Records:
    lines = read_csv_rows(text)
    _, names = next(lines, (0, []))
    _require_header(names, schema)
    values: list[list[float]] = []
    labels: list[str] = []
    for line, cells in lines:
        if len(cells) != len(names):
            raise refuse(
                "data-ragged-row",
                f"Line {line}: {len(cells)} cells, but the header has {len(names)}.",
                "Give every line as many cells as the header; write ? for a missing one.",
            )
        if cells[-1] in ("", "?"):
            raise refuse("data-label-missing", f"Line {line}: no class.", "Fill it in.")
        labels.append(cells[-1])
        values.append(
            [
                number_of(cell, line, at + 1, schema.ranges.get(names[at]))
                for at, cell in enumerate(cells[:-1])
            ]
        )
        if len(labels) > MAX_RECORDS:
            raise refuse("data-too-large", f"More than {MAX_RECORDS} rows.", "Give a sample.")
    if not labels or (schema.rows is not None and schema.rows != len(labels)):
        raise refuse("data-schema", f"The table has {len(labels)} rows.", "Correct its schema.")
    classes = ordered_classes(schema.classes or labels)
    index = {label: at for at, label in enumerate(classes)}
    if not set(labels) <= set(index):
        raise refuse("data-class-unknown", "A class is not in the schema.", "Add it to `classes`.")
    columns = np.array(values, np.float64)
    for at, name in enumerate(names[:-1]):
        columns[:, at] = _scaled(columns[:, at], schema.ranges.get(name), at + 1)
    return make_records(
        features=columns,
        labels=[index[label] for label in labels],
        classes=[schema.classes.get(label, label) for label in classes],
    )


def _require_header(names: Sequence[str], schema: TableSchema) -> None:
    if not 2 <= len(names) <= _MAX_COLUMNS or "" in names or len(set(names)) != len(names):
        raise refuse(
            "data-header",
            "The table's first line does not name two or more columns, each differently.",
            "Give a header line with commas between names; the class is the last column.",
        )
    if schema.label not in (None, names[-1]) or not set(schema.ranges) <= set(names[:-1]):
        raise refuse("data-schema", "The schema names columns that are not there.", "Correct it.")


def _scaled(
    column: npt.NDArray[np.float64], declared: tuple[float, float] | None, at: int
) -> npt.NDArray[np.float64]:
    known = np.sort(column[~np.isnan(column)])
    if not len(known):
        raise refuse("data-column-empty", f"Column {at} has no value.", "Remove the column.")
    low, high = declared or (float(known[0]), float(known[-1]))
    # Halves first: the difference of two finite numbers can overflow, that of their halves cannot.
    span = high / 2 - low / 2
    filled = np.where(np.isnan(column), known[(len(known) - 1) >> 1], column)
    return (filled / 2 - low / 2) / span if span > 0 else np.zeros_like(column)


def quantise_features(features: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
    """Give features as an evaluation commits to them: `floor(x·2^14 + 1/2)`, int16.

    Raises
    ------
    ChongwenError
        ``out-of-range``: a prediction on another record than the one at hand is worse than none.
    """
    lanes = np.floor(features * 2.0**FEATURE_BITS + 0.5)
    if not (np.abs(lanes + 0.5) <= 32_767.5).all():
        raise refuse("out-of-range", "A feature does not fit into int16.", "Scale it to 0 … 1.")
    return lanes.astype(np.int16)
