"""Recomputes a round from its bundle and compares it with what the open round says.

A difference is a problem in a list, never an exception; only input that cannot be read at all
raises. The comparisons are those of ``protocol/bundle/round-verify.ts``, by the same names, and two
that only a holder of the open round can make: the weights, and the digest of the directory.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.bundle_files import (
    COLUMN_FILES,
    EVALUATION_FILES,
    MANIFEST,
    METRICS,
    MODEL,
    check_file_set,
    update_path,
)
from chongwen_flower.protocol.checks import Checks, Problem
from chongwen_flower.protocol.columns import effective_weights
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.privacy_modes import require_published
from chongwen_flower.protocol.round_manifest import RoundManifest, read_round_manifest
from chongwen_flower.protocol.seal import seal_hash
from chongwen_flower.protocol.unixfs import directory_digest
from chongwen_flower.protocol.verify_columns import check_columns, check_signatures
from chongwen_flower.protocol.verify_context import VerifyContext
from chongwen_flower.protocol.verify_evaluation import check_evaluation
from chongwen_flower.protocol.verify_payloads import check_metrics, check_model, check_updates


def verify_round_bundle(
    files: Mapping[str, bytes],
    open_round: OpenRound,
    base: NDArray[np.int32] | None,
    *,
    artefact: bytes | None = None,
    report_hash: bytes | None = None,
) -> list[Problem]:
    """Verify one round.

    Checked: the directory's files; every column, root, norm, trace, signature and weight; the
    aggregate, coordinate by coordinate; model root, metrics, every prediction of the evaluation,
    seal hash, report hash. Not checked: what only the ledger knows (budgets, quorum).

    Parameters
    ----------
    files
        By path, ``manifest.json`` among them.
    open_round
        What the ledger says.
    base
        The parent's model, None when the federation has no base. Its root is checked.
    artefact, report_hash
        What the ledger holds of the report, once there is one.

    Returns
    -------
    list of Problem
        Empty when everything fits.

    Raises
    ------
    ChongwenError
        ``bundle-unreadable``, ``json-invalid``, ``manifest-invalid``, ``version-unknown``,
        ``bundle-path``, ``spec-invalid``, ``rule-unknown``, ``out-of-range``, ``unsupported``,
        ``privacy-mode-unsupported``
    """
    manifest = read_round_manifest(files)
    require_published(manifest.config)
    checks = Checks()
    sized = _check_identity(checks, manifest, open_round)
    _check_statements(checks, manifest, open_round)
    if artefact is not None:
        checks.same("artefact", "the directory", artefact, directory_digest(files))
    if report_hash is not None:
        placed = manifest.report.place(directory_digest(files) if artefact is None else artefact)
        checks.same("report hash", MANIFEST, report_hash, placed.hash())

    columns = check_columns(checks, files, manifest)
    weights = [] if columns is None else columns.weights
    counted = effective_weights(weights, manifest.report.excluded)
    wanted = {*COLUMN_FILES.values(), MODEL, METRICS}
    wanted |= set(EVALUATION_FILES) if manifest.evaluation is not None else set()
    entries = zip(manifest.entries, counted, strict=False)
    # Without columns nobody knows what counts: then every payload is wanted, as in TypeScript.
    wanted |= {update_path(e.seat) for e in manifest.entries[len(counted) :]}
    wanted |= {update_path(entry.seat) for entry, weight in entries if weight}
    usable = check_file_set(checks, files, manifest.files, wanted)
    if columns is not None:
        check_signatures(checks, manifest, columns, open_round)
    check_metrics(checks, files, manifest, usable)
    context = VerifyContext(checks, files, usable, manifest, open_round)
    aggregate = check_updates(context, counted, base) if columns is not None and sized else None
    model = check_model(context, aggregate) if sized else None
    check_evaluation(context, model)
    return checks.problems


def _check_identity(checks: Checks, manifest: RoundManifest, opened: OpenRound) -> bool:
    """Tell whether configuration and specification, hence all sizes, are the federation's."""
    parent = opened.parent
    checks.same("chain", MANIFEST, opened.chain_id, manifest.chain_id)
    checks.same("ledger", MANIFEST, opened.ledger, manifest.ledger)
    checks.same("federation", MANIFEST, opened.federation, manifest.federation)
    checks.same("round", MANIFEST, opened.round, manifest.round)
    checks.same("parent round", MANIFEST, parent.round, manifest.parent.round)
    checks.same("parent report hash", MANIFEST, parent.report_hash, manifest.parent.report_hash)
    checks.same("parent artefact", MANIFEST, parent.artefact, manifest.parent.artefact)
    config_hash = manifest.config.hash()
    known = checks.same("configuration hash", MANIFEST, opened.config_hash, config_hash)
    depth, root = manifest.model_spec.depth, manifest.model_spec.root()
    checks.same("depth of vectors", MANIFEST, depth, manifest.config.depth)
    listed = manifest.config.model_spec_root
    return checks.same("model specification root", MANIFEST, listed, root) and known


def _check_statements(checks: Checks, manifest: RoundManifest, opened: OpenRound) -> None:
    """Check the chain of hashes from the columns to the report."""
    seal, report = manifest.seal, manifest.report
    checks.same("seal's federation", MANIFEST, opened.federation, seal.federation)
    checks.same("seal's round", MANIFEST, opened.round, seal.round)
    checks.same("seal's parent", MANIFEST, opened.parent.report_hash, seal.parent_report_hash)
    checks.same("seal's configuration", MANIFEST, opened.config_hash, seal.config_hash)
    recomputed = seal_hash(seal, manifest.weights_hash)
    checks.same("seal hash", MANIFEST, recomputed, manifest.seal_hash)
    checks.same("report's seal", MANIFEST, manifest.seal_hash, report.seal_hash)
    checks.same("report's federation", MANIFEST, opened.federation, report.federation)
    checks.same("report's round", MANIFEST, opened.round, report.round)
    checks.same("report's attempt", MANIFEST, manifest.attempt, report.attempt)
