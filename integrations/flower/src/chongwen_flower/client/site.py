"""Who signs for this site: its signer, or in a rehearsal a throw-away key.

Never a key of the site's in here: the app, this mod with it, is what the signer protects the key
from.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.commitment import Commitment
from chongwen_flower.protocol.eip712 import sign_compact
from chongwen_flower.protocol.open_round import OpenRound, Seat
from chongwen_flower.protocol.signature import address_of
from chongwen_flower.signer.client import SignerClient

NODE_KEY = "chongwen-signer"
VARIABLE = "CHONGWEN_SIGNER"
T = TypeVar("T")

SILENT = {"request-too-large", "signer-answer-invalid", "signer-timeout", "signer-unreachable"}
"""What the client of the signer raises by itself: no signer knows of it."""


class SignerRefusedError(ChongwenError):
    """A refusal by the signer itself, which has written it into its own journal already."""


class Site(Protocol):
    """What the mod asks of whoever signs."""

    def seat(self, open_round: OpenRound) -> int:
        """Which seat this site has in the open round's federation."""

    def sign(self, open_round: OpenRound, seat: Seat, commitment: Commitment) -> bytes:
        """Sign the commitment: 64 bytes."""

    def note(self, federation: int, round_number: int, problem: ChongwenError) -> None:
        """Write down for the hospital's operator why this site was left out."""


@dataclass(frozen=True)
class SignerSite:
    """A site with a signer of its own; what it refuses, it journals itself."""

    client: SignerClient
    app_dir: Path

    def seat(self, open_round: OpenRound) -> int:
        """Ask the signer, who looks into its policy and never into the request."""
        asked = open_round.to_json()
        return _ask(lambda: self.client.seat(asked, app_dir=self.app_dir)).seat

    def sign(self, open_round: OpenRound, seat: Seat, commitment: Commitment) -> bytes:
        """Ask the signer for a signature at the price that the round charges the seat."""
        return _ask(
            lambda: self.client.sign(
                open_round.to_json(),
                app_dir=self.app_dir,
                seat=seat.seat,
                update_root=commitment.update_root,
                norm_sq=commitment.norm_sq,
                norm_trace_root=commitment.norm_trace_root,
                rho=seat.rho,
            )
        ).signature

    def note(self, federation: int, round_number: int, problem: ChongwenError) -> None:
        """Have it journalled."""
        self.client.note(
            federation=federation,
            round_number=round_number,
            code=problem.code,
            message=problem.message,
            fix=problem.fix,
        )


@dataclass(frozen=True)
class RehearsalSite:
    """A made-up site of a rehearsal: chain 0, a key that the server made and throws away."""

    key: bytes

    def seat(self, open_round: OpenRound) -> int:
        """Find the seat that has this key."""
        own = address_of(self.key)
        for seat in open_round.seats:
            if seat.key == own:
                return seat.seat
        raise ChongwenError(
            "seat-unknown",
            "The rehearsal gave this node a key that none of its seats has.",
            "Start the rehearsal again, with as many seats as nodes.",
        )

    def sign(self, open_round: OpenRound, seat: Seat, commitment: Commitment) -> bytes:
        """Sign for chain 0, which is none: such a signature counts nowhere else."""
        if open_round.chain_id != 0:
            raise AssertionError("a rehearsal's key signs for chain 0 alone")
        statement = open_round.contribution(seat.seat, commitment, seat.rho)
        return sign_compact(self.key, statement.digest(open_round.domain))

    def note(self, federation: int, round_number: int, problem: ChongwenError) -> None:
        """Nobody to tell: the log has it."""


def signer_address(given: str | None, node_config: Mapping[str, Any]) -> str:
    """Find the signer's socket: the node's configuration, the environment, the app.

    Raises
    ------
    ChongwenError
        ``signer-unknown``.
    """
    for address in (node_config.get(NODE_KEY), os.environ.get(VARIABLE), given):
        if isinstance(address, str) and address:
            return address
    raise ChongwenError(
        "signer-unknown",
        "This node does not know its site signer.",
        f"Start the SuperNode with --node-config '{NODE_KEY}=\"/path/to/signer.sock\"', "
        f"or set {VARIABLE}.",
    )


def _ask(question: Callable[[], T]) -> T:
    try:
        return question()
    except ChongwenError as problem:
        if problem.code in SILENT:
            raise
        code, message, fix = problem.code, problem.message, problem.fix
        raise SignerRefusedError(code, message, fix, retryable=problem.retryable) from problem


def app_directory() -> Path:
    """Find the app that is running: Flower puts its directory into ``sys.path`` and loads it.

    What the signer makes of it is the signer's business: it hashes what is there.
    """
    for entry in sys.path:
        manifest = Path(entry or ".") / "pyproject.toml"
        try:
            project = tomllib.loads(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if "flwr" in project.get("tool", {}):
            return manifest.parent.resolve()
    return Path.cwd()
