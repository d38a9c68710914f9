"""Identity of an installed app: a hash over every path and every byte of its directory.

    hash = SHA-256("chongwen-app/1" ‖ for each file, by path:
                   length of the path (8) ‖ path ‖ length of the content (8) ‖ content)

Flower's own hash of a bundle names a zip file: it depends on who compressed it, only its first
eight digits name the folder it is unpacked to, and a folder that exists is taken as it is. So this
looks at what will run. The directory is opened once and walked through descriptors that follow no
link, twice, so that what changes meanwhile is noticed.

Byte code in ``__pycache__`` is left out, because Python writes it there by itself. But Python also
runs what it finds there: what it would run without looking at the source's time is refused.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chongwen_flower.signer.app_files import changed, content, open_root, walk


@dataclass(frozen=True)
class AppFile:
    """One file of an app: its path below the app's directory, its size and its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class AppIdentity:
    """The hash of an app and the files it is made of, by path."""

    hash: str
    files: tuple[AppFile, ...]


class _Hash:
    """Takes files in order of their paths."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256(b"chongwen-app/1")
        self._files: list[AppFile] = []

    def add(self, path: str, size: int, chunks: Iterator[bytes]) -> None:
        name = path.encode()
        self._sum.update(len(name).to_bytes(8) + name + size.to_bytes(8))
        own = hashlib.sha256()
        left = size
        for chunk in chunks:
            left -= len(chunk)
            self._sum.update(chunk)
            own.update(chunk)
        if left != 0:
            raise changed(path)
        self._files.append(AppFile(path, size, own.hexdigest()))

    def identity(self) -> AppIdentity:
        return AppIdentity(f"0x{self._sum.hexdigest()}", tuple(self._files))


def hash_files(files: Mapping[str, bytes]) -> AppIdentity:
    """Hash an app that is in memory, as `hash_directory` would hash it once it is unpacked."""
    result = _Hash()
    for path in sorted(files, key=str.encode):
        result.add(path, len(files[path]), iter([files[path]]))
    return result.identity()


def hash_directory(directory: Path) -> AppIdentity:
    """Hash what lies in a directory now.

    Parameters
    ----------
    directory
        Absolute path of a directory, itself no link.

    Returns
    -------
    AppIdentity
        Equal exactly for equal paths and contents.

    Raises
    ------
    ChongwenError
        ``app-unreadable``, ``app-unusual``, ``app-too-large``, ``app-bytecode``, ``app-changed``
    """
    root = open_root(directory)
    try:
        before = walk(root)
        result = _Hash()
        for entry in before:
            result.add(entry.path, entry.size, content(root, entry))
        if walk(root) != before:
            raise changed(".")
        return result.identity()
    finally:
        os.close(root)
