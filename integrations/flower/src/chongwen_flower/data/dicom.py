"""The pixels of a DICOM file, if it says that no name is drawn into them.

Only the attributes that say how pixels are stored are read. Everything else, private groups
included, is never looked at and goes nowhere. Source: DICOM PS3.3 C.7.6.3 (Image Pixel),
PS3.15 Annex E (confidentiality profiles: burned-in annotation, graphics).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from chongwen_flower.data.hush import hush
from chongwen_flower.data.pictures import Pixels, read_picture, refused, require_size
from chongwen_flower.data.refuse import missing_library
from chongwen_flower.errors import ChongwenError

if TYPE_CHECKING:
    from pydicom import Dataset

#: Implicit and explicit little endian; JPEG baseline. Deflated and run-length coded files can
#: unpack to many times their size before anything can be checked.
_PLAIN = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")
_JPEG = "1.2.840.10008.1.2.4.50"
_OVERLAYS = range(0x6000, 0x6100)


def read_dicom(content: bytes) -> Pixels:
    """Read the pixels of a single-frame DICOM picture: uint8 [height, width, 3].

    Raises
    ------
    ChongwenError
        ``image-refused``: names may be drawn into it, or it is of a kind that is not read here.
    """
    try:
        import pydicom.pixels  # noqa: F401 - its loggers have to exist to be silenced

        with hush():
            return _read(content)
    except ChongwenError:
        raise
    except ImportError:
        raise missing_library("pydicom") from None
    except Exception:
        # pydicom's messages quote values, and a value can be a patient's name.
        raise refused(content, "its DICOM structure cannot be read") from None


def _read(content: bytes) -> Pixels:
    from pydicom import dcmread
    from pydicom.filereader import _read_file_meta_info, read_preamble

    opened = io.BytesIO(content)
    read_preamble(opened, force=False)
    syntax = str(_read_file_meta_info(opened).get("TransferSyntaxUID", ""))
    # Before the rest is read: a deflated file would be unpacked whole.
    if syntax not in (*_PLAIN, _JPEG):
        raise refused(content, "its transfer syntax is not taken; export it uncompressed")
    opened.seek(0)
    dataset = dcmread(opened, force=False)
    _require_nothing_drawn(content, dataset)
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    require_size(content, columns, rows)
    if int(dataset.get("NumberOfFrames", 1) or 1) != 1:
        raise refused(content, "it has several frames")
    if syntax == _JPEG:
        return _encapsulated(content, dataset, rows, columns)
    return _plain(content, dataset, rows, columns)


def _require_nothing_drawn(content: bytes, dataset: Dataset) -> None:
    """Fail closed: silence about burned-in text is not a statement that there is none."""
    if str(dataset.get("BurnedInAnnotation", "")).strip().upper() != "NO":
        raise refused(content, "it does not state that no text is burned in (0028,0301 = NO)")
    if str(dataset.get("RecognizableVisualFeatures", "NO")).strip().upper() != "NO":
        raise refused(content, "it states that the person can be recognised (0028,0302)")
    if any(tag.group in _OVERLAYS for tag in dataset.keys()):  # noqa: SIM118 - keys are tags
        raise refused(content, "it has overlays, which often hold the name")


def _encapsulated(content: bytes, dataset: Dataset, rows: int, columns: int) -> Pixels:
    from pydicom.encaps import generate_frames

    if str(dataset.PhotometricInterpretation) not in ("YBR_FULL", "YBR_FULL_422", "MONOCHROME2"):
        raise refused(content, "its colours are stored in a way that is not read here")
    frame = next(iter(generate_frames(dataset.PixelData, number_of_frames=1)))
    if frame[:3] != b"\xff\xd8\xff":
        raise refused(content, "its frame is no JPEG")
    pixels = read_picture(frame)
    if pixels.shape[:2] != (rows, columns):
        raise refused(content, "its frame has another size than it says")
    return pixels


def _plain(content: bytes, dataset: Dataset, rows: int, columns: int) -> Pixels:
    samples, bits = int(dataset.SamplesPerPixel), int(dataset.BitsAllocated)
    stored, kind = int(dataset.BitsStored), str(dataset.PhotometricInterpretation)
    colour = samples == 3 and kind == "RGB" and bits == stored == 8
    grey = samples == 1 and kind in ("MONOCHROME1", "MONOCHROME2") and bits in (8, 16)
    if not (colour or grey) or not 8 <= stored <= bits or int(dataset.PixelRepresentation) != 0:
        raise refused(content, "its pixels are stored in a way that is not read here")
    data, size = dataset.PixelData, rows * columns * samples * bits // 8
    if len(data) not in (size, size + size % 2):
        raise refused(content, "it has more or fewer pixels than it says")
    lanes = np.frombuffer(data[:size], "u1" if bits == 8 else "<u2").astype(np.uint16)
    if colour:
        planar = int(dataset.get("PlanarConfiguration", 0) or 0) == 1
        shape = (3, rows, columns) if planar else (rows, columns, 3)
        shaped = lanes.reshape(shape)
        return np.array(shaped.transpose(1, 2, 0) if planar else shaped, np.uint8)
    # The highest eight of the bits that are stored. Those above were once used for overlays: gone.
    values = (lanes >> (stored - 8)).astype(np.uint8)
    if kind == "MONOCHROME1":
        values = 255 - values
    return np.repeat(values.reshape(rows, columns, 1), 3, axis=2)
