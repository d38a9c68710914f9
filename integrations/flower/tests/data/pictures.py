"""Small pictures of the formats that loaders read, with a name planted wherever one can stand."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image, PngImagePlugin

#: Nobody's name: what the tests plant, and then look for.
NAME = "Xanthippe^Quuxington"
PLAIN = "Xanthippe Quuxington"


def pixels(seed: int = 0, height: int = 60, width: int = 80) -> np.ndarray:
    generator = np.random.default_rng(seed)
    coarse = generator.integers(60, 220, (height // 10, width // 10, 3))
    return np.kron(coarse, np.ones((10, 10, 1))).astype(np.uint8)


def jpeg(array: np.ndarray, *, name: str | None = None, orientation: int = 1) -> bytes:
    image = Image.fromarray(array)
    if name is None:
        out = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = orientation
        image.save(out, "JPEG", quality=95, subsampling=0, exif=exif)
        return out.getvalue()
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = exif[0x013B] = exif[0x8298] = name  # description, artist, copyright
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + name.encode("utf-16-le")  # user comment
    exif.get_ifd(0x8769)[0x927C] = name.encode()  # maker note
    exif.get_ifd(0x8825)[0x001B] = name.encode()  # GPS
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif, comment=name.encode(), icc_profile=name.encode())
    body = out.getvalue()
    xmp = f"http://ns.adobe.com/xap/1.0/\0<x><name>{name}</name></x>".encode()
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + name.encode()
    thumbnail = b"JFXX\0\x10" + jpeg(array[:16, :16]) + name.encode()
    segments = (0xE1, xmp), (0xED, iptc), (0xE0, thumbnail), (0xEF, name.encode())
    extra = b"".join(
        bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content
        for marker, content in segments
    )
    return body[:2] + extra + body[2:] + name.encode() + name.encode("utf-16-be")


def png(array: np.ndarray, *, name: str | None = None) -> bytes:
    image, out = Image.fromarray(array), io.BytesIO()
    if name is None:
        image.save(out, "PNG")
        return out.getvalue()
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", name)
    text.add_text("Zipped", name, zip=True)
    text.add_itxt("Title", name)
    text.add(b"prVt", name.encode())
    exif = Image.Exif()
    exif[0x010E] = name
    # Under full transparency: colours that no viewer shows, and a name in them.
    hidden = np.zeros((*array.shape[:2], 4), np.uint8)
    hidden[..., :3], hidden[..., 3] = array, 255
    letters = np.frombuffer(name.encode() * 4, np.uint8)
    hidden[0, : len(letters) // 3, :3] = letters[: len(letters) // 3 * 3].reshape(-1, 3)
    hidden[0, : len(letters) // 3, 3] = 0
    Image.fromarray(hidden).save(
        out, "PNG", pnginfo=text, exif=exif, icc_profile=name.encode(), compress_level=0
    )
    return out.getvalue() + name.encode()


def png_announcing(width: int, height: int) -> bytes:
    """A decompression bomb: few bytes that promise many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def dicom(array: np.ndarray, *, name: str | None = None, **attributes: object) -> bytes:
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = attributes.pop("syntax", ExplicitVRLittleEndian)
    preamble = (name or "").encode()[:128].ljust(128, b"\0")
    data = FileDataset("", {}, file_meta=meta, preamble=preamble)
    colour = array.ndim == 3
    data.Rows, data.Columns = array.shape[:2]
    data.SamplesPerPixel = 3 if colour else 1
    data.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 8 * array.dtype.itemsize
    data.HighBit, data.PixelRepresentation = data.BitsStored - 1, 0
    if colour:
        data.PlanarConfiguration = 0
    data.BurnedInAnnotation = "NO"
    data.PixelData = array.tobytes()
    if name is not None:
        data.PatientName = data.OtherPatientNames = data.ReferringPhysicianName = name
        data.PatientID = data.PatientComments = data.ImageComments = name
        private = data.private_block(0x0011, name, create=True)
        private.add_new(1, "LO", name)
        private.add_new(2, "UN", name.encode("utf-16-le"))
        item = Dataset()
        item.PatientName = name
        data.OriginalAttributesSequence = [item]
    for key, value in attributes.items():
        setattr(data, key, value)
    out = io.BytesIO()
    data.save_as(out, enforce_file_format=True)
    return out.getvalue()
