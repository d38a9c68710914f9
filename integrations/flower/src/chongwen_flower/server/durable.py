"""Writing so that a crash leaves the old state or the new one, and nothing between."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path


def reached(point: str) -> None:
    """Mark a point at which a crash must do no harm. Does nothing; tests end the process here."""


def sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and wait until the disk has it. Not atomic: see `replace_file`."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place at once: a reader sees the old content or the new one."""
    part = path.with_name(f".{path.name}.part")
    write_file(part, content)
    reached(f"replace {path.name}")
    part.replace(path)
    sync_folder(path.parent)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a new folder; on return the disk has them all."""
    folder.mkdir(parents=True)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, content)
        reached("file")
    _sync_all(folder)


def copy_folder(source: Path, target: Path, paths: Iterable[str]) -> None:
    """Copy files into a new folder; on return the disk has them all."""
    target.mkdir(parents=True)
    for path in paths:
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with (source / path).open("rb") as old, file.open("wb") as new:
            shutil.copyfileobj(old, new)
            new.flush()
            os.fsync(new.fileno())
    _sync_all(target)


def move_folder(source: Path, target: Path) -> None:
    """Move a folder within one file system, at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        # Left by an earlier run that died between the copies' moves; the newer one says as much.
        shutil.rmtree(source)
    else:
        source.rename(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def _sync_all(folder: Path) -> None:
    for inner in (path for path in folder.rglob("*") if path.is_dir()):
        sync_folder(inner)
    sync_folder(folder)
