"""The files of a round's bundle, each with its line in the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.bundle_files import (
    COLUMN_FILES,
    HOLDOUT,
    LABELS,
    PREDICTIONS,
    FileEntry,
    hashed_file,
    update_path,
)
from chongwen_flower.protocol.evaluation import (
    Evaluation,
    EvaluationInput,
    evaluate_model,
    evaluation_problem,
)
from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.lanes import lane_bytes
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.quantise import require_length
from chongwen_flower.protocol.seal import Entry, SealColumns

Listed = list[tuple[FileEntry, bytes]]


def column_files(columns: SealColumns) -> Listed:
    """Give the columns."""
    by_name = {
        "seats": columns.seats,
        "updateRoots": columns.update_roots,
        "weights": columns.weights,
        "norms": columns.norms,
        "normTraces": columns.norm_traces,
        "signatures": columns.signatures,
    }
    return [(hashed_file(COLUMN_FILES[name], data), data) for name, data in by_name.items()]


def update_files(
    open_round: OpenRound,
    entries: Sequence[Entry],
    weights: Sequence[int],
    updates: Mapping[int, NDArray[np.int16]],
) -> Listed:
    """Give the update of each entry whose weight counts.

    Raises
    ------
    ChongwenError
        ``column-invalid`` when one is missing, ``length-mismatch``
    """
    listed: Listed = []
    for entry, weight in zip(entries, weights, strict=True):
        if weight == 0:
            continue
        update = updates.get(entry.seat)
        if update is None:
            message = f"Seat {entry.seat} has weight and is not excluded, but its update is"
            raise protocol_error("column-invalid", f"{message} missing.")
        if update.dtype != np.int16:
            raise TypeError(f"the update of seat {entry.seat} is {update.dtype}, not int16")
        count = open_round.model_spec.parameter_count
        require_length(f"The update of seat {entry.seat}", update, count)
        data = bytes(lane_bytes(update))
        listed.append(lane_file(update_path(entry.seat), data, entry.update_root))
    return listed


def evaluation_files(
    model: NDArray[np.int32], evaluation: EvaluationInput | None
) -> tuple[Evaluation | None, Listed]:
    """Evaluate the model and give what is published of it; nothing without a public holdout.

    Raises
    ------
    ChongwenError
        ``out-of-range``, ``length-mismatch``
    """
    if evaluation is None:
        return None, []
    statement, predictions = evaluate_model(model, evaluation)
    problem = evaluation_problem(
        statement.features, statement.classes, statement.feature_bits, statement.records
    )
    if problem is not None:
        message = f"Nobody could disprove this evaluation: {problem}."
        raise protocol_error("out-of-range", message)
    holdout = bytes(lane_bytes(evaluation.holdout))
    return statement, [
        lane_file(HOLDOUT, holdout, statement.holdout_root),
        (hashed_file(LABELS, evaluation.labels), evaluation.labels),
        (hashed_file(PREDICTIONS, predictions), predictions),
    ]


def lane_file(path: str, data: bytes, root: bytes) -> tuple[FileEntry, bytes]:
    """Give a file of lanes, which its SSZ root binds."""
    return FileEntry(path, len(data), root, is_lanes=True), data
