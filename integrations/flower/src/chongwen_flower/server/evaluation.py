"""An open holdout on which every round's model is evaluated, in integers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.canonical_json import Json
from chongwen_flower.protocol.evaluation import EvaluationInput, evaluation_problem, predict_all
from chongwen_flower.protocol.head import Head
from chongwen_flower.server.metrics import counts_of


@dataclass(frozen=True)
class HeadEvaluation:
    """A linear classifier inside the model, and records for which the answer is known.

    Parameters
    ----------
    head_lane
        Lane of weight[0][0]; then ``features × classes`` weights, record-major, and the biases.
    features, classes
        Its sizes.
    feature_bits
        One unit of a feature is 2^−feature_bits.
    holdout
        int16, a row a record.
    labels
        A class a record.

    Raises
    ------
    ChongwenError
        ``out-of-range``: nobody could disprove an evaluation of this size.
    """

    head_lane: int
    features: int
    classes: int
    feature_bits: int
    holdout: NDArray[np.int16]
    labels: Sequence[int]

    def __post_init__(self) -> None:
        problem = evaluation_problem(
            self.features, self.classes, self.feature_bits, len(self.labels)
        )
        if problem is None and any(not 0 <= label < self.classes for label in self.labels):
            problem = "a label is no class"
        if problem is None and self.holdout.size != self.features * len(self.labels):
            problem = f"the holdout has {self.holdout.size} values"
        if problem is not None:
            raise ChongwenError(
                "out-of-range",
                f"Nobody could disprove this evaluation: {problem}.",
                "Give fewer records or a smaller head; docs/protocol.md, “Evaluation”.",
            )

    def to_input(self) -> EvaluationInput:
        """Give it as the protocol takes it."""
        head = Head(self.head_lane, self.features, self.classes, self.feature_bits)
        flat = np.ascontiguousarray(self.holdout, np.int16).reshape(-1)
        return EvaluationInput(head, flat, bytes(self.labels))

    def counts(self, model: NDArray[np.int32]) -> dict[str, Json]:
        """Count what a model gets right, for the metrics."""
        given = self.to_input()
        predictions = predict_all(model, given.head, given.holdout, len(given.labels))
        return counts_of(predictions, given.labels, self.classes)
