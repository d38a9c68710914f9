"""Files and directories that only one user may touch, checked before they are believed."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from chongwen_flower.errors import ChongwenError


def read_private(path: Path, what: str, max_bytes: int) -> bytes:
    """Read a file that nobody but its owner, us or root, can read or write.

    Raises
    ------
    ChongwenError
        ``file-missing``, ``file-exposed``, ``file-unusable``
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as cause:
        raise ChongwenError(
            "file-missing", f"There is no {what} at {path}.", "Check the path."
        ) from cause
    except OSError as cause:
        raise _unusable(path, what, cause.strerror or str(cause)) from cause
    with os.fdopen(file, "rb") as stream:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise _unusable(path, what, "is no plain file")
        if status.st_uid not in (os.geteuid(), 0) or status.st_mode & _others(status):
            raise ChongwenError(
                "file-exposed",
                f"Other users can reach the {what} {path} (mode {stat.S_IMODE(status.st_mode):o}).",
                f"chmod 600 {path}, and own it. If others may have read a key, replace it.",
            )
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise _unusable(path, what, f"has more than {max_bytes} bytes")
    return content


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step, on disk before this returns, for nobody else to read."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # Mode 0600.
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make sure that a name in a directory survives a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def require_home(home: Path) -> None:
    """Require the signer's own directory: ours, and closed to everybody else.

    Raises
    ------
    ChongwenError
        ``home-missing``, ``wrong-user``, ``home-exposed``
    """
    try:
        status = home.stat()
    except OSError as cause:
        raise ChongwenError(
            "home-missing",
            f"There is no signer's directory {home}.",
            "Name it with --home, or make it with: chongwen-signer new-key.",
        ) from cause
    if status.st_uid != os.geteuid():
        raise ChongwenError(
            "wrong-user",
            f"{home} belongs to user {status.st_uid}; this is user {os.geteuid()}.",
            "Run the command as the signer's user: sudo -u chongwen-signer chongwen-signer …",
        )
    if status.st_mode & 0o077:
        raise ChongwenError(
            "home-exposed",
            f"Other users can reach {home} (mode {stat.S_IMODE(status.st_mode):o}).",
            f"chmod 700 {home}",
        )


def require_socket_directory(directory: Path) -> None:
    """Require that nobody else can put another socket in the place of ours.

    Raises
    ------
    ChongwenError
        ``socket-exposed``
    """
    for at in (directory, *directory.parents):
        try:
            status = at.stat()
        except OSError as cause:
            raise ChongwenError(
                "socket-exposed",
                f"The socket's directory {at} cannot be looked at: {cause.strerror}.",
                "Name a directory that exists, with --socket.",
            ) from cause
        # In a sticky directory, as /tmp, others can add names, but not move ours.
        open_to_others = status.st_mode & 0o022 and (at == directory or not _sticky(status))
        if status.st_uid not in (os.geteuid(), 0) or open_to_others:
            raise ChongwenError(
                "socket-exposed",
                f"Other users can write to {at}, so they could listen in the signer's place.",
                "Give the socket a directory that only the signer's user can write, mode 0750.",
            )


def _others(status: os.stat_result) -> int:
    """Give the permission bits that stand for other people.

    A credential that systemd hands over belongs to root and is opened to our user by an access
    list, which shows as root's group being able to read.
    """
    return 0o037 if status.st_uid == status.st_gid == 0 else 0o077


def _sticky(status: os.stat_result) -> bool:
    return bool(status.st_mode & stat.S_ISVTX)


def _unusable(path: Path, what: str, why: str) -> ChongwenError:
    return ChongwenError(
        "file-unusable", f"The {what} {path} cannot be used: {why}.", "Check the path."
    )
