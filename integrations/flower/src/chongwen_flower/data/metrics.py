"""How good a model is where classes are unequal: each class counts alike."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Metrics:
    """Shares 0 … 1; classes that do not occur are left out of both means."""

    accuracy: float
    balanced_accuracy: float
    macro_auc: float

    def to_json(self) -> dict[str, float]:
        """As plain values."""
        return {name: float(value) for name, value in asdict(self).items()}


def evaluate(scores: npt.NDArray[np.floating], labels: npt.NDArray[np.uint8]) -> Metrics:
    """Judge scores [n, classes]; the largest wins, the lowest class of equals."""
    predicted = scores.argmax(axis=1)
    occurring = np.unique(labels)
    recalls = [float((predicted[labels == c] == c).mean()) for c in occurring]
    areas = [area_under_curve(scores[:, c], labels == c) for c in occurring if (labels != c).any()]
    return Metrics(
        accuracy=float((predicted == labels).mean()),
        balanced_accuracy=float(np.mean(recalls)),
        macro_auc=float(np.mean(areas)) if areas else 0.5,
    )


def area_under_curve(scores: npt.NDArray[np.floating], positive: npt.NDArray[np.bool_]) -> float:
    """Share of pairs that are in the right order, ties half: Mann and Whitney 1947."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    own = int(positive.sum())
    return float((ranks[positive].sum() - own * (own + 1) / 2) / (own * (len(scores) - own)))
