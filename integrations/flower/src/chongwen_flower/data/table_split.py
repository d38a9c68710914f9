"""A table divided between *simulated* hospitals: the split of `scripts/data/split.ts`, row for row.

No real hospital ever held these parts. Label skew as in the "pathological" partition of McMahan et
al. 2017 (arXiv 1602.05629, §3), softened: each hospital specialises in two neighbouring classes
and also sees some of the others; the last one is small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chongwen_flower.data.records import Records
from chongwen_flower.data.refuse import refuse

Rows = npt.NDArray[np.int64]

_WORD = 0xFFFFFFFF
#: What part of an average hospital's share the last one gets.
_SMALL = 0.8


@dataclass(frozen=True)
class TableSplit:
    """Rows of each simulated hospital and of the holdout, ascending."""

    sites: tuple[Rows, ...]
    holdout: Rows


def split_table(
    records: Records,
    seed: int,
    sites: int = 6,
    holdout_share: float = 0.25,
    home_share: float = 0.85,
) -> TableSplit:
    """Divide a table; the same seed gives the same rows as in TypeScript.

    Raises
    ------
    ChongwenError
        ``data-split``
    """
    if not (5 <= sites <= 16 and 0.05 <= holdout_share <= 0.5 and 0 <= home_share <= 1):
        raise refuse("data-split", "No such split.", "5 to 16 sites, a holdout of 0.05 to 0.5.")
    classes = len(records.classes)
    holdout: list[int] = []
    parts: list[list[int]] = [[] for _ in range(sites)]
    for label in range(classes):
        members = [int(row) for row in np.flatnonzero(records.labels == label)]
        _Mulberry(seed, "split", label).shuffle(members)
        held = min(_round(len(members) * holdout_share) or 1, len(members) - 1)
        quotas = _apportion(len(members) - held, _shares(label, classes, sites, home_share))
        holdout += members[:held]
        start = held
        for part, quota in zip(parts, quotas, strict=True):
            part += members[start : start + quota]
            start += quota
    for part in parts:  # small tables only: nobody stays empty
        if not part:
            part.append(max(parts, key=len).pop())
    ordered = [np.array(sorted(part), np.int64) for part in (*parts, holdout)]
    return TableSplit(sites=tuple(ordered[:-1]), holdout=ordered[-1])


def _shares(label: int, classes: int, sites: int, home_share: float) -> list[float]:
    def is_home(site: int) -> bool:
        first = site % classes
        return label == first or (classes > 2 and label == (first + 1) % classes)

    large = range(sites - 1)
    homes = sum(map(is_home, large))
    small = _SMALL / sites if is_home(sites - 1) else 0.0
    shares = [
        ((home_share / homes if is_home(site) else 0.0) + (1 - home_share) / len(large))
        if homes
        else 1 / len(large)
        for site in large
    ]
    return [*(share * (1 - small) for share in shares), small]


def _round(value: float) -> int:
    """`Math.round`: halves up."""
    return math.floor(value + 0.5)


def _apportion(total: int, shares: Sequence[float]) -> list[int]:
    """Largest remainders (Hamilton's method), ties to the lower index."""
    whole = 0.0
    for share in shares:
        whole += share  # in this order: Python's own sum compensates, JavaScript's does not
    exact = [total * share / whole for share in shares]
    floors = [math.floor(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda at: (floors[at] - exact[at], at))
    lucky = set(order[: total - sum(floors)])
    return [floor + (at in lucky) for at, floor in enumerate(floors)]


class _Mulberry:
    """mulberry32 by Tommy Ettinger (public domain, 2017), seeded by FNV-1a; not for secrets."""

    def __init__(self, seed: int, purpose: str, index: int) -> None:
        state = 0x811C9DC5
        for character in f"{seed}/{purpose}/{index}":
            state = ((state ^ ord(character)) * 0x01000193) & _WORD
        self._state = state

    def _next(self) -> int:
        self._state = (self._state + 0x6D2B79F5) & _WORD
        t = self._state
        t = ((t ^ (t >> 15)) * (1 | t)) & _WORD
        t = ((t + (((t ^ (t >> 7)) * (61 | t)) & _WORD)) & _WORD) ^ t
        return t ^ (t >> 14)

    def shuffle(self, items: list[int]) -> None:
        """Fisher and Yates, in place (Durstenfeld 1964)."""
        for at in range(len(items) - 1, 0, -1):
            other = self._next() * (at + 1) >> 32
            items[at], items[other] = items[other], items[at]
