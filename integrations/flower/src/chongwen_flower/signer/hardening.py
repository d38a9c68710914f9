"""Keeping a process's memory to itself."""

from __future__ import annotations

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def close_memory() -> None:
    """Forbid core dumps, and other processes of the same user to read this one's memory.

    On Linux a process that is not dumpable can be traced by root alone, and its files under
    ``/proc`` belong to root. Elsewhere only core dumps are turned off.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
