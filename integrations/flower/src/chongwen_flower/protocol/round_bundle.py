"""Writes the canonical bundle of a round, byte for byte what ``round-build.ts`` writes.

It does not judge: `verify_bundle` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.aggregate import aggregate
from chongwen_flower.protocol.bundle_files import (
    MANIFEST,
    METRICS,
    MODEL,
    hashed_file,
)
from chongwen_flower.protocol.canonical_json import Json, encode
from chongwen_flower.protocol.columns import column_hash, effective_weights
from chongwen_flower.protocol.evaluation import (
    EvaluationInput,
    metrics_hash,
)
from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.lanes import lane_bytes
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.privacy_modes import require_published
from chongwen_flower.protocol.quantise import require_length
from chongwen_flower.protocol.report import UnplacedReport
from chongwen_flower.protocol.round_files import (
    column_files,
    evaluation_files,
    lane_file,
    update_files,
)
from chongwen_flower.protocol.round_manifest import ManifestEntry, ManifestParent, RoundManifest
from chongwen_flower.protocol.seal import (
    Entry,
    RoundContext,
    create_seal,
    pack_seal_columns,
    seal_hash,
)
from chongwen_flower.protocol.ssz import model_root
from chongwen_flower.protocol.structs import Report
from chongwen_flower.protocol.unixfs import directory_digest


@dataclass(frozen=True)
class RoundBundle:
    """A round, ready to be handed over.

    Parameters
    ----------
    files
        By path, ``manifest.json`` among them.
    manifest
        What that file says.
    report
        What the operators will report if they find nothing wrong.
    report_hash
        Its hash: what the next round will pin.
    model
        The aggregate, N int32 lanes.
    """

    files: Mapping[str, bytes]
    manifest: RoundManifest
    report: Report
    report_hash: bytes
    model: NDArray[np.int32]

    @property
    def artefact(self) -> bytes:
        """Digest of the directory."""
        return self.report.artefact

    @property
    def model_root(self) -> bytes:
        """SSZ root of the model."""
        return self.report.model_root


def build_round_bundle(
    open_round: OpenRound,
    base: NDArray[np.int32] | None,
    entries: Sequence[Entry],
    updates: Mapping[int, NDArray[np.int16]],
    model: NDArray[np.int32] | None,
    metrics: Json,
    evaluation: EvaluationInput | None = None,
    *,
    excluded: int = 0,
    seal_attempt: int | None = None,
) -> RoundBundle:
    """Write the bundle of a round in privacy mode A.

    Parameters
    ----------
    open_round
        The round that was open.
    base
        Its parent's model, N int32 lanes; None when the federation has no base. Only read when
        `model` is None.
    entries
        Seats strictly ascending; `create_entry` makes one.
    updates
        By seat; one for every entry with weight that is not excluded. Others are left out.
    model
        The aggregate, or None to aggregate here.
    metrics
        Integers only; scale fractions (0.934 → ``{"accuracyPpm": 934000}``).
    evaluation
        What the model was evaluated on, to be published. None when the holdout is private: then the
        metrics are attested.
    excluded
        Bit i: the payload of entry i never came.
    seal_attempt
        The round's attempt when it was sealed, where it is not the present one.

    Raises
    ------
    ChongwenError
        ``column-invalid``, ``length-mismatch``, ``out-of-range``, ``json-invalid``,
        ``weights-invalid``, ``too-few-updates``, ``rule-unknown``, ``unsupported``,
        ``privacy-mode-unsupported``
    """
    require_published(open_round.config)
    weights = effective_weights([entry.weight for entry in entries], excluded)
    payloads = update_files(open_round, entries, weights, updates)
    if model is None:
        model = _aggregated(open_round, base, entries, weights, updates)
    require_length("The model", model, open_round.model_spec.parameter_count)

    columns = pack_seal_columns(entries)
    attempt = open_round.attempt if seal_attempt is None else seal_attempt
    seal = create_seal(_context(open_round), attempt, columns)
    weights_hash = column_hash(columns.weights)
    metrics_file = encode(metrics)
    statement, evaluated = evaluation_files(model, evaluation)
    report = UnplacedReport(
        federation=open_round.federation,
        round=open_round.round,
        attempt=open_round.attempt,
        seal_hash=seal_hash(seal, weights_hash),
        model_root=model_root(model),
        metrics_hash=metrics_hash(statement, metrics_file),
        excluded=excluded,
    )
    listed = [
        *column_files(columns),
        (hashed_file(METRICS, metrics_file), metrics_file),
        lane_file(MODEL, bytes(lane_bytes(model)), report.model_root),
        *evaluated,
        *payloads,
    ]
    manifest = RoundManifest(
        chain_id=open_round.chain_id,
        ledger=open_round.ledger,
        federation=open_round.federation,
        round=open_round.round,
        attempt=open_round.attempt,
        parent=ManifestParent.of(open_round.parent),
        config=open_round.config,
        model_spec=open_round.model_spec,
        seal=seal,
        weights_hash=weights_hash,
        seal_hash=report.seal_hash,
        report=report,
        evaluation=statement,
        entries=tuple(ManifestEntry.of(entry) for entry in entries),
        files=tuple(sorted((file for file, _ in listed), key=lambda file: file.path)),
    )
    files = {file.path: data for file, data in listed} | {MANIFEST: manifest.encode()}
    placed = report.place(directory_digest(files))
    return RoundBundle(files, manifest, placed, placed.hash(), model)


def _context(opened: OpenRound) -> RoundContext:
    pinned = opened.parent.report_hash
    return RoundContext(opened.federation, opened.round, pinned, opened.config_hash)


def _aggregated(
    open_round: OpenRound,
    base: NDArray[np.int32] | None,
    entries: Sequence[Entry],
    weights: Sequence[int],
    updates: Mapping[int, NDArray[np.int16]],
) -> NDArray[np.int32]:
    config = open_round.config
    if config.has_base and base is None:
        message = "The federation has a base model, and none was given to aggregate onto."
        raise protocol_error("length-mismatch", message)
    counted = [(e.seat, weight) for e, weight in zip(entries, weights, strict=True) if weight]
    return aggregate(
        config.rule_id,
        config.rule_param,
        base if config.has_base else None,
        [updates[seat] for seat, _ in counted],
        [weight for _, weight in counted],
    )
