"""Evaluates the reported model again: holdout, labels, every prediction, their count."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.bundle_files import (
    HOLDOUT,
    LABELS,
    MANIFEST,
    PREDICTIONS,
    hashed_file,
)
from chongwen_flower.protocol.columns import column_hash
from chongwen_flower.protocol.evaluation import (
    Evaluation,
    count_equal,
    evaluation_problem,
    holdout_root,
    predict_all,
    stray_label,
)
from chongwen_flower.protocol.lanes import int16_lanes
from chongwen_flower.protocol.verify_context import VerifyContext

_BOUNDS = "within bounds"


def check_evaluation(context: VerifyContext, model: NDArray[np.int32] | None) -> None:
    """Check the evaluation.

    One that nobody could disprove on chain, or that names lanes that the model does not have, is
    wrong by itself, and nothing is computed with it.

    Parameters
    ----------
    context
        The verification.
    model
        The reported one, or None when it is not at hand.
    """
    checks, evaluation = context.checks, context.manifest.evaluation
    if evaluation is None:
        return
    head, records = evaluation.head, evaluation.records
    problem = evaluation_problem(head.features, head.classes, head.feature_bits, records)
    if not checks.same("evaluation within bounds", MANIFEST, _BOUNDS, problem or _BOUNDS):
        return
    end = head.head_lane + (head.features + 1) * head.classes
    count = context.manifest.model_spec.parameter_count
    room = f"at most {count} lanes"
    found = f"{end} lanes" if end > count else room
    within = checks.same("head within the model", MANIFEST, room, found)

    holdout = _check_holdout(context, evaluation)
    labels = _check_column(context, LABELS, evaluation.labels_hash, records)
    predictions = _check_column(context, PREDICTIONS, evaluation.predictions_hash, records)
    if labels is not None:
        stray = stray_label(labels, head.classes)
        found = "every record" if stray is None else f"record {stray}: {labels[stray]}"
        checks.same("labels are classes", LABELS, "every record", found)
        if predictions is not None:
            correct = count_equal(predictions, labels)
            checks.same("correct predictions", MANIFEST, correct, evaluation.correct)
    if not within or holdout is None or predictions is None:
        return
    if model is None:
        missing = "not recomputed: the model is missing or wrong"
        checks.same("predictions", PREDICTIONS, "recomputed from the model", missing)
        return
    expected = np.frombuffer(predict_all(model, head, holdout, records), np.uint8)
    actual = np.frombuffer(predictions, np.uint8)
    checks.same_lanes("predictions", PREDICTIONS, expected, actual, "record")


def _check_column(
    context: VerifyContext, path: str, committed: bytes, records: int
) -> bytes | None:
    """Check one column of a byte a record; None when it has another length."""
    checks, entry = context.checks, context.usable.get(path)
    if entry is None:
        return None
    data = context.files[path][: records + 1]
    checks.same("file hash", path, entry.keccak, hashed_file(path, data).digest)
    checks.same("listed length", path, len(data), entry.size)
    checks.same("column hash", path, committed, column_hash(data))
    return data if checks.same("a byte a record", path, records, len(data)) else None


def _check_holdout(context: VerifyContext, evaluation: Evaluation) -> NDArray[np.int16] | None:
    """Check the records; None when they are not those of the evaluation."""
    checks, entry = context.checks, context.usable.get(HOLDOUT)
    if entry is None:
        return None
    wanted = 2 * evaluation.records * evaluation.features
    data = context.files[HOLDOUT][: wanted + 1]
    checks.same("listed length", HOLDOUT, wanted, entry.size)
    if not checks.same("holdout length", HOLDOUT, wanted, len(data)):
        return None
    holdout = int16_lanes(data)
    root = holdout_root(holdout, evaluation.features)
    checks.same("file hash", HOLDOUT, entry.ssz_root, root)
    committed = checks.same("holdout root", HOLDOUT, evaluation.holdout_root, root)
    return holdout if committed else None
