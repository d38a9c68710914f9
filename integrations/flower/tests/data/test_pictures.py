"""Pixels come out of good files unchanged, and bad files are refused."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from chongwen_flower.data.limits import MAX_FILE
from chongwen_flower.data.pictures import read_picture, shrink
from chongwen_flower.errors import ChongwenError
from data.pictures import dicom, jpeg, pixels, png, png_announcing


def refused(content: bytes) -> ChongwenError:
    with pytest.raises(ChongwenError) as caught:
        read_picture(content)
    assert caught.value.code == "image-refused"
    assert not caught.value.retryable
    assert caught.value.__cause__ is None
    return caught.value


def outcome(content: bytes) -> str:
    try:
        return "read" if read_picture(content).shape[2] == 3 else "wrong"
    except ChongwenError as error:
        return error.code


def test_read_pixels_unchanged():
    array = pixels()
    assert np.array_equal(read_picture(png(array)), array)
    assert np.array_equal(read_picture(dicom(array)), array)
    assert np.abs(read_picture(jpeg(array)).astype(int) - array).mean() < 4


def test_read_turned_picture_upright():
    array = pixels()
    assert read_picture(jpeg(array, orientation=6)).shape == (80, 60, 3)


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA", "RGBA", "I;16"])
def test_read_other_modes_as_colour(mode):
    image = Image.fromarray(pixels())
    image = (
        Image.fromarray(pixels()[..., 0].astype(np.uint16) << 8)
        if mode == "I;16"
        else image.convert(mode)
    )
    out = io.BytesIO()
    image.save(out, "JPEG" if mode == "CMYK" else "PNG")
    read = read_picture(out.getvalue())
    assert read.shape == (60, 80, 3)
    assert read.dtype == np.uint8
    assert read.max() > 60


def test_attack_colours_under_transparency_do_not_come_out():
    array = np.full((20, 20, 4), 77, np.uint8)
    array[..., 3] = 0
    assert (read_picture(png(array)) == 255).all()


@pytest.mark.parametrize("size", [(30_001, 10), (10, 30_001), (29_000, 29_000), (0, 5)])
def test_attack_decompression_bomb_refused_before_it_is_unpacked(size):
    assert "pixels" in str(refused(png_announcing(*size)))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_attack_truncated_refused(share):
    for content in (jpeg(pixels()), png(pixels()), dicom(pixels())):
        refused(content[: int(len(content) * share)])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 99,
        b"%PDF-1.4",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"\0" * 128 + b"DICM",
    ],
)
def test_attack_other_files_refused(content):
    refused(content)


def test_attack_oversized_file_refused():
    refused(b"\xff\xd8\xff" + b"\0" * MAX_FILE)


def test_picture_with_broken_metadata_is_read_without_a_warning(recwarn):
    good = jpeg(pixels(), orientation=6)
    at = good.index(b"Exif\0\0") + 6
    for broken in (
        good[: at + 8] + b"\xff\xff" + good[at + 10 :],
        good[:at] + b"XX" + good[at + 2 :],
    ):
        assert read_picture(broken).shape[2] == 3
    assert not recwarn.list


def test_attack_jpeg_of_many_scans_refused():
    assert "scans" in str(refused(jpeg(pixels()) + b"\xff\xda" * 101))


def test_attack_random_bytes_after_a_good_start_refused_or_read():
    generator, codes = np.random.default_rng(1), set()
    for content in (jpeg(pixels()), png(pixels()), dicom(pixels())):
        for _ in range(60):
            broken = bytearray(content)
            for at in generator.integers(4, len(broken), 6):
                broken[at] = generator.integers(256)
            codes.add(outcome(bytes(broken)))
    assert codes <= {"read", "image-refused"}


def test_dicom_grey_of_sixteen_bits_uses_stored_bits_only():
    lanes = np.arange(100, dtype=np.uint16).reshape(10, 10) * 40
    read = read_picture(dicom(lanes | 0xF000, BitsStored=12, HighBit=11))
    assert np.array_equal(read[..., 0], (lanes >> 4).astype(np.uint8))


def test_dicom_inverted_grey():
    grey = pixels()[..., 0]
    read = read_picture(dicom(grey, PhotometricInterpretation="MONOCHROME1"))
    assert np.array_equal(read[..., 0], 255 - grey)


@pytest.mark.parametrize(
    "attributes",
    [
        {"BurnedInAnnotation": "YES"},
        {"BurnedInAnnotation": ""},
        {"RecognizableVisualFeatures": "YES"},
        {"NumberOfFrames": 2},
        {"Rows": 59},
        {"Rows": 60_000, "Columns": 60_000},
        {"PixelRepresentation": 1},
        {"PhotometricInterpretation": "PALETTE COLOR"},
        {"OverlayRows": 1},
    ],
)
def test_attack_dicom_that_may_show_a_name_or_lies_refused(attributes):
    overlay = attributes.pop("OverlayRows", None)
    content = dicom(pixels(), **attributes)
    if overlay:
        content = content.replace(
            b"\xe0\x7f\x10\x00",
            struct.pack("<HH2sHH", 0x6000, 0x0010, b"US", 2, 9) + b"\xe0\x7f\x10\x00",
            1,
        )
    refused(content)


def test_attack_dicom_silent_about_burned_in_text_refused():
    content = dicom(pixels())
    at = content.index(struct.pack("<HH", 0x0028, 0x0301))
    refused(content[:at] + content[at + 10 :])


def test_attack_deflated_dicom_refused_before_it_is_unpacked():
    content = dicom(pixels())
    plain, deflated = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"
    at = content.index(plain)
    length = struct.pack("<H", len(deflated))
    changed = content[: at - 2] + length + deflated + content[at + len(plain) :]
    group = changed.index(struct.pack("<HH2sH", 2, 0, b"UL", 4)) + 8
    size = struct.unpack_from("<I", changed, group)[0] + len(deflated) - len(plain)
    changed = changed[:group] + struct.pack("<I", size) + changed[group + 4 :]
    assert "transfer syntax" in str(refused(changed))


def test_dicom_jpeg_baseline_read_by_the_same_reader():
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEGBaseline8Bit

    array = pixels()
    content = dicom(
        array,
        syntax=JPEGBaseline8Bit,
        PixelData=encapsulate([jpeg(array)]),
        PhotometricInterpretation="YBR_FULL_422",
    )
    assert np.abs(read_picture(content).astype(int) - array).mean() < 4


def test_shrink_means_over_boxes():
    array = np.arange(12 * 12 * 3, dtype=np.uint8).reshape(12, 12, 3)
    small = shrink(array, 4)
    assert small.shape == (4, 4, 3)
    box = array[3:6, 6:9].astype(np.int64).reshape(9, 3).sum(axis=0)
    assert np.array_equal(small[1, 2], (2 * box + 9) // 18)
    assert np.array_equal(shrink(array, 12), array)
    assert shrink(array, 20).shape == (20, 20, 3)
    assert shrink(pixels(height=50, width=70), 28).shape == (28, 28, 3)
