"""A report without the one field that its own bundle cannot hold, and the report of round 0."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from chongwen_flower.protocol.canonical_json import Json
from chongwen_flower.protocol.eip712 import TYPES
from chongwen_flower.protocol.structs import Report, camel, fields_from_json, fields_to_json, snake

_ZERO = bytes(32)


@dataclass(frozen=True, slots=True)
class UnplacedReport:
    """A `Report` without ``artefact``, the digest of the directory that holds it."""

    federation: int
    round: int
    attempt: int
    seal_hash: bytes
    model_root: bytes
    metrics_hash: bytes
    excluded: int

    def place(self, artefact: bytes) -> Report:
        """Add the digest; ``hash()`` of the result is what the next round pins."""
        return Report(**asdict(self), artefact=artefact)

    def to_json(self) -> dict[str, Json]:
        """Write it as manifests have it."""
        values = {camel(name): value for name, value in asdict(self).items()}
        return fields_to_json(TYPES["Report"], values)

    @classmethod
    def from_json(cls, value: object, path: str) -> UnplacedReport:
        """Read it as manifests have it.

        Raises
        ------
        MalformedError
            With the place that is wrong.
        """
        read = fields_from_json(TYPES["Report"], value, path, without=("artefact",))
        values: dict[str, object] = {snake(name): item for name, item in read.items()}
        return cls(**values)  # type: ignore[arg-type]


def genesis_report(federation: int, model_root: bytes, artefact: bytes) -> Report:
    """Give the report of round 0, whose hash round 1 pins; all else in it is zero."""
    return Report(federation, 0, 0, _ZERO, model_root, _ZERO, 0, artefact)
