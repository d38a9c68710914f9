"""Requests as the signer reads them: strict, because anybody may write them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol import outside
from chongwen_flower.protocol.commitment import Commitment
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.signer.text import clean
from chongwen_flower.signer.wire import FORMAT


@dataclass(frozen=True)
class SeatRequest:
    """Asks which seat is ours in a round's federation."""

    opened: OpenRound
    app_dir: Path


@dataclass(frozen=True)
class SignRequest:
    """Asks for a signature over a commitment."""

    opened: OpenRound
    app_dir: Path
    seat: int
    commitment: Commitment
    rho: int


@dataclass(frozen=True)
class NoteRequest:
    """Tells what the server reported back."""

    federation: int
    round: int
    code: str
    message: str
    fix: str


Request: TypeAlias = SeatRequest | SignRequest | NoteRequest


def read_request(value: dict[str, object]) -> Request:
    """Read a request.

    Raises
    ------
    ChongwenError
        ``request-invalid``, and what `OpenRound.from_json` raises.
    """
    op = value.get("op")
    try:
        outside.exactly(value.get("format"), "format", FORMAT)
        match op:
            case "seat":
                return _seat(value)
            case "sign":
                return _sign(value)
            case "note":
                return _note(value)
            case _:
                outside.refuse("op", "expected seat, sign or note; there is no other operation")
    except outside.MalformedError as problem:
        raise ChongwenError(
            "request-invalid",
            f"The request is malformed: {clean(str(problem))}.",
            "Use LedgerMod, or SignerClient in the signer's version.",
        ) from None


def _seat(value: dict[str, object]) -> SeatRequest:
    found = outside.members(value, "", ("format", "op", "app", "openRound"))
    return SeatRequest(OpenRound.from_json(found["openRound"]), _app(found["app"]))


def _sign(value: dict[str, object]) -> SignRequest:
    keys = ("format", "op", "app", "openRound", "seat", "update", "rho")
    found = outside.members(value, "", keys)
    update = outside.members(found["update"], "update", ("root", "normSq", "normTraceRoot"))
    commitment = Commitment(
        update_root=outside.bytes32(update["root"], "update.root"),
        norm_sq=outside.decimal(update["normSq"], "update.normSq", 64),
        norm_trace_root=outside.bytes32(update["normTraceRoot"], "update.normTraceRoot"),
    )
    return SignRequest(
        OpenRound.from_json(found["openRound"]),
        _app(found["app"]),
        outside.uint(found["seat"], "seat", 32),
        commitment,
        outside.decimal(found["rho"], "rho", 48),
    )


def _note(value: dict[str, object]) -> NoteRequest:
    keys = ("format", "op", "federation", "round", "code", "message", "fix")
    found = outside.members(value, "", keys)
    return NoteRequest(
        outside.uint(found["federation"], "federation", 32),
        outside.uint(found["round"], "round", 32),
        clean(outside.text(found["code"], "code", 1, 64)),
        clean(outside.text(found["message"], "message", 0, 2000)),
        clean(outside.text(found["fix"], "fix", 0, 1000)),
    )


def _app(value: object) -> Path:
    found = outside.members(value, "app", ("dir",))
    return Path(outside.text(found["dir"], "app.dir", 1, 4096))
