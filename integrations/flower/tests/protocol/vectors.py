"""The files that hold the languages together, found by walking up to the repository's root."""

import json
from pathlib import Path

import numpy as np


def repository():
    here = Path(__file__).resolve()
    return next(folder for folder in here.parents if (folder / "protocol" / "vectors").is_dir())


def vectors(name):
    return json.loads((repository() / "protocol" / "vectors" / name).read_text(encoding="utf-8"))


def raw(text):
    """0x-hex as bytes."""
    return bytes.fromhex(text.removeprefix("0x"))


def lanes16(text):
    return np.frombuffer(raw(text), "<i2")


def lanes32(text):
    return np.frombuffer(raw(text), "<i4")
