"""The manifest of a round bundle. Specified in docs/protocol.md, “Round bundle”."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol import outside
from chongwen_flower.protocol.bundle_files import (
    MANIFEST,
    MANIFEST_LIMIT,
    FileEntry,
    UnknownPathError,
    file_list,
)
from chongwen_flower.protocol.canonical_json import Json, decode, encode
from chongwen_flower.protocol.columns import MAX_ENTRIES
from chongwen_flower.protocol.evaluation import Evaluation
from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.model_spec import ModelSpec
from chongwen_flower.protocol.open_round_parts import ParentRound
from chongwen_flower.protocol.report import UnplacedReport
from chongwen_flower.protocol.seal import Entry
from chongwen_flower.protocol.structs import FederationConfig, Seal

ROUND_FORMAT: Final = "chongwen-round"
_KEYS = (
    *("format", "version", "chainId", "ledger", "federation", "round", "attempt", "parent"),
    *("config", "modelSpec", "seal", "weightsHash", "sealHash", "report", "evaluation"),
    *("entries", "files"),
)
_ENTRY_KEYS = ("seat", "updateRoot", "normSq", "normTraceRoot", "rho", "signer")


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """An entry without what stands in its columns alone: weight and signature."""

    seat: int
    update_root: bytes
    norm_sq: int
    norm_trace_root: bytes
    rho: int
    signer: str

    @classmethod
    def of(cls, entry: Entry) -> ManifestEntry:
        """Leave out weight and signature."""
        commitment = (entry.update_root, entry.norm_sq, entry.norm_trace_root)
        return cls(entry.seat, *commitment, entry.rho, entry.signer)

    def to_json(self) -> dict[str, Json]:
        """Write it as manifests have it."""
        return {
            "seat": self.seat,
            "updateRoot": outside.hex_of(self.update_root),
            "normSq": str(self.norm_sq),
            "normTraceRoot": outside.hex_of(self.norm_trace_root),
            "rho": self.rho,
            "signer": self.signer.lower(),
        }

    @classmethod
    def from_json(cls, value: object, path: str) -> ManifestEntry:
        """Read it as manifests have it."""
        found = outside.members(value, path, _ENTRY_KEYS)
        return cls(
            outside.uint(found["seat"], f"{path}.seat", 32),
            outside.bytes32(found["updateRoot"], f"{path}.updateRoot"),
            outside.decimal(found["normSq"], f"{path}.normSq", 64),
            outside.bytes32(found["normTraceRoot"], f"{path}.normTraceRoot"),
            outside.uint(found["rho"], f"{path}.rho", 48),
            outside.address(found["signer"], f"{path}.signer"),
        )


@dataclass(frozen=True, slots=True)
class ManifestParent:
    """What a manifest says of the round before."""

    round: int
    report_hash: bytes
    artefact: bytes

    @classmethod
    def of(cls, parent: ParentRound) -> ManifestParent:
        """Leave out the model's root, which the parent's own bundle has."""
        return cls(parent.round, parent.report_hash, parent.artefact)

    def to_json(self) -> dict[str, Json]:
        """Write it as manifests have it."""
        hashes = (outside.hex_of(self.report_hash), outside.hex_of(self.artefact))
        return {"round": self.round, "reportHash": hashes[0], "artefact": hashes[1]}

    @classmethod
    def from_json(cls, value: object, path: str) -> ManifestParent:
        """Read it as manifests have it."""
        found = outside.members(value, path, ("round", "reportHash", "artefact"))
        return cls(
            outside.uint(found["round"], f"{path}.round", 32),
            outside.bytes32(found["reportHash"], f"{path}.reportHash"),
            outside.bytes32(found["artefact"], f"{path}.artefact"),
        )


@dataclass(frozen=True)
class RoundManifest:
    """Everything that a reader needs to recompute a round, beside the files it lists.

    Parameters
    ----------
    chain_id
        0 in a rehearsal, which TypeScript's reader refuses: it is nothing that a chain records.
    attempt
        The report's; the seal's own is in `seal`.
    evaluation
        None when the holdout is private: the metrics are then attested.
    """

    chain_id: int
    ledger: str
    federation: int
    round: int
    attempt: int
    parent: ManifestParent
    config: FederationConfig
    model_spec: ModelSpec
    seal: Seal
    weights_hash: bytes
    seal_hash: bytes
    report: UnplacedReport
    evaluation: Evaluation | None
    entries: tuple[ManifestEntry, ...]
    files: tuple[FileEntry, ...]

    def encode(self) -> bytes:
        """Give the file."""
        return encode(
            {
                "format": ROUND_FORMAT,
                "version": 1,
                "chainId": self.chain_id,
                "ledger": self.ledger.lower(),
                "federation": self.federation,
                "round": self.round,
                "attempt": self.attempt,
                "parent": self.parent.to_json(),
                "config": self.config.to_json(),
                "modelSpec": self.model_spec.to_json(),
                "seal": self.seal.to_json(),
                "weightsHash": outside.hex_of(self.weights_hash),
                "sealHash": outside.hex_of(self.seal_hash),
                "report": self.report.to_json(),
                "evaluation": None if self.evaluation is None else self.evaluation.to_json(),
                "entries": [entry.to_json() for entry in self.entries],
                "files": [entry.to_json() for entry in self.files],
            }
        )


def read_round_manifest(files: Mapping[str, bytes]) -> RoundManifest:
    """Read ``manifest.json``.

    The format and its version are looked at first, so that a newer file is told from a broken one.

    Raises
    ------
    ChongwenError
        ``bundle-unreadable``, ``json-invalid``, ``manifest-invalid``, ``version-unknown``,
        ``bundle-path``, ``spec-invalid``
    """
    if MANIFEST not in files:
        raise protocol_error("bundle-unreadable", f"The bundle has no file {MANIFEST}.")
    value = decode(files[MANIFEST], MANIFEST, MANIFEST_LIMIT)
    try:
        _require_head(value)
        return _read(value)
    except UnknownPathError as problem:
        raise _malformed("bundle-path", problem) from None
    except outside.MalformedError as problem:
        raise _malformed("manifest-invalid", problem) from None


def _malformed(code: str, problem: outside.MalformedError) -> ChongwenError:
    return protocol_error(code, f"{MANIFEST} is malformed: {problem}.")


def _require_head(value: object) -> None:
    found = value if isinstance(value, dict) else {}
    outside.exactly(found.get("format"), "format", ROUND_FORMAT)
    version = outside.integer(found.get("version"), "version", -(2**53), 2**53)
    if version != 1:
        message = f"{MANIFEST} has version {version} of “{ROUND_FORMAT}”; this software knows"
        raise protocol_error("version-unknown", f"{message} version 1.")


def _read(value: object) -> RoundManifest:
    found = outside.members(value, "", _KEYS)
    evaluation = found["evaluation"]
    entries = outside.items(found["entries"], "entries", 1, MAX_ENTRIES)
    return RoundManifest(
        chain_id=outside.integer(found["chainId"], "chainId", 0, 2**53 - 1),
        ledger=outside.address(found["ledger"], "ledger"),
        federation=outside.uint(found["federation"], "federation", 32),
        round=outside.uint(found["round"], "round", 32),
        attempt=outside.uint(found["attempt"], "attempt", 8),
        parent=ManifestParent.from_json(found["parent"], "parent"),
        config=FederationConfig.from_json(found["config"], "config"),
        model_spec=ModelSpec.read(found["modelSpec"], "modelSpec"),
        seal=Seal.from_json(found["seal"], "seal"),
        weights_hash=outside.bytes32(found["weightsHash"], "weightsHash"),
        seal_hash=outside.bytes32(found["sealHash"], "sealHash"),
        report=UnplacedReport.from_json(found["report"], "report"),
        evaluation=None if evaluation is None else Evaluation.from_json(evaluation, "evaluation"),
        entries=tuple(ManifestEntry.from_json(e, f"entries.{i}") for i, e in enumerate(entries)),
        files=file_list(found["files"], "files"),
    )
