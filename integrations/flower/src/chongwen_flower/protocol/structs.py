"""The kernel's structures as typed values.

Field for field those of ``contracts/types/Kernel.sol``, where each is documented; names in snake
case here and in camel case where they are hashed and in files. Hashes are bytes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from chongwen_flower.protocol import outside
from chongwen_flower.protocol.canonical_json import Json
from chongwen_flower.protocol.eip712 import (
    TYPES,
    Domain,
    Fields,
    FieldValue,
    digest,
    struct_hash,
)


class Struct:
    """What all structures can do. Subclasses are frozen dataclasses."""

    NAME: ClassVar[str]

    def fields(self) -> dict[str, FieldValue]:
        """Give the values by their EIP-712 names."""
        values: Any = self
        return {camel(f.name): getattr(values, f.name) for f in dataclasses.fields(values)}

    def hash(self) -> bytes:
        """Give the EIP-712 struct hash."""
        return struct_hash(self.NAME, self.fields())

    def digest(self, domain: Domain) -> bytes:
        """Give the hash that is signed."""
        return digest(domain, self.NAME, self.fields())

    def to_json(self) -> dict[str, Json]:
        """Write it as manifests have it."""
        return fields_to_json(TYPES[self.NAME], self.fields())

    @classmethod
    def from_json(cls, value: object, path: str = "") -> Self:
        """Read it as manifests have it.

        Raises
        ------
        MalformedError
            With the place that is wrong; the format's reader makes its own error of it.
        """
        read = fields_from_json(TYPES[cls.NAME], value, path)
        return cls(**{snake(name): item for name, item in read.items()})


@dataclass(frozen=True)
class FederationConfig(Struct):
    """What a federation's rounds are held to; ``hash()`` is the configuration hash."""

    NAME: ClassVar[str] = "FederationConfig"

    rule_id: int
    rule_param: int
    scoring_id: int
    privacy_mode: int
    element_width: int
    has_base: bool
    depth: int
    model_spec_root: bytes
    terms_hash: bytes
    records_per_weight: int
    max_seats: int
    min_contributors: int
    max_excluded_bps: int
    rho_per_round: int
    norm_sq_bound: int
    force_window: int
    report_window: int
    challenge_window: int
    max_attempts: int
    settle_every: int
    pool_per_round: int
    finality: int
    approval_window: int


@dataclass(frozen=True)
class Contribution(Struct):
    """What a contributor signs."""

    NAME: ClassVar[str] = "Contribution"

    federation: int
    round: int
    parent_report_hash: bytes
    seat: int
    update_root: bytes
    rho: int
    norm_sq: int
    norm_trace_root: bytes
    config_hash: bytes


@dataclass(frozen=True)
class Seal(Struct):
    """What the operators' quorum signs to freeze a set of contributions."""

    NAME: ClassVar[str] = "Seal"

    federation: int
    round: int
    attempt: int
    parent_report_hash: bytes
    config_hash: bytes
    seats_hash: bytes
    update_roots_hash: bytes
    norms_hash: bytes
    norm_traces_hash: bytes
    signatures_hash: bytes


@dataclass(frozen=True)
class Report(Struct):
    """What the operators' quorum signs about the result; ``hash()`` is what the next round pins."""

    NAME: ClassVar[str] = "Report"

    federation: int
    round: int
    attempt: int
    seal_hash: bytes
    model_root: bytes
    metrics_hash: bytes
    excluded: int
    artefact: bytes


def camel(name: str) -> str:
    """Turn ``norm_sq`` into ``normSq``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake(name: str) -> str:
    """Turn ``normSq`` into ``norm_sq``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def fields_to_json(fields: Fields, value: Mapping[str, FieldValue]) -> dict[str, Json]:
    """Write values: integers above 48 bits as decimal strings, hex in lower case."""
    return {name: _to_json(kind, value[name]) for kind, name in fields if name in value}


def fields_from_json(
    fields: Fields, value: object, path: str, without: Collection[str] = ()
) -> dict[str, FieldValue]:
    """Read exactly these fields, all but `without`.

    Raises
    ------
    MalformedError
        With the place that is wrong.
    """
    wanted = [(kind, name) for kind, name in fields if name not in without]
    found = outside.members(value, path, [name for _, name in wanted])
    return {name: _from_json(kind, found[name], outside.below(path, name)) for kind, name in wanted}


def _to_json(kind: str, value: FieldValue) -> Json:
    if isinstance(value, bytes):
        return outside.hex_of(value)
    if isinstance(value, str):
        return value.lower()
    is_large = kind.startswith("uint") and int(kind.removeprefix("uint")) > 48
    return str(value) if is_large else value


def _from_json(kind: str, value: object, path: str) -> FieldValue:
    if kind == "bool":
        return outside.boolean(value, path)
    if kind == "bytes32":
        return outside.bytes32(value, path)
    if kind == "address":
        return outside.address(value, path)
    return outside.uint(value, path, int(kind.removeprefix("uint")))
