"""A folder of pictures with a metadata CSV, as HAM10000 and the ISIC archive give them.

Of the CSV five columns are read, and none is kept as it stands: the picture's id finds the
picture, the diagnosis and its confirmation become small numbers, lesion and person become a group
number. Age, sex, place on the body, free text and every other column are never looked at.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from chongwen_flower.data.classes import (
    HAM_CLASSES,
    HAM_SOURCES,
    class_index,
    dense,
    label_of,
    level_of,
)
from chongwen_flower.data.files import files_below, read_bytes
from chongwen_flower.data.limits import MAX_FILE, MAX_TABLE
from chongwen_flower.data.records import Records
from chongwen_flower.data.refuse import refuse
from chongwen_flower.data.thumbnails import Labelled, thumbnails

_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".dcm"})

#: What a column is for → how HAM10000 and ISIC call it. Columns of other names are not read.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "picture": ("image_id", "isic_id", "image", "image_name"),
    "class": ("dx", "diagnosis", "diagnosis_3"),
    "level": ("dx_type", "diagnosis_confirm_type"),
    "group": ("patient_id", "lesion_id"),
    "source": ("dataset",),
}


def load_ham(
    folder: Path,
    *,
    metadata: Path | None = None,
    classes: Sequence[str] = HAM_CLASSES,
    sources: Sequence[str] = HAM_SOURCES,
    side: int = 28,
) -> Records:
    """Thumbnails of the folder's labelled pictures.

    Parameters
    ----------
    folder
        Pictures (JPEG, PNG, DICOM) at any depth; the picture's id is the file's name.
    metadata
        The CSV; by default the only one in the folder itself.
    classes, sources
        The words that may stand in the CSV. Without a column of sources all are one.
    side
        Of the thumbnails.

    Raises
    ------
    ChongwenError
        ``data-*``, ``image-refused``
    """
    table = metadata or _only_table(folder)
    rows = read_rows(read_bytes(table, MAX_TABLE))
    names = _columns(list(rows[0]), classes)
    index = class_index(classes)
    places = {word.casefold(): at for at, word in enumerate(sources)}
    pictures = {path.stem: path for path in files_below(folder, _PICTURES)}
    groups = dense(
        row[names["group"]] if "group" in names else str(at) for at, row in enumerate(rows)
    )
    labelled: list[Labelled] = []
    for at, row in enumerate(rows):
        place = f"Line {at + 2} of the metadata"
        path = pictures.get(row[names["picture"]].strip())
        if path is None:
            raise refuse(
                "data-image-missing",
                f"{place}: its picture is not in the folder.",
                "Add the picture, or remove the line.",
            )
        labelled.append(
            Labelled(
                content=partial(read_bytes, path, MAX_FILE),
                label=_label(row, names, classes, index, place),
                level=level_of(row[names["level"]]) if "level" in names else 0,
                source=_source(row, names, places, place),
                group=groups[at],
            )
        )
    found = tuple(sources) if "source" in names else ("this site",)
    return thumbnails(labelled, classes=classes, source_names=found, side=side)


def _only_table(folder: Path) -> Path:
    tables = sorted(folder.glob("*.csv"))
    if len(tables) != 1:
        raise refuse(
            "data-unreadable",
            f"The data folder holds {len(tables)} CSV files, and one is expected.",
            "Keep the one that describes the pictures.",
        )
    return tables[0]


def read_rows(content: bytes) -> list[dict[str, str]]:
    """Read the lines of a CSV, by column; a ragged or empty one is refused."""
    try:
        text = content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise refuse("data-not-text", "The metadata is no CSV in UTF-8.", "Save it so.") from None
    if not rows:
        raise refuse("data-empty", "The metadata has no lines.", "Give a line a picture.")
    for at, row in enumerate(rows):
        if None in row or None in row.values():
            raise refuse(
                "data-ragged-row",
                f"Line {at + 2} of the metadata has more or fewer cells than the header.",
                "Give every line as many cells as the header.",
            )
    return rows


def _columns(header: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Find what each known column is called here. One-hot columns stand in for a diagnosis."""
    by_name = {name.strip().casefold(): name for name in header}
    found = {
        use: next(by_name[name] for name in names if name in by_name)
        for use, names in COLUMNS.items()
        if any(name in by_name for name in names)
    }
    one_hot = {
        f"is {name}": by_name[name.casefold()] for name in classes if name.casefold() in by_name
    }
    if "picture" not in found or ("class" not in found and len(one_hot) != len(classes)):
        raise refuse(
            "data-column-missing",
            "The metadata has no column that names the picture, or none with its diagnosis.",
            "Call them image_id and dx, or isic_id and diagnosis, or give a column a class.",
        )
    return found | one_hot


def _label(
    row: Mapping[str, str],
    names: Mapping[str, str],
    classes: Sequence[str],
    index: Mapping[str, int],
    place: str,
) -> int:
    if "class" in names:
        return label_of(row[names["class"]], index, place)
    marked = [
        at for at, name in enumerate(classes) if row[names[f"is {name}"]].strip() in ("1", "1.0")
    ]
    if len(marked) != 1:
        raise refuse(
            "data-class-unknown",
            f"{place}: {len(marked)} classes are marked, and one is expected.",
            "Mark the diagnosis with 1.0 and all others with 0.0.",
        )
    return marked[0]


def _source(
    row: Mapping[str, str], names: Mapping[str, str], places: Mapping[str, int], place: str
) -> int:
    if "source" not in names:
        return 0
    found = places.get(row[names["source"]].strip().casefold())
    if found is None:
        raise refuse(
            "data-source-unknown",
            f"{place}: the source is none of the {len(places)} that are expected.",
            "Correct the cell, or name the sources in the configuration.",
        )
    return found
