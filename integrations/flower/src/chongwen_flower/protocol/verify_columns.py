"""Columns against the manifest's entries and the seal's hashes; signatures against the seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.bundle_files import COLUMN_FILES, MANIFEST, hashed_file
from chongwen_flower.protocol.checks import Checks
from chongwen_flower.protocol.columns import (
    WIDTHS,
    column_hash,
    pack_bytes,
    pack_uints,
    unpack_bytes,
    unpack_uints,
)
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.round_manifest import RoundManifest
from chongwen_flower.protocol.signature import recover
from chongwen_flower.protocol.structs import Contribution

_LIMIT: Final = 2**20
_ALL: Final = "every entry"
_NOBODY: Final = "a seat of the registry"


@dataclass(frozen=True, slots=True)
class RoundColumns:
    """What the columns hold and the manifest's entries do not."""

    weights: Sequence[int]
    signatures: Sequence[bytes]


def check_columns(
    checks: Checks, files: Mapping[str, bytes], manifest: RoundManifest
) -> RoundColumns | None:
    """Check every column.

    Returns
    -------
    RoundColumns or None
        None when a column has not one item an entry: then nothing behind it can be recomputed.
    """
    listed = {entry.path: entry for entry in manifest.files}
    read: dict[str, bytes] = {}
    for name, (committed, packed) in _expected(manifest).items():
        path = COLUMN_FILES[name]
        entry = listed.get(path)
        if entry is None or path not in files:
            continue  # `check_file_set` says so.
        column, width = files[path][:_LIMIT], WIDTHS[name]
        checks.same("file hash", path, entry.keccak, hashed_file(path, column).digest)
        checks.same("column hash", path, committed, column_hash(column))
        length = len(manifest.entries) * width
        if not checks.same("column length", path, length, len(column)):
            continue
        checks.same("listed length", path, len(column), entry.size)
        if packed is not None:
            _same_items(checks, path, packed, column, width)
        read[name] = column
    if "weights" not in read or "signatures" not in read:
        return None
    weights = unpack_uints(read["weights"], WIDTHS["weights"])
    _check_entries(checks, manifest, weights)
    stray = manifest.report.excluded >> len(manifest.entries) != 0
    checks.same("exclusions are entries", MANIFEST, "true", "false" if stray else "true")
    return RoundColumns(weights, unpack_bytes(read["signatures"], WIDTHS["signatures"]))


def check_signatures(
    checks: Checks, manifest: RoundManifest, columns: RoundColumns, opened: OpenRound
) -> None:
    """Check that every entry with weight was signed by its seat's key over exactly these values."""
    for i, entry in enumerate(manifest.entries):
        weight = columns.weights[i]
        if weight == 0:
            continue  # A dropped entry counts for nothing, whoever signed it.
        seat = opened.seat(entry.seat)
        key = _NOBODY if seat is None else seat.key
        statement = Contribution(
            opened.federation,
            opened.round,
            opened.parent.report_hash,
            entry.seat,
            entry.update_root,
            entry.rho,
            entry.norm_sq,
            entry.norm_trace_root,
            opened.config_hash,
        )
        signer = _signer(statement.digest(opened.domain), columns.signatures[i])
        subject = f"{COLUMN_FILES['signatures']}: entry {i}, seat {entry.seat}"
        checks.same("signature", subject, key, signer)
        subject = f"{MANIFEST}: seat {entry.seat}"
        checks.same("signer", subject, key, entry.signer)
        if seat is not None:
            charged = 0 if seat.exempt else manifest.config.rho_per_round
            checks.same("privacy cost", subject, charged, entry.rho)
            checks.same("weight", f"{COLUMN_FILES['weights']}: entry {i}", seat.weight, weight)


def _expected(manifest: RoundManifest) -> dict[str, tuple[bytes, bytes | None]]:
    """Give the hash that the seal commits to, and the column that the entries imply."""
    entries, seal = manifest.entries, manifest.seal
    seats = pack_uints([entry.seat for entry in entries], WIDTHS["seats"])
    roots = pack_bytes([entry.update_root for entry in entries], WIDTHS["updateRoots"])
    norms = pack_uints([entry.norm_sq for entry in entries], WIDTHS["norms"])
    traces = pack_bytes([entry.norm_trace_root for entry in entries], WIDTHS["normTraces"])
    return {
        "seats": (seal.seats_hash, seats),
        "updateRoots": (seal.update_roots_hash, roots),
        "weights": (manifest.weights_hash, None),
        "norms": (seal.norms_hash, norms),
        "normTraces": (seal.norm_traces_hash, traces),
        "signatures": (seal.signatures_hash, None),
    }


def _same_items(checks: Checks, path: str, expected: bytes, actual: bytes, width: int) -> None:
    """Name the first item that differs."""
    pairs = zip(unpack_bytes(expected, width), unpack_bytes(actual, width), strict=True)
    name = "column agrees with the manifest's entries"
    for item, (left, right) in enumerate(pairs):
        words = (f"entry {item}: 0x{left.hex()}", f"entry {item}: 0x{right.hex()}")
        if not checks.same(name, path, *words):
            return


def _check_entries(checks: Checks, manifest: RoundManifest, weights: Sequence[int]) -> None:
    entries, bound = manifest.entries, manifest.config.norm_sq_bound
    unordered = [
        f"entry {i + 1}: seat {right.seat}"
        for i, (left, right) in enumerate(pairwise(entries))
        if right.seat <= left.seat
    ]
    checks.same("seats ascend", COLUMN_FILES["seats"], _ALL, unordered[0] if unordered else _ALL)
    roots = [e.update_root for e, weight in zip(entries, weights, strict=True) if weight > 0]
    name = "entries with weight have different roots"
    checks.same(name, COLUMN_FILES["updateRoots"], len(roots), len(set(roots)))
    over = [f"seat {e.seat}: {e.norm_sq}" for e in entries if bound and e.norm_sq > bound]
    checks.same("norms within the bound", COLUMN_FILES["norms"], _ALL, over[0] if over else _ALL)


def _signer(digest: bytes, signature: bytes) -> str:
    try:
        return recover(digest, signature)
    except ChongwenError as refused:
        return refused.message
