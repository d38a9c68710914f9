"""Labelled records of one site, as all loaders give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chongwen_flower.data.refuse import refuse

#: How well a label is verified, weakest first: the levels of `protocol/annotation/quality.ts`.
LEVELS = {"unverified": 0, "peers": 1, "consensus": 2, "confocal": 2, "follow_up": 3, "histo": 4}

#: Bounds of the evaluation that can be disproven on chain (`docs/protocol.md`, Evaluation).
MAX_CLASSES = 256


@dataclass(frozen=True)
class Records:
    """Pictures or features with their labels; nothing else about anybody.

    Parameters
    ----------
    labels
        uint8 [n], positions in `classes`.
    classes
        Names of the classes. They come from the program or its configuration, never from cells.
    sources
        uint16 [n], positions in `source_names`: which clinic or device a record comes from.
    source_names
        Names of the sources, under the same rule as `classes`.
    label_levels
        uint8 [n], see `LEVELS`.
    groups
        int64 [n]. Equal numbers are one lesion or person, so that a split can keep them together.
    images
        uint8 [n, side, side, 3], or None.
    features
        float64 [n, width] in 0 … 1, or None.
    """

    labels: npt.NDArray[np.uint8]
    classes: tuple[str, ...]
    sources: npt.NDArray[np.uint16]
    source_names: tuple[str, ...]
    label_levels: npt.NDArray[np.uint8]
    groups: npt.NDArray[np.int64]
    images: npt.NDArray[np.uint8] | None = None
    features: npt.NDArray[np.float64] | None = field(default=None)

    def __post_init__(self) -> None:
        count = len(self.labels)
        columns = (self.sources, self.label_levels, self.groups, self.images, self.features)
        if any(column is not None and len(column) != count for column in columns):
            raise refuse(
                "data-shape", "Columns of the records differ in length.", "Load them anew."
            )
        if count == 0:
            raise refuse("data-empty", "There are no records.", "Give at least one record.")
        if not 2 <= len(self.classes) <= MAX_CLASSES or int(self.labels.max()) >= len(self.classes):
            raise refuse(
                "data-class-unknown",
                f"A label lies outside the {len(self.classes)} classes.",
                "Name the classes in the order of their labels; 2 to 256 of them.",
            )
        if int(self.sources.max()) >= len(self.source_names):
            raise refuse(
                "data-shape",
                f"A record's source lies outside the {len(self.source_names)} sources.",
                "Name the sources in the order of their numbers.",
            )

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, rows: npt.ArrayLike) -> Records:
        """Choose rows (positions or a mask), in the order given."""
        at = np.asarray(rows)
        return Records(
            labels=self.labels[at],
            classes=self.classes,
            sources=self.sources[at],
            source_names=self.source_names,
            label_levels=self.label_levels[at],
            groups=self.groups[at],
            images=None if self.images is None else self.images[at],
            features=None if self.features is None else self.features[at],
        )

    def class_counts(self) -> list[int]:
        """Count the records of each class."""
        return [int(n) for n in np.bincount(self.labels, minlength=len(self.classes))]

    def level_counts(self) -> list[int]:
        """Count records by level of verification, level 0 first: `labelLevels` of a card."""
        counts = np.bincount(self.label_levels, minlength=max(LEVELS.values()) + 1)
        return [int(count) for count in counts]


def make_records(
    *,
    labels: npt.ArrayLike,
    classes: Sequence[str],
    sources: npt.ArrayLike | None = None,
    source_names: Sequence[str] = ("this site",),
    label_levels: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    images: npt.NDArray[np.uint8] | None = None,
    features: npt.NDArray[np.float64] | None = None,
) -> Records:
    """Put records into their types; what is not known is one source, level 0, a group each."""
    marks = np.asarray(labels)
    count = len(marks)
    if count and (marks.min() < 0 or marks.max() > 255):
        raise refuse("data-class-unknown", "A label is not 0 to 255.", "Number classes from 0.")
    return Records(
        labels=marks.astype(np.uint8),
        classes=tuple(classes),
        sources=np.zeros(count, np.uint16) if sources is None else np.asarray(sources, np.uint16),
        source_names=tuple(source_names),
        label_levels=(
            np.zeros(count, np.uint8)
            if label_levels is None
            else np.asarray(label_levels, np.uint8)
        ),
        groups=(np.arange(count) if groups is None else np.asarray(groups)).astype(np.int64),
        images=images,
        features=features,
    )
