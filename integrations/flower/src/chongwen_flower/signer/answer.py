"""Answers of the signer as the client reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer.wire import hex_bytes


@dataclass(frozen=True)
class SeatGrant:
    """The seat that this site has in a federation.

    Attributes
    ----------
    seat
        Its number.
    rho
        Nano-rho that the open round charges it; 0 for exempt data.
    """

    seat: int
    rho: int


@dataclass(frozen=True)
class SignedContribution:
    """A signature over ``Contribution``.

    Attributes
    ----------
    seat
        The seat it is for.
    signature
        64 bytes, EIP-2098.
    signer
        Address of the site's key, 0x-hex.
    """

    seat: int
    signature: bytes
    signer: str


def read_seat(answer: Mapping[str, Any]) -> SeatGrant:
    """Read the answer to ``seat``; `ChongwenError` ``signer-answer-invalid``."""
    return SeatGrant(_integer(answer, "seat"), _amount(answer, "rho"))


def read_signed(answer: Mapping[str, Any], seat: int) -> SignedContribution:
    """Read the answer to ``sign`` for a seat; `ChongwenError` ``signer-answer-invalid``."""
    if _integer(answer, "seat") != seat:
        raise strange(f"signed for seat {answer['seat']} instead of {seat}")
    signer = answer.get("signer")
    if not isinstance(signer, str):
        raise strange("named no signer")
    try:
        return SignedContribution(seat, hex_bytes(answer.get("signature"), 64), signer)
    except ValueError as cause:
        raise strange("gave no signature of 64 bytes") from cause


def strange(what: str) -> ChongwenError:
    """Make the error for an answer that no signer of this version gives."""
    return ChongwenError(
        "signer-answer-invalid",
        f"What answers on the signer's socket {what}.",
        "See that chongwen-signer, in the same version, listens there and nothing else.",
    )


def _integer(answer: Mapping[str, Any], name: str) -> int:
    value = answer.get(name)
    if type(value) is not int or value < 0:
        raise strange(f"gave no number as {name}")
    return value


def _amount(answer: Mapping[str, Any], name: str) -> int:
    value = answer.get(name)
    if not (isinstance(value, str) and value.isascii() and value.isdigit()):
        raise strange(f"gave no amount as {name}")
    return int(value)
