"""The two data sets of the studies, divided: sites, holdout, and how they train."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from chongwen_flower.data.extractor import as_features, extract
from chongwen_flower.data.ham_sites import ham_sites_folder, load_ham_sites
from chongwen_flower.data.head import SKIN_TRAINING, TABLE_TRAINING, Training
from chongwen_flower.data.records import Records
from chongwen_flower.data.split import holdout_split
from chongwen_flower.data.table import bundled_table, load_table
from chongwen_flower.data.table_split import split_table

SKIN_ROUNDS = 15
TABLE_ROUNDS = 8
SEEDS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Divided:
    """Records of each site, and records that nobody trains on."""

    sites: tuple[Records, ...]
    names: tuple[str, ...]
    holdout: Records
    training: Training
    rounds: int


def table(seed: int) -> Divided:
    """Divide the dermatology table into six simulated hospitals."""
    records = load_table(bundled_table())
    split = split_table(records, seed)
    return Divided(
        sites=tuple(records.select(rows) for rows in split.sites),
        names=tuple(f"simulated hospital {chr(65 + at)}" for at in range(len(split.sites))),
        holdout=records.select(split.holdout),
        training=TABLE_TRAINING,
        rounds=TABLE_ROUNDS,
    )


def skin(seed: int) -> Divided | None:
    """Divide HAM10000 by its four real sources, some lesions held out; None without the file."""
    records = _skin()
    if records is None:
        return None
    rows, held = holdout_split(records, seed)
    return Divided(
        sites=tuple(
            records.select(rows[records.sources[rows] == at])
            for at in range(len(records.source_names))
        ),
        names=records.source_names,
        holdout=records.select(held),
        training=SKIN_TRAINING,
        rounds=SKIN_ROUNDS,
    )


@cache
def _skin() -> Records | None:
    folder = ham_sites_folder()
    if folder is None:
        return None
    records = load_ham_sites(folder)
    if records.images is None:
        raise TypeError("thumbnails have images")
    return replace(records, images=None, features=as_features(extract(records.images)))
