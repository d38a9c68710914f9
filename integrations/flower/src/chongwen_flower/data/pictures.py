"""A picture's pixels, and nothing else of its file.

Only decoded pixels are returned. EXIF, XMP, profiles, comments, texts, thumbnails, palettes, what
hides under full transparency, and whatever follows the end of the picture stay behind. What is
written *in* the pixels stays: a person has to look. The same promise as the custodian's server
makes (`docs/annotation.md`, Pictures without metadata).
"""

from __future__ import annotations

import io
from importlib import import_module

import numpy as np
import numpy.typing as npt

from chongwen_flower.data.hush import hush
from chongwen_flower.data.limits import MAX_FILE, MAX_PIXELS, MAX_SIDE
from chongwen_flower.data.refuse import file_mark, missing_library, refuse
from chongwen_flower.errors import ChongwenError

Pixels = npt.NDArray[np.uint8]

#: Scans of a progressive JPEG: each costs a pass over all pixels.
_MAX_SCANS = 100
_PLUGINS = ("Jpeg", "Mpo", "Png", "Tiff")


def read_picture(content: bytes) -> Pixels:
    """Read the pixels of a JPEG, PNG or DICOM file: uint8 [height, width, 3], upright.

    Raises
    ------
    ChongwenError
        ``image-refused``, ``data-library``
    """
    if len(content) > MAX_FILE:
        raise refused(content, f"it has more than {MAX_FILE // 1_000_000} MB")
    if content[128:132] == b"DICM":
        from chongwen_flower.data.dicom import read_dicom

        return read_dicom(content)
    if not content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        raise refused(content, "it is no JPEG, PNG or DICOM file")
    return _decode(content)


def refused(content: bytes, why: str) -> ChongwenError:
    """Refuse one file, which is named by its hash alone."""
    return refuse(
        "image-refused",
        f"A picture is refused, {file_mark(content)}: {why}.",
        "Look at it (`sha256sum` finds it), save it anew as JPEG or PNG, or leave it out.",
    )


def require_size(content: bytes, width: int, height: int) -> None:
    """Refuse a picture by its announced size, before memory is spent on it."""
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise refused(content, f"{width} × {height} pixels are not taken")


def _decode(content: bytes) -> Pixels:
    try:
        from PIL import Image, ImageOps

        for name in _PLUGINS:  # a plugin's logger has to exist to be silenced
            import_module(f"PIL.{name}ImagePlugin")
    except ImportError:
        raise missing_library("pillow") from None
    if content.startswith(b"\xff\xd8") and content.count(b"\xff\xda") > _MAX_SCANS:
        raise refused(content, f"it has more than {_MAX_SCANS} scans")
    try:
        with hush(), Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            require_size(content, *image.size)
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _opaque(upright)
    except ChongwenError:
        raise
    except Exception:
        # Whatever a decoder stumbles over is the file's fault; its message may quote the file.
        raise refused(content, "its pixels cannot be read") from None


def _opaque(image: object) -> Pixels:
    """Red, green, blue on white ground: colours under full transparency are no part of it."""
    from PIL import Image

    if not isinstance(image, Image.Image):  # pragma: no cover - exif_transpose says Optional
        raise TypeError
    if image.mode.startswith("I"):
        grey = (np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    return np.array(image.convert("RGB"), dtype=np.uint8)


def shrink(pixels: Pixels, side: int) -> Pixels:
    """Make a square thumbnail by integer means over boxes: the same bits on every machine.

    As in MedMNIST, the whole picture is taken and its proportions are given up.
    """
    height, width = pixels.shape[:2]
    if height == side and width == side:
        return pixels
    rows, columns = (np.arange(side) * size // side for size in (height, width))
    if height < side or width < side:
        return np.ascontiguousarray(pixels[rows][:, columns])
    sums = np.add.reduceat(pixels.astype(np.int64), rows, axis=0)
    sums = np.add.reduceat(sums, columns, axis=1)
    heights, widths = np.diff(rows, append=height), np.diff(columns, append=width)
    counts = (heights[:, None] * widths[None, :])[:, :, None]
    means: Pixels = ((2 * sums + counts) // (2 * counts)).astype(np.uint8)
    return means
