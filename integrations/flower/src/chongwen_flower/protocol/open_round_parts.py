"""The parts of an open round: its parent and the seats that can take part."""

from __future__ import annotations

from dataclasses import dataclass

from chongwen_flower.protocol import outside
from chongwen_flower.protocol.canonical_json import Json


@dataclass(frozen=True, slots=True)
class ParentRound:
    """The round that this one extends.

    Parameters
    ----------
    round
        Its number; 0 is the genesis.
    report_hash, artefact, model_root
        As its report has them.
    """

    round: int
    report_hash: bytes
    artefact: bytes
    model_root: bytes

    def to_json(self) -> dict[str, Json]:
        """Write it as the format has it."""
        return {
            "round": self.round,
            "reportHash": outside.hex_of(self.report_hash),
            "artefact": outside.hex_of(self.artefact),
            "modelRoot": outside.hex_of(self.model_root),
        }

    @classmethod
    def from_json(cls, value: object, path: str) -> ParentRound:
        """Read it.

        Raises
        ------
        MalformedError
            With the place that is wrong.
        """
        found = outside.members(value, path, ("round", "reportHash", "artefact", "modelRoot"))
        return cls(
            outside.uint(found["round"], f"{path}.round", 32),
            outside.bytes32(found["reportHash"], f"{path}.reportHash"),
            outside.bytes32(found["artefact"], f"{path}.artefact"),
            outside.bytes32(found["modelRoot"], f"{path}.modelRoot"),
        )


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat that can take part now.

    Parameters
    ----------
    seat
        Its number in the federation.
    key
        The account whose signature counts, lower case.
    weight
        What the ledger gives an entry of it.
    rho
        Nano-ρ that this round charges it.
    exempt
        Its data are public: nothing is charged.
    remaining
        Nano-ρ that it has left; 0 where it is exempt, because nothing is ever charged.
    """

    seat: int
    key: str
    weight: int
    rho: int
    exempt: bool
    remaining: int

    def to_json(self) -> dict[str, Json]:
        """Write it as the format has it."""
        return {
            "seat": self.seat,
            "key": self.key,
            "weight": self.weight,
            "rho": str(self.rho),
            "exempt": self.exempt,
            "remaining": str(self.remaining),
        }

    @classmethod
    def from_json(cls, value: object, path: str) -> Seat:
        """Read it.

        Raises
        ------
        MalformedError
            With the place that is wrong.
        """
        keys = ("seat", "key", "weight", "rho", "exempt", "remaining")
        found = outside.members(value, path, keys)
        return cls(
            outside.uint(found["seat"], f"{path}.seat", 32),
            outside.address(found["key"], f"{path}.key"),
            outside.uint(found["weight"], f"{path}.weight", 16),
            outside.decimal(found["rho"], f"{path}.rho", 48),
            outside.boolean(found["exempt"], f"{path}.exempt"),
            outside.decimal(found["remaining"], f"{path}.remaining", 48),
        )
