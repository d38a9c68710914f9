"""One line in, one line out: reading, deciding, and writing down every refusal."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer.decide import Decider
from chongwen_flower.signer.journal import Event, Journal
from chongwen_flower.signer.request import NoteRequest, Request, SignRequest, read_request
from chongwen_flower.signer.text import clean
from chongwen_flower.signer.wire import decode_line, encode_line


class Handler:
    """Answers lines, from any thread.

    Parameters
    ----------
    decider
        Decides.
    journal
        Where refusals are written for the operator.
    """

    def __init__(self, decider: Decider, journal: Journal) -> None:
        self._decider = decider
        self._journal = journal

    def handle(self, line: bytes) -> bytes:
        """Answer a line; whatever it is, there is an answer."""
        request: Request | None = None
        try:
            request = read_request(decode_line(line))
            return encode_line(self._decider.answer(request))
        except ChongwenError as error:
            return self.refuse(error, request)
        except Exception:  # A fault of ours must not end the process, nor tell its caller anything.
            traceback.print_exc(file=sys.stderr)
            return self.refuse(
                ChongwenError(
                    "signer-failed",
                    "The signer met a fault of its own.",
                    "Its standard error says more; report it.",
                ),
                request,
            )

    def refuse(self, error: ChongwenError, request: Request | None = None) -> bytes:
        """Write a refusal down, and give the line that says it."""
        message = clean(error.message)
        detail = clean(getattr(error, "detail", ""))
        told = f"{message} {detail}" if detail else message
        try:
            self._journal.tell(Event("refused", error.code, told, error.fix, *_about(request)))
        except ChongwenError as failure:
            print(f"{failure.message} {failure.fix}", file=sys.stderr, flush=True)
        answer: dict[str, Any] = {
            "ok": False,
            "code": error.code,
            "message": message,
            "fix": error.fix,
            "retryable": error.retryable,
        }
        return encode_line(answer)


def _about(request: Request | None) -> tuple[int | None, int | None, int | None]:
    """Give federation, round and seat, as far as the request said them."""
    if request is None:
        return None, None, None
    if isinstance(request, NoteRequest):
        return request.federation, request.round, None
    seat = request.seat if isinstance(request, SignRequest) else None
    return request.opened.federation, request.opened.round, seat
