"""Errors that say what happened, what to do, and whether a retry helps."""

from __future__ import annotations


class ChongwenError(Exception):
    """Something that a user or operator can act upon.

    The same form as the TypeScript library's, so that `docs/errors.md` explains both.

    Parameters
    ----------
    code
        Stable name, listed in ``docs/errors.md``.
    message
        What happened, with values.
    fix
        What to do about it.
    retryable
        Whether the same call can succeed later.
    """

    def __init__(self, code: str, message: str, fix: str, *, retryable: bool = False) -> None:
        super().__init__(f"{message} {fix}")
        self.code = code
        self.message = message
        self.fix = fix
        self.retryable = retryable
