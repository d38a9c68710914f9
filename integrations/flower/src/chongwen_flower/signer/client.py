"""What an app knows of the site signer: a socket to ask, and never a key.

One request is one line of canonical JSON on a connection of its own, and so is the answer. Asking
again is safe: the signer answers an equal request with the same signature and charges it once, so
a broken connection is simply tried again.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer.answer import (
    SeatGrant,
    SignedContribution,
    read_seat,
    read_signed,
    strange,
)
from chongwen_flower.signer.wire import FORMAT, MAX_LINE, decode_line, encode_line

_PAUSE = 0.2
"""Seconds between two attempts to reach a signer that is being restarted."""


class SignerClient:
    """Asks the site signer.

    Parameters
    ----------
    path
        The signer's Unix socket.
    timeout
        Seconds that one call may take, all attempts together.
    """

    def __init__(self, path: str | Path, *, timeout: float = 30.0) -> None:
        self.path = Path(path)
        self.timeout = timeout

    def seat(self, open_round: Mapping[str, Any], *, app_dir: str | Path) -> SeatGrant:
        """Which seat this site has in the federation of ``open_round``, for this app.

        Parameters
        ----------
        open_round
            The open round, as ``OpenRound.to_json`` gives it.
        app_dir
            Where Flower installed the app; the signer hashes what is there.

        Raises
        ------
        ChongwenError
            What the signer refused, or ``signer-unreachable``, ``signer-timeout``,
            ``signer-answer-invalid``.
        """
        answer = self._ask("seat", app=_app(app_dir), openRound=open_round)
        return read_seat(answer)

    def sign(
        self,
        open_round: Mapping[str, Any],
        *,
        app_dir: str | Path,
        seat: int,
        update_root: bytes,
        norm_sq: int,
        norm_trace_root: bytes,
        rho: int,
    ) -> SignedContribution:
        """Have a commitment signed. Asked again with the same values, it charges nothing more.

        Parameters
        ----------
        open_round
            The open round, as ``OpenRound.to_json`` gives it.
        app_dir
            Where Flower installed the app.
        seat
            From `seat`.
        update_root, norm_sq, norm_trace_root
            The commitment to the update.
        rho
            Nano-rho that the round charges the seat.

        Raises
        ------
        ChongwenError
            As `seat`; for example ``budget-exhausted``, ``app-not-approved``, ``equivocation``.
        """
        update = {
            "normSq": str(norm_sq),
            "normTraceRoot": f"0x{norm_trace_root.hex()}",
            "root": f"0x{update_root.hex()}",
        }
        answer = self._ask(
            "sign",
            app=_app(app_dir),
            openRound=open_round,
            rho=str(rho),
            seat=seat,
            update=update,
        )
        return read_signed(answer, seat)

    def note(
        self, *, federation: int, round_number: int, code: str, message: str, fix: str
    ) -> None:
        """Have the signer write down what the server reported back, for the hospital's operator.

        Parameters
        ----------
        federation, round_number
            What it is about.
        code, message, fix
            Why the server left this site out, and what to do.

        Raises
        ------
        ChongwenError
            As `seat`.
        """
        self._ask(
            "note", federation=federation, round=round_number, code=code, message=message, fix=fix
        )

    def _ask(self, op: str, **fields: object) -> dict[str, Any]:
        line = encode_line({"format": FORMAT, "op": op, **fields})
        if len(line) > MAX_LINE:
            raise ChongwenError(
                "request-too-large",
                f"The request to the site signer has {len(line)} bytes, more than {MAX_LINE}.",
                "Fewer tensors in the model, or fewer seats in the federation.",
            )
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                return self._attempt(line, deadline)
            except ChongwenError as error:
                if not error.retryable or time.monotonic() + _PAUSE >= deadline:
                    raise
                time.sleep(_PAUSE)

    def _attempt(self, line: bytes, deadline: float) -> dict[str, Any]:
        try:
            received = self._send(line, deadline)
        except TimeoutError as cause:
            raise ChongwenError(
                "signer-timeout",
                f"The site signer at {self.path} did not answer in {self.timeout:g} s.",
                "Look at its log: chongwen-signer log.",
                retryable=True,
            ) from cause
        except OSError as cause:
            raise ChongwenError(
                "signer-unreachable",
                f"No site signer answers at {self.path}: {cause.strerror or cause}.",
                "Start it with chongwen-signer serve, and let this user open its socket.",
                # Waiting for a signer that starts is worth it; waiting for a right is not.
                retryable=not isinstance(cause, PermissionError),
            ) from cause
        try:
            answer = decode_line(received)
        except ChongwenError as cause:
            raise strange("sent no line of JSON") from cause
        if answer.get("ok") is True:
            return answer
        code, message, fix = (answer.get(name) for name in ("code", "message", "fix"))
        if not (isinstance(code, str) and isinstance(message, str) and isinstance(fix, str)):
            raise strange("refused without a reason")
        raise ChongwenError(code, message, fix, retryable=answer.get("retryable") is True)

    def _send(self, line: bytes, deadline: float) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_left(deadline))
            connection.connect(str(self.path))
            connection.sendall(line)
            received = bytearray()
            while not received.endswith(b"\n"):
                connection.settimeout(_left(deadline))
                chunk = connection.recv(65536)
                if not chunk:
                    raise ConnectionResetError(None, "the connection was closed without an answer")
                received += chunk
                if len(received) > MAX_LINE:
                    raise strange("sent more than a line may have")
            return bytes(received)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _app(directory: str | Path) -> dict[str, str]:
    return {"dir": str(directory)}
