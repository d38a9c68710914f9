"""Silence for libraries that quote the files they read.

Pillow logs every EXIF value at level DEBUG, and pydicom warns of a patient's name by repeating it.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_TALKATIVE = ("PIL", "pydicom", "datasets", "fsspec")


@contextmanager
def hush() -> Iterator[None]:
    """Drop what these libraries warn of; their log lines stay off for the rest of the process.

    For good, and anew each time: to restore a logger would let another thread's file speak, and a
    logging configuration that is loaded later may have turned it on again.
    """
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in _TALKATIVE:
            logging.getLogger(name).disabled = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
