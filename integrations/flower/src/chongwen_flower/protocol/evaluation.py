"""What a report says of its model on a holdout that everybody can read, in integers alone.

``logit_c = bias_c·2^featureBits + Σ x_i·weight[i][c]``, and the class with the largest logit, the
lowest of equals. Specified in docs/protocol.md, “Evaluation”; ``PredictionVerifier.sol`` disproves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.columns import column_hash
from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.head import Head, head_products
from chongwen_flower.protocol.keccak import keccak256
from chongwen_flower.protocol.lanes import lane_bytes
from chongwen_flower.protocol.ssz import hash_tree_root
from chongwen_flower.protocol.structs import Struct

LIMITS: Final = {
    "features": 4_096,
    "classes": 256,
    "weights": 8_192,
    "featureBits": 30,
    "records": 65_000,
}
"""What one transaction can disprove. Larger evaluations can only be attested."""

_LANES = 16
_NO_EVALUATION = bytes(32)


@dataclass(frozen=True)
class EvaluationInput:
    """What a model is evaluated on.

    Parameters
    ----------
    head
        Where the classifier stands in the model.
    holdout
        Record after record, ``head.features`` int16 values each, flat.
    labels
        A byte a record.
    """

    head: Head
    holdout: NDArray[np.int16]
    labels: bytes


@dataclass(frozen=True)
class Evaluation(Struct):
    """The statement that a report's metrics hash binds.

    Parameters
    ----------
    correct
        How many predictions are the label.
    labels_hash, predictions_hash
        Keccak-256 of a byte a record.
    """

    NAME: ClassVar[str] = "Evaluation"

    head_lane: int
    features: int
    classes: int
    feature_bits: int
    records: int
    correct: int
    holdout_root: bytes
    labels_hash: bytes
    predictions_hash: bytes

    @property
    def head(self) -> Head:
        """Where the classifier stands in the model."""
        return Head(self.head_lane, self.features, self.classes, self.feature_bits)


def evaluate_model(
    model: NDArray[np.int32], evaluated: EvaluationInput
) -> tuple[Evaluation, bytes]:
    """Evaluate a model: the same integers on every machine.

    Returns
    -------
    tuple of Evaluation and bytes
        The statement, and the predictions: a byte a record.

    Raises
    ------
    ChongwenError
        ``out-of-range``, ``length-mismatch``
    """
    head, labels = evaluated.head, evaluated.labels
    stray = stray_label(labels, head.classes)
    if stray is not None:
        message = f"The label of record {stray} is {labels[stray]}; there are {head.classes}"
        raise protocol_error("out-of-range", f"{message} classes.")
    predictions = predict_all(model, head, evaluated.holdout, len(labels))
    evaluation = Evaluation(
        head_lane=head.head_lane,
        features=head.features,
        classes=head.classes,
        feature_bits=head.feature_bits,
        records=len(labels),
        correct=count_equal(predictions, labels),
        holdout_root=holdout_root(evaluated.holdout, head.features),
        labels_hash=column_hash(labels),
        predictions_hash=column_hash(predictions),
    )
    return evaluation, predictions


def predict_all(
    model: NDArray[np.int32], head: Head, holdout: NDArray[np.int16], records: int
) -> bytes:
    """Give the class of each record.

    Raises
    ------
    ChongwenError
        ``out-of-range``, ``length-mismatch``
    """
    high, low = head_products(model, head, holdout, records)
    start = head.head_lane + head.features * head.classes
    # A bias is at most 2^31 and featureBits 30: 2^61.
    bias = model[start : start + head.classes].astype(np.int64) << head.feature_bits
    low += bias & 0xFFFF
    high += (bias >> 16) + (low >> 16)
    low &= 0xFFFF
    # A logit is high·2^16 + low and may need more than 64 bits: compared, never added up.
    largest = high.max(axis=1, keepdims=True)
    return bytes(np.where(high == largest, low, -1).argmax(axis=1).astype(np.uint8))


def count_equal(left: bytes, right: bytes) -> int:
    """Count positions at which two columns of bytes have the same."""
    return sum(a == b for a, b in zip(left, right, strict=False))


def stray_label(labels: bytes, classes: int) -> int | None:
    """Give the first record whose label is no class."""
    return next((i for i, label in enumerate(labels) if label >= classes), None)


def holdout_root(holdout: NDArray[np.int16], features: int) -> bytes:
    """Give the root of ``Vector[uint16, R·2^k]``.

    Each record is padded with zeros to R = 16·2^r lanes and the records to 2^k, so a record is a
    subtree of its own. Files hold no padding.

    Raises
    ------
    ChongwenError
        ``length-mismatch``
    """
    if features < 1 or holdout.size == 0 or holdout.size % features:
        message = f"The holdout has {holdout.size} values; that is no number of records of"
        raise protocol_error("length-mismatch", f"{message} {features} features.")
    records = holdout.size // features
    row_depth = (-(-features // _LANES) - 1).bit_length()
    padded = np.zeros((records, _LANES << row_depth), np.int16)
    padded[:, :features] = holdout.reshape(records, features)
    return hash_tree_root(lane_bytes(padded.reshape(-1)), row_depth + (records - 1).bit_length())


def evaluation_problem(features: int, classes: int, feature_bits: int, records: int) -> str | None:
    """Say what is out of bounds; None when an evaluation of this shape can be disproven."""
    checked = [
        ("features", features, 1),
        ("classes", classes, 1),
        ("weights", features * classes, 1),
        ("featureBits", feature_bits, 0),
        ("records", records, 1),
    ]
    for name, value, least in checked:
        if not least <= value <= LIMITS[name]:
            return f"{name} is {value}, not {least} to {LIMITS[name]}"
    return None


def metrics_hash(evaluation: Evaluation | None, metrics: bytes) -> bytes:
    """Give a report's ``metricsHash``.

    ``keccak256(hashStruct(Evaluation) ‖ keccak256(metrics.json))``, with zero for the first when
    there is no evaluation.
    """
    first = _NO_EVALUATION if evaluation is None else evaluation.hash()
    return keccak256(first + keccak256(metrics))
