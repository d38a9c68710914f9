"""Reading a site's files: bounded, inside their folder, and never named in an error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from chongwen_flower.data.limits import MAX_RECORDS
from chongwen_flower.data.refuse import refuse


def read_bytes(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes.

    Raises
    ------
    ChongwenError
        ``data-unreadable``, ``data-too-large``
    """
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        # Its text would hold the path, and with it perhaps a name.
        reason = os.strerror(error.errno) if error.errno else "unknown reason"
        raise refuse(
            "data-unreadable",
            f"A file of the data cannot be read ({reason}).",
            "Check that it is there and that this account may read it.",
        ) from None
    if len(content) > limit:
        raise refuse(
            "data-too-large",
            f"A file of the data has more than {limit} bytes.",
            "Leave it out, or make it smaller.",
        )
    return content


def files_below(folder: Path, endings: frozenset[str]) -> Iterator[Path]:
    """Find files with one of the endings at any depth; links that lead outside are left out.

    Raises
    ------
    ChongwenError
        ``data-unreadable``, ``data-too-large``
    """
    if not folder.is_dir():
        raise refuse("data-unreadable", "The data folder is not there.", "Check `data-dir`.")
    root = folder.resolve()
    seen = 0
    for directory, folders, names in os.walk(root, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(directory, name)
            if path.suffix.lower() not in endings or root not in path.resolve().parents:
                continue
            seen += 1
            if seen > MAX_RECORDS:
                raise refuse(
                    "data-too-large",
                    f"The data folder holds more than {MAX_RECORDS} files.",
                    "Give a sample.",
                )
            yield path


def repository() -> Path | None:
    """Find the checkout that this package runs from; None when installed from a wheel."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "data" / "dermatology.schema.json").is_file():
            return folder
    return None
