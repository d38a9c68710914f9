"""Labelled pictures to thumbnails: one after another, and in an order that no name decided."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from chongwen_flower.data.classes import dense
from chongwen_flower.data.limits import MAX_THUMBNAIL
from chongwen_flower.data.pictures import read_picture, shrink
from chongwen_flower.data.records import Records, make_records
from chongwen_flower.data.refuse import refuse


@dataclass(frozen=True)
class Labelled:
    """A picture's bytes, read when needed, and what is known of it in numbers."""

    content: Callable[[], bytes]
    label: int
    level: int = 0
    source: int = 0
    group: int = 0


def thumbnails(
    pictures: Iterable[Labelled], *, classes: Sequence[str], source_names: Sequence[str], side: int
) -> Records:
    """Make records with images of `side` × `side`, ordered by the hash of their pixels.

    The folder's order is the order of file names or of visits; the hash's says nothing. Groups are
    numbered anew in that order for the same reason.

    Raises
    ------
    ChongwenError
        ``image-refused``, ``data-empty``, ``data-shape``
    """
    if not 1 <= side <= MAX_THUMBNAIL:
        raise refuse("data-shape", f"Thumbnails of side {side} are not made.", "1 to 512.")
    known = [(shrink(read_picture(one.content()), side), one) for one in pictures]
    known.sort(key=lambda pair: (hashlib.sha256(pair[0].tobytes()).digest(), pair[1].label))
    if not known:
        raise refuse("data-empty", "There are no pictures.", "Give at least one.")
    return make_records(
        images=np.stack([pixels for pixels, _ in known]),
        labels=[one.label for _, one in known],
        label_levels=[one.level for _, one in known],
        sources=[one.source for _, one in known],
        groups=dense(str(one.group) for _, one in known),
        classes=classes,
        source_names=source_names,
    )
