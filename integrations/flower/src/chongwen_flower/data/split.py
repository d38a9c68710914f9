"""A holdout of all sources and all classes; what one lesion or person gave stays on one side."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from chongwen_flower.data.records import Records

Rows = npt.NDArray[np.int64]


def holdout_split(records: Records, seed: int, share: float = 0.25) -> tuple[Rows, Rows]:
    """Rows to train on and rows held out, ascending; stratified by source and class.

    Whole groups are drawn, in the order of a hash of seed and group: the same on every machine,
    and a group that appears with several labels or sources falls on one side all the same.
    """
    side: dict[int, bool] = {}
    held = np.zeros(len(records), bool)
    strata = records.sources.astype(np.int64) * len(records.classes) + records.labels
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        groups = sorted(set(records.groups[rows].tolist()), key=lambda group: _draw(seed, group))
        wanted = round(len(groups) * share)
        for group in groups:
            if group not in side:
                side[group] = wanted > 0
            wanted -= side[group]
        held[rows] = [side[group] for group in records.groups[rows].tolist()]
    return np.flatnonzero(~held), np.flatnonzero(held)


def _draw(seed: int, group: int) -> bytes:
    return hashlib.sha256(f"chongwen-holdout/{seed}/{group}".encode()).digest()
