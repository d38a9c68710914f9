"""HAM10000 thumbnails with their four real sources, for those who have them (CC BY-NC 4.0).

Not part of the product: non-commercial research only, never committed. The directory is named by
``CHONGWEN_DATA``; seen from a checkout it is ``../shared/data``.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from chongwen_flower.data.arrays import read_arrays
from chongwen_flower.data.classes import HAM_CLASSES, HAM_SOURCES, level_of
from chongwen_flower.data.files import read_bytes, repository
from chongwen_flower.data.ham import read_rows
from chongwen_flower.data.limits import MAX_TABLE
from chongwen_flower.data.records import LEVELS, Records, make_records
from chongwen_flower.data.refuse import refuse

FILE = "ham_sites28.npz"


def ham_sites_folder() -> Path | None:
    """Where the thumbnails are, or None."""
    named = os.environ.get("CHONGWEN_DATA")
    checkout = repository()
    folder = Path(named) if named else checkout and checkout.parent / "shared" / "data"
    return folder if folder and (folder / FILE).is_file() else None


def load_ham_sites(folder: Path | None = None) -> Records:
    """One picture a lesion, so that a split by records is a split by lesions.

    Of the file's arrays five are opened; age and sex are not. With HAM10000's metadata beside it,
    labels get their level of verification.

    Raises
    ------
    ChongwenError
        ``data-absent``, ``data-archive``, ``data-shape``
    """
    found = folder or ham_sites_folder()
    if found is None:
        raise refuse(
            "data-absent",
            f"{FILE} is not there.",
            "Name its folder in CHONGWEN_DATA, or use the table, which is part of the repository.",
        )
    names = ("images", "labels", "site", "lesion", "image_id")
    images, labels, sites, lesions, ids = read_arrays(found / FILE, names).values()
    if images.shape[1:] != (28, 28, 3) or images.dtype != np.uint8:
        raise refuse("data-shape", "The thumbnails are not 28 × 28 × 3.", "Fetch the file again.")
    levels = _levels(found / "HAM10000_metadata.csv")
    return make_records(
        images=images,
        labels=labels,
        classes=HAM_CLASSES,
        sources=sites,
        source_names=HAM_SOURCES,
        groups=lesions,
        label_levels=[levels.get(str(name), LEVELS["unverified"]) for name in ids],
    )


def _levels(metadata: Path) -> dict[str, int]:
    """Picture → level, where the metadata is there to say it."""
    if not metadata.is_file():
        return {}
    rows = read_rows(read_bytes(metadata, MAX_TABLE))
    return {row["image_id"]: level_of(row["dx_type"]) for row in rows}
