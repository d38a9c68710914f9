"""The open round: what an aggregator and a site need to know of the round that is open.

``chongwen-open-round``, canonical JSON, the same over HTTP, as a file and inside messages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from chongwen_flower.protocol import outside
from chongwen_flower.protocol.canonical_json import Json, decode, encode
from chongwen_flower.protocol.columns import MAX_ENTRIES
from chongwen_flower.protocol.commitment import Commitment
from chongwen_flower.protocol.eip712 import Domain
from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.model_spec import ModelSpec
from chongwen_flower.protocol.open_round_parts import ParentRound, Seat
from chongwen_flower.protocol.structs import Contribution, FederationConfig

__all__ = ["FORMAT", "OpenRound", "ParentRound", "Seat"]

FORMAT: Final = "chongwen-open-round"
MAX_BYTES: Final = 16 * 2**20
_KEYS = (
    *("format", "version", "chainId", "ledger", "federation", "round", "attempt", "parent"),
    *("config", "configHash", "modelSpec", "seats"),
)


@dataclass(frozen=True)
class OpenRound:
    """A round that takes contributions. Made by `from_json`, or by a rehearsal's own ledger.

    Parameters
    ----------
    chain_id, ledger
        Chain, 0 in a rehearsal, and address of ``Rounds``.
    federation, round, attempt
        Which round, and which attempt of it.
    parent
        What it extends.
    config, model_spec
        What it is held to; `config_hash` follows.
    seats
        Those that can take part, ascending.

    Raises
    ------
    ChongwenError
        ``open-round-invalid`` when its parts contradict each other.
    """

    chain_id: int
    ledger: str
    federation: int
    round: int
    attempt: int
    parent: ParentRound
    config: FederationConfig
    model_spec: ModelSpec
    seats: tuple[Seat, ...]
    config_hash: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "config_hash", self.config.hash())
        problem = _contradiction(self)
        if problem is not None:
            raise protocol_error(
                "open-round-invalid", f"The open round contradicts itself: {problem}."
            )

    @property
    def domain(self) -> Domain:
        """Where contributions to it are signed for."""
        return Domain(self.chain_id, self.ledger)

    def seat(self, number: int) -> Seat | None:
        """Give a seat by its number, None when it cannot take part."""
        return next((seat for seat in self.seats if seat.seat == number), None)

    def contribution(self, seat: int, commitment: Commitment, rho: int) -> Contribution:
        """Give the statement that a seat signs."""
        return Contribution(
            federation=self.federation,
            round=self.round,
            parent_report_hash=self.parent.report_hash,
            seat=seat,
            update_root=commitment.update_root,
            rho=rho,
            norm_sq=commitment.norm_sq,
            norm_trace_root=commitment.norm_trace_root,
            config_hash=self.config_hash,
        )

    def to_json(self) -> dict[str, Json]:
        """Write it as the format has it."""
        return {
            "format": FORMAT,
            "version": 1,
            "chainId": self.chain_id,
            "ledger": self.ledger,
            "federation": self.federation,
            "round": self.round,
            "attempt": self.attempt,
            "parent": self.parent.to_json(),
            "config": self.config.to_json(),
            "configHash": outside.hex_of(self.config_hash),
            "modelSpec": self.model_spec.to_json(),
            "seats": [seat.to_json() for seat in self.seats],
        }

    def encode(self) -> bytes:
        """Give its canonical JSON."""
        return encode(self.to_json())

    @classmethod
    def decode(cls, data: bytes) -> OpenRound:
        """Read canonical JSON that came from outside.

        Raises
        ------
        ChongwenError
            ``json-invalid``, and what `from_json` raises.
        """
        return cls.from_json(decode(data, "The open round", MAX_BYTES))

    @classmethod
    def from_json(cls, value: object) -> OpenRound:
        """Read what came from outside.

        Raises
        ------
        ChongwenError
            ``open-round-invalid``, ``version-unknown``, ``spec-invalid``
        """
        try:
            return cls._read(value)
        except outside.MalformedError as problem:
            message = f"The open round is malformed: {problem}."
            raise protocol_error("open-round-invalid", message) from None

    @classmethod
    def _read(cls, value: object) -> OpenRound:
        if isinstance(value, dict) and value.get("format") == FORMAT:
            version = outside.integer(value.get("version"), "version", -(2**53), 2**53)
            if version != 1:
                message = f"The open round has version {version}; this software knows version 1."
                raise protocol_error("version-unknown", message)
        found = outside.members(value, "", _KEYS)
        outside.exactly(found["format"], "format", FORMAT)
        seats = outside.items(found["seats"], "seats", 0, MAX_ENTRIES)
        opened = cls(
            chain_id=outside.uint(found["chainId"], "chainId", 48),
            ledger=outside.address(found["ledger"], "ledger"),
            federation=outside.uint(found["federation"], "federation", 32),
            round=outside.uint(found["round"], "round", 32),
            attempt=outside.uint(found["attempt"], "attempt", 8),
            parent=ParentRound.from_json(found["parent"], "parent"),
            config=FederationConfig.from_json(found["config"], "config"),
            model_spec=ModelSpec.read(found["modelSpec"], "modelSpec"),
            seats=tuple(Seat.from_json(seat, f"seats.{i}") for i, seat in enumerate(seats)),
        )
        if outside.bytes32(found["configHash"], "configHash") != opened.config_hash:
            outside.refuse("configHash", "is not that of the configuration")
        return opened


def _contradiction(opened: OpenRound) -> str | None:
    """Say what no ledger would state of one round; None when everything fits."""
    config, spec, seats = opened.config, opened.model_spec, opened.seats
    if config.model_spec_root != spec.root():
        return "its model specification is not that of its configuration"
    if config.depth != spec.depth:
        return f"its configuration has depth {config.depth}, its model specification {spec.depth}"
    if opened.parent.round >= opened.round:
        return f"round {opened.round} extends round {opened.parent.round}"
    if any(left.seat >= right.seat for left, right in pairwise(seats)):
        return "its seats do not strictly ascend"
    for seat in seats:
        charged = 0 if seat.exempt else config.rho_per_round
        if seat.rho != charged:
            return f"seat {seat.seat} is charged {seat.rho} nano-ρ instead of {charged}"
        if seat.weight == 0:
            return f"seat {seat.seat} has no weight"
        if seat.exempt and seat.remaining:
            return f"seat {seat.seat} is exempt and has a budget"
    return None
