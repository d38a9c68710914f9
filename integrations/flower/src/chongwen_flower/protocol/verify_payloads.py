"""Updates against their commitments, the aggregate against the model, the metrics' hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.aggregate import aggregate, require_rule
from chongwen_flower.protocol.bundle_files import (
    COLUMN_FILES,
    METRICS,
    METRICS_LIMIT,
    MODEL,
    FileEntry,
    hashed_file,
    update_path,
)
from chongwen_flower.protocol.canonical_json import decode
from chongwen_flower.protocol.checks import Checks
from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.evaluation import metrics_hash
from chongwen_flower.protocol.lanes import int16_lanes, int32_lanes
from chongwen_flower.protocol.round_manifest import RoundManifest
from chongwen_flower.protocol.ssz import model_root
from chongwen_flower.protocol.verify_context import VerifyContext


def check_metrics(
    checks: Checks,
    files: Mapping[str, bytes],
    manifest: RoundManifest,
    usable: Mapping[str, FileEntry],
) -> None:
    """Check ``metrics.json``: its bytes, its hash with the evaluation's, its form."""
    entry = usable.get(METRICS)
    if entry is None:
        return
    data = files[METRICS][: METRICS_LIMIT + 1]
    checks.same("file hash", METRICS, entry.keccak, hashed_file(METRICS, data).digest)
    checks.same("listed length", METRICS, len(data), entry.size)
    committed = metrics_hash(manifest.evaluation, data)
    checks.same("metrics hash", METRICS, manifest.report.metrics_hash, committed)
    checks.same("canonical JSON", METRICS, "canonical", _canonical_problem(data))


def check_updates(
    context: VerifyContext, weights: Sequence[int], base: NDArray[np.int32] | None
) -> NDArray[np.int32] | None:
    """Check every payload and aggregate those with weight.

    Returns
    -------
    NDArray or None
        The aggregate; None when a payload or the base is not what was committed.

    Raises
    ------
    ChongwenError
        ``rule-unknown``, ``out-of-range``: the configuration itself makes no aggregate.
    """
    config = context.manifest.config
    checked = _check_base(context, base)
    require_rule(config.rule_id, config.rule_param)
    updates = [_check_update(context, i) for i, weight in enumerate(weights) if weight]
    complete = [update for update in updates if update is not None]
    if not checked or len(complete) < len(updates):
        return None
    kept = [weight for weight in weights if weight]
    try:
        moved = base if config.has_base else None
        return aggregate(config.rule_id, config.rule_param, moved, complete, kept)
    except ChongwenError as impossible:
        # Weights or a base that no rule accepts are a finding about the round.
        path = COLUMN_FILES["weights"]
        context.checks.same("aggregation", path, "possible", impossible.message)
        return None


def check_model(
    context: VerifyContext, recomputed: NDArray[np.int32] | None
) -> NDArray[np.int32] | None:
    """Check the model against the report and against what the updates give.

    Returns
    -------
    NDArray or None
        The model when its root is the reported one.
    """
    checks, entry = context.checks, context.usable.get(MODEL)
    if entry is None:
        return None
    wanted = 4 * context.manifest.model_spec.parameter_count
    data = context.files[MODEL][: wanted + 1]
    checks.same("listed length", MODEL, wanted, entry.size)
    if not checks.same("model length", MODEL, wanted, len(data)):
        return None
    model = int32_lanes(data)
    root = model_root(model)
    checks.same("file hash", MODEL, entry.ssz_root, root)
    reported = checks.same("model root", MODEL, context.manifest.report.model_root, root)
    if recomputed is None:
        missing = "not recomputed: an input is missing or wrong"
        checks.same("aggregate", MODEL, "recomputed from the updates", missing)
    else:
        checks.same_lanes("aggregate", MODEL, recomputed, model, "coordinate")
    return model if reported else None


def _check_update(context: VerifyContext, i: int) -> NDArray[np.int16] | None:
    """Read one update and check it against its commitment; None when it cannot be used."""
    checks, committed = context.checks, context.manifest.entries[i]
    path = update_path(committed.seat)
    entry = context.usable.get(path)
    if entry is None:
        return None
    wanted = 2 * context.manifest.model_spec.parameter_count
    data = context.files[path][: wanted + 1]
    checks.same("listed length", path, wanted, entry.size)
    if not checks.same("update length", path, wanted, len(data)):
        return None
    update = int16_lanes(data)
    found = commit_update(update)
    checks.same("file hash", path, entry.ssz_root, found.update_root)
    checks.same("norm", path, committed.norm_sq, found.norm_sq)
    checks.same("norm trace", path, committed.norm_trace_root, found.norm_trace_root)
    same = checks.same("update root", path, committed.update_root, found.update_root)
    return update if same else None


def _check_base(context: VerifyContext, base: NDArray[np.int32] | None) -> bool:
    """Check that the base which the aggregate moves is the one that the parent reported."""
    if not context.manifest.config.has_base:
        return True
    root = "no model given" if base is None else model_root(base)
    expected = context.open_round.parent.model_root
    return context.checks.same("parent's model root", "parent's model.bin", expected, root)


def _canonical_problem(data: bytes) -> str:
    try:
        decode(data, METRICS, METRICS_LIMIT)
    except ChongwenError as refused:
        return refused.message
    return "canonical"
