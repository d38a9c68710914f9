"""Refusals of data: they say where the trouble is, and never repeat what stands there.

Errors travel: into logs, and with a refused update to the aggregator. So no message of these
modules holds a cell, a file name or a path; a file is named by the start of its SHA-256.
"""

from __future__ import annotations

import hashlib

from chongwen_flower.errors import ChongwenError


def refuse(code: str, message: str, fix: str) -> ChongwenError:
    """Make an error of the data; trying again never helps."""
    return ChongwenError(code, message, fix)


def file_mark(content: bytes) -> str:
    """Name for a file that tells nothing: what `sha256sum` prints first."""
    return f"the file with SHA-256 {hashlib.sha256(content).hexdigest()[:12]}…"


def missing_library(name: str) -> ChongwenError:
    """Say what a loader says whose library is not installed."""
    return refuse(
        "data-library",
        f"The library {name} is not installed.",
        'Install it: pip install "chongwen-flower[data]".',
    )
