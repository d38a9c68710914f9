"""The files that a manifest lists.

A file of lanes is bound by its SSZ root, which has to be computed anyway and is what the ledger
knows; every other file by Keccak-256. Both, with the length, fix its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from chongwen_flower.protocol import outside
from chongwen_flower.protocol.canonical_json import Json
from chongwen_flower.protocol.checks import Checks
from chongwen_flower.protocol.keccak import keccak256

MANIFEST: Final = "manifest.json"
MANIFEST_LIMIT: Final = 16 * 2**20
METRICS_LIMIT: Final = 2**20

COLUMN_FILES: Final = {
    "seats": "seats.bin",
    "updateRoots": "update-roots.bin",
    "weights": "weights.bin",
    "norms": "norms.bin",
    "normTraces": "norm-traces.bin",
    "signatures": "signatures.bin",
}
MODEL: Final = "model.bin"
METRICS: Final = "metrics.json"
HOLDOUT: Final = "holdout.bin"
LABELS: Final = "labels.bin"
PREDICTIONS: Final = "predictions.bin"
EVALUATION_FILES: Final = (HOLDOUT, LABELS, PREDICTIONS)

_FIXED = {*COLUMN_FILES.values(), MODEL, METRICS, *EVALUATION_FILES, "escrow.json"}
_PAYLOAD = re.compile(r"updates/(0|[1-9][0-9]{0,9})\.(bin|envelope)")


def update_path(seat: int) -> str:
    """Give the path of a seat's update: int16 lanes, little-endian, unpadded."""
    return f"updates/{seat}.bin"


def is_round_file(path: str) -> bool:
    """Tell whether a round's bundle may have a file of this path."""
    return path in _FIXED or _PAYLOAD.fullmatch(path) is not None


class UnknownPathError(outside.MalformedError):
    """A manifest names a file that no bundle may have."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One line of a manifest's list.

    Parameters
    ----------
    path
        In the directory.
    size
        Bytes.
    digest
        Keccak-256 of the bytes, or the SSZ root of its lanes.
    is_lanes
        Which of the two.
    """

    path: str
    size: int
    digest: bytes
    is_lanes: bool

    @property
    def keccak(self) -> bytes | str:
        """Its Keccak-256, or what to say instead."""
        return "no keccak256 in the manifest" if self.is_lanes else self.digest

    @property
    def ssz_root(self) -> bytes | str:
        """Its SSZ root, or what to say instead."""
        return self.digest if self.is_lanes else "no sszRoot in the manifest"

    def to_json(self) -> dict[str, Json]:
        """Write it as manifests have it."""
        key = "sszRoot" if self.is_lanes else "keccak256"
        return {"path": self.path, "bytes": self.size, key: outside.hex_of(self.digest)}

    @classmethod
    def from_json(cls, value: object, path: str) -> FileEntry:
        """Read it as manifests have it.

        Raises
        ------
        MalformedError
            With the place that is wrong; `UnknownPathError` for a path of no format, so neither
            ".." nor an absolute path nor a surprise is ever looked up.
        """
        is_lanes = isinstance(value, dict) and "sszRoot" in value
        key = "sszRoot" if is_lanes else "keccak256"
        found = outside.members(value, path, ("path", "bytes", key))
        name = outside.text(found["path"], f"{path}.path", 0, 64)
        if not is_round_file(name):
            raise UnknownPathError(f"{path}.path", f"no such file in this format: {name!a}")
        size = outside.integer(found["bytes"], f"{path}.bytes", 0, 2**40)
        return cls(name, size, outside.bytes32(found[key], f"{path}.{key}"), is_lanes)


def hashed_file(path: str, data: bytes) -> FileEntry:
    """Give the entry of a file that is no vector of lanes."""
    return FileEntry(path, len(data), keccak256(data), is_lanes=False)


def file_list(value: object, path: str) -> tuple[FileEntry, ...]:
    """Read a manifest's list: paths sorted and unique.

    Raises
    ------
    MalformedError
        With the place that is wrong.
    """
    listed = outside.items(value, path, 0, 1024)
    files = tuple(FileEntry.from_json(item, f"{path}.{i}") for i, item in enumerate(listed))
    if any(left.path >= right.path for left, right in pairwise(files)):
        outside.refuse(path, "paths must be sorted and unique")
    return files


def check_file_set(
    checks: Checks, present: Mapping[str, bytes], files: Iterable[FileEntry], wanted: set[str]
) -> dict[str, FileEntry]:
    """Check that directory, list and format name the same files.

    Returns
    -------
    dict of str to FileEntry
        The list by path, for files that can be read.
    """
    listed = {entry.path: entry for entry in files}
    usable: dict[str, FileEntry] = {}
    for path in sorted(wanted):
        entry = listed.get(path)
        there = "present" if path in present else "missing"
        state = "not in the manifest" if entry is None else there
        if checks.same("file is there", path, "present", state) and entry is not None:
            usable[path] = entry
    for path in sorted({*listed, *present} - wanted - {MANIFEST}):
        state = "present" if path in present else "listed"
        checks.same("no unknown file", path, "absent", state)
    return usable
