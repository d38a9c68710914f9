"""A site's data ready for rounds: one `.npz` of thumbnails and small numbers, and nothing more.

``python -m chongwen_flower.data ham FOLDER OUT.npz`` makes it once, on the hospital's own machine;
SuperNodes then read this file alone and never open a patient's file.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from chongwen_flower.data.arrays import read_arrays, write_arrays
from chongwen_flower.data.records import Records, make_records
from chongwen_flower.data.refuse import refuse

_FORMAT = "chongwen-records/1"
_COLUMNS = ("images", "labels", "sources", "label_levels", "groups")


def write_prepared(records: Records, path: Path) -> None:
    """Write records with images; equal records give equal bytes.

    Raises
    ------
    ChongwenError
        ``data-shape``
    """
    if records.images is None:
        raise refuse("data-shape", "There are no pictures to write.", "Give a table as CSV.")
    words = {
        "format": _FORMAT,
        "classes": list(records.classes),
        "sources": list(records.source_names),
    }
    columns = {name: getattr(records, name) for name in _COLUMNS}
    text = np.frombuffer(json.dumps(words).encode(), np.uint8)
    write_arrays(path, {"words": text, **columns})


def read_prepared(path: Path) -> Records:
    """Read what `write_prepared` wrote.

    Raises
    ------
    ChongwenError
        ``data-archive``, ``data-unreadable``, ``data-shape``
    """
    arrays = read_arrays(path, ("words", *_COLUMNS))
    try:
        words = json.loads(arrays.pop("words").tobytes())
        if words["format"] != _FORMAT:
            raise KeyError
        classes, sources = (list(map(str, words[name])) for name in ("classes", "sources"))
    except (ValueError, KeyError, TypeError):
        raise refuse("data-archive", "The .npz is of another format.", "Prepare it anew.") from None
    images = arrays["images"]
    if images.ndim != 4 or images.shape[3:] != (3,) or images.dtype != np.uint8:
        raise refuse("data-shape", "The pictures are not colour of 8 bits.", "Prepare it anew.")
    return make_records(
        images=images,
        labels=arrays["labels"],
        classes=classes,
        sources=arrays["sources"],
        source_names=sources,
        label_levels=arrays["label_levels"],
        groups=arrays["groups"],
    )
