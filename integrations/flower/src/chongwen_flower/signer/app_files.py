"""Walking an app's directory through descriptors that follow no link and leave it by no path."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chongwen_flower.errors import ChongwenError

MAX_FILES = 4096
MAX_BYTES = 128 << 20
MAX_DEPTH = 16
_CACHE = "__pycache__"
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Entry:
    """A regular file as it was met, without its content."""

    path: str
    device: int
    inode: int
    size: int
    modified: int
    changed: int


def open_root(directory: Path) -> int:
    """Open an app's directory; the caller closes the descriptor.

    Raises
    ------
    ChongwenError
        ``app-unusual``, ``app-unreadable``
    """
    if not directory.is_absolute() or ".." in directory.parts:
        raise unusual(str(directory), "is no plain absolute path")
    try:
        return os.open(directory, _OPEN | os.O_DIRECTORY)
    except (OSError, ValueError) as cause:
        if os.path.islink(directory):  # noqa: PTH114 - for the message; the refusal was the open's
            raise unusual(str(directory), "is a link") from cause
        raise unreadable(str(directory), cause) from cause


def walk(root: int) -> list[Entry]:
    """List every file below ``root`` by path, refusing what an app has no use for."""
    found: list[Entry] = []
    total = 0
    for entry in _below(root, PurePosixPath(), 0):
        found.append(entry)
        total += entry.size
        if len(found) > MAX_FILES or total > MAX_BYTES:
            raise ChongwenError(
                "app-too-large",
                f"The app has more than {MAX_FILES} files or {MAX_BYTES} bytes.",
                "Keep data and models out of the app's directory.",
            )
    return sorted(found, key=lambda entry: entry.path.encode())


def _below(parent: int, at: PurePosixPath, depth: int) -> Iterator[Entry]:
    if depth > MAX_DEPTH:
        raise unusual(str(at), f"is nested deeper than {MAX_DEPTH} levels")
    with os.scandir(parent) as entries:
        names = [entry.name for entry in entries]
    for name in names:
        path = at / name
        status = _status(parent, name, path)
        if stat.S_ISDIR(status.st_mode):
            child = _open(parent, name, path, os.O_DIRECTORY)
            try:
                if name == _CACHE:
                    _check_cache(child, path)
                else:
                    yield from _below(child, path, depth + 1)
            finally:
                os.close(child)
        elif stat.S_ISREG(status.st_mode):
            yield _entry(str(path), status)
        else:
            kind = "a link" if stat.S_ISLNK(status.st_mode) else "neither file nor directory"
            raise unusual(str(path), f"is {kind}")


def _check_cache(cache: int, at: PurePosixPath) -> None:
    """Refuse byte code that is bound to no time of its source (PEP 552).

    Python compares the usual kind with its source's time and size, which a bundle cannot foresee.
    The others run as they are, or by a hash that whoever made them could compute.
    """
    with os.scandir(cache) as entries:
        names = [entry.name for entry in entries]
    for name in names:
        path = at / name
        # Python writes under a temporary name first, `x.cpython-311.pyc.140…`, and never runs that.
        if not name.endswith(".pyc"):
            continue
        if not stat.S_ISREG(_status(cache, name, path).st_mode):
            raise unusual(str(path), "is no plain file")
        file = _open(cache, name, path, 0)
        try:
            header = os.read(file, 8)
        finally:
            os.close(file)
        if header[4:] != bytes(4):
            raise ChongwenError(
                "app-bytecode",
                f"{_show(str(path))} is byte code that Python runs whatever the source says.",
                "Remove the app's __pycache__ directories, and ask who put it there.",
            )


def content(root: int, entry: Entry) -> Iterator[bytes]:
    """Read a file through descriptors, and stop when it is not the one that was listed."""
    *folders, name = PurePosixPath(entry.path).parts
    at = os.dup(root)
    try:
        for folder in folders:
            deeper = _open(at, folder, PurePosixPath(entry.path), os.O_DIRECTORY)
            os.close(at)
            at = deeper
        file = _open(at, name, PurePosixPath(entry.path), 0)
    finally:
        os.close(at)
    with os.fdopen(file, "rb", buffering=0) as stream:
        if _entry(entry.path, os.fstat(stream.fileno())) != entry:
            raise changed(entry.path)
        left = entry.size
        while left and (chunk := stream.read(min(left, 1 << 20))):
            left -= len(chunk)
            yield chunk


def _status(parent: int, name: str, path: PurePosixPath) -> os.stat_result:
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except OSError as cause:
        raise changed(str(path)) from cause


def _open(parent: int, name: str, path: PurePosixPath, flags: int) -> int:
    try:
        return os.open(name, _OPEN | flags, dir_fd=parent)
    except PermissionError as cause:
        raise unreadable(str(path), cause) from cause
    except OSError as cause:
        raise changed(str(path)) from cause


def _entry(path: str, status: os.stat_result) -> Entry:
    try:
        path.encode()
    except UnicodeEncodeError as cause:
        raise unusual(path, "has a name that is not UTF-8") from cause
    return Entry(
        path,
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _show(path: str) -> str:
    return path.encode("ascii", "backslashreplace").decode()[:200]


def changed(path: str) -> ChongwenError:
    """Make the error for a file that is not what it was a moment ago."""
    return ChongwenError(
        "app-changed",
        f"The app changed while it was hashed, at {_show(path)}.",
        "Ask again when nobody installs or edits it.",
        retryable=True,
    )


def unusual(path: str, what: str) -> ChongwenError:
    """Make the error for what an app has no use for."""
    return ChongwenError(
        "app-unusual",
        f"{_show(path)} {what}; an app has plain files in plain directories.",
        "Name the directory where Flower installed the app.",
    )


def unreadable(path: str, cause: Exception) -> ChongwenError:
    """Make the error for what the signer's user may not read."""
    why = cause.strerror if isinstance(cause, OSError) else str(cause)
    return ChongwenError(
        "app-unreadable",
        f"The signer cannot read {_show(path)}: {why}.",
        "Let the signer's user read the directory where Flower installs apps.",
    )
