"""A frozen extractor: 28×28 colour thumbnails to features that are equal bit for bit everywhere.

Nothing in it was trained, so it tells nothing about anybody and can be published in full; what
federates is the linear head on top. Three families, all shares of pixels counted in integers:

- *colour*: how much of the picture, its middle, a ring around it and its corners is brighter,
  redder, yellower … than each of twelve steps (cumulative colour histograms: Stricker and Orengo,
  "Similarity of Color Images", 1995);
- *shape and edges*: asymmetry about three axes and shares of gradients above steps, in the spirit
  of the ABCD rule of dermoscopy (Nachbar et al. 1994);
- *texture*: shares of positions where a random dilated convolution exceeds a random threshold
  (Dempster et al. 2020, "ROCKET", arXiv 1910.13051, there for time series).

Shares are then centred and scaled by fixed numbers, so that gradient descent converges alike at
every site. These numbers (`calibration.json`) come from *drawn* pictures, `studies/calibrate.py`:
of patients' pictures they would say something about patients.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chongwen_flower.data.pictures import Pixels
from chongwen_flower.data.refuse import refuse

Lanes = npt.NDArray[np.int16]
Integers = npt.NDArray[np.int64]

#: Of `docs/protocol.md`, Evaluation: a feature of 1 is the lane 2^14.
FEATURE_BITS = 14
SIDE = 28
FEATURES = 591
_KERNELS = 192
_DILATIONS = (1, 2, 3)
_BATCH = 512


def extract(images: Pixels) -> Lanes:
    """Compute features as they are committed: int16 [n, 591], −16,384 … 16,384 for −1 … 1.

    One unit is four spreads of the drawn pictures; what lies further out is cut off there.

    Raises
    ------
    ChongwenError
        ``data-shape``
    """
    centre, spread = _calibration()
    shares = extract_shares(images).astype(np.int64)
    scaled = (2 * (shares - centre) * 2 ** (FEATURE_BITS - 2) + spread) // (2 * spread)
    return np.asarray(scaled.clip(-(2**FEATURE_BITS), 2**FEATURE_BITS), np.int16)


def as_features(lanes: Lanes) -> npt.NDArray[np.float64]:
    """Give the same as floats in −1 … 1, exactly."""
    return np.asarray(lanes / np.float64(2**FEATURE_BITS), np.float64)


def extract_shares(images: Pixels) -> Lanes:
    """Compute shares of pixels before they are centred, 0 … 16,384 for 0 … 1."""
    if images.ndim != 4 or images.shape[1:] != (SIDE, SIDE, 3) or images.dtype != np.uint8:
        raise refuse("data-shape", "The extractor takes uint8 pictures of 28 × 28 × 3.", "Shrink.")
    parts = [_shares(images[at : at + _BATCH]) for at in range(0, len(images), _BATCH)]
    return np.concatenate(parts)


@cache
def _calibration() -> tuple[Integers, Integers]:
    text = Path(__file__).with_name("calibration.json").read_text("utf-8")
    numbers = json.loads(text)
    return np.array(numbers["centre"], np.int64), np.array(numbers["spread"], np.int64)


def _shares(images: Pixels) -> Lanes:
    channels = _channels(images.astype(np.int64))
    return np.concatenate([_colour(channels), _shape(channels), _texture(channels)], axis=1)


def _share(counts: Integers, total: int) -> Lanes:
    """`floor(count / total · 2^14 + 1/2)`, in integers."""
    return np.asarray((counts * 2 ** (FEATURE_BITS + 1) + total) // (2 * total), np.int16)


def _channels(rgb: Integers) -> dict[str, Integers]:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    return {
        "red": red,
        "green": green,
        "blue": blue,
        "light": (red + green + blue) // 3,
        "red-green": red - green,
        "yellow-blue": (red + green - 2 * blue) // 2,
        "chroma": rgb.max(axis=-1) - rgb.min(axis=-1),
    }


#: Lowest and highest step of each channel: where skin and lesions lie.
_STEPS = {"red-green": (-20, 145), "yellow-blue": (-35, 85), "chroma": (10, 170)}


def _steps(channel: str) -> Integers:
    low, high = _STEPS.get(channel, (40, 245))
    return low + np.arange(12) * (high - low) // 11


@cache
def _zones() -> tuple[npt.NDArray[np.bool_], ...]:
    """Everything, the middle, the ring around it, the corners."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    radius = (2 * y - SIDE + 1) ** 2 + (2 * x - SIDE + 1) ** 2
    return (
        np.ones((SIDE, SIDE), bool),
        radius <= 15**2,
        (radius > 15**2) & (radius <= 27**2),
        radius > 27**2,
    )


def _colour(channels: dict[str, Integers]) -> Lanes:
    columns = []
    for name, values in channels.items():
        for zone in _zones():
            inside = values[:, zone]
            for step in _steps(name):
                columns.append(_share((inside > step).sum(axis=1), inside.shape[1]))
    return np.stack(columns, axis=1)


def _shape(channels: dict[str, Integers]) -> Lanes:
    columns = []
    for name in ("light", "red-green", "yellow-blue"):
        values = channels[name]
        for mirrored in (values[:, ::-1], values[:, :, ::-1], values.transpose(0, 2, 1)):
            difference = np.abs(values - mirrored).clip(0, 128)
            columns.append(_share(difference.sum(axis=(1, 2)), SIDE * SIDE * 128))
        for distance in (1, 2, 4):
            down = np.abs(values[:, distance:] - values[:, :-distance])
            across = np.abs(values[:, :, distance:] - values[:, :, :-distance])
            for step in (2, 4, 8, 16, 32, 48):
                steep = (down > step).sum(axis=(1, 2)) + (across > step).sum(axis=(1, 2))
                columns.append(_share(steep, 2 * SIDE * (SIDE - distance)))
    return np.stack(columns, axis=1)


@cache
def _kernels() -> tuple[npt.NDArray[np.float32], Integers]:
    """Weights −1, 0, 1 over 3 × 3 × 3 and thresholds, drawn from SHA-256 of their number.

    Not from numpy's generator: its streams may change between versions, a hash does not.
    """
    weights = np.zeros((_KERNELS, 27), np.float32)
    thresholds = np.zeros(_KERNELS, np.int64)
    for kernel in range(_KERNELS):
        digest = hashlib.sha256(f"chongwen-skin/1/{kernel}".encode()).digest()
        drawn = np.frombuffer(digest, np.uint8).astype(np.int64)
        ternary = (drawn[:27] % 3 - 1).reshape(9, 3)
        if drawn[27] % 4:  # three of four see one channel only
            ternary[:, np.arange(3) != drawn[28] % 3] = 0
        weights[kernel] = ternary.reshape(27)
        thresholds[kernel] = int.from_bytes(digest[29:31], "big") % 257 - 128
    return weights, thresholds


def _texture(channels: dict[str, Integers]) -> Lanes:
    weights, thresholds = _kernels()
    planes = np.stack([channels[name] for name in ("light", "red-green", "yellow-blue")], axis=-1)
    flat = planes.reshape(len(planes), -1, 3)
    # Brightness and contrast of the camera are taken out, in integers.
    centred = planes - (flat.sum(axis=1) // flat.shape[1])[:, None, None, :]
    spread = np.abs(centred).sum(axis=(1, 2)) // flat.shape[1] + 1
    even = (64 * centred // spread[:, None, None, :]).clip(-1024, 1024)
    columns = []
    for at, dilation in enumerate(_DILATIONS):
        size = SIDE - 2 * dilation
        windows = [
            even[:, y * dilation : y * dilation + size, x * dilation : x * dilation + size]
            for y in range(3)
            for x in range(3)
        ]
        patches = np.concatenate(windows, axis=-1).reshape(-1, 27).astype(np.float32)
        # Whole numbers below 27·1024 < 2^24: a float32 product is exact in any order of adding.
        responses = patches @ weights[at :: len(_DILATIONS)].T
        above = (responses > thresholds[at :: len(_DILATIONS)]).reshape(len(planes), size**2, -1)
        columns.append(_share(above.sum(axis=1), size**2))
    return np.concatenate(columns, axis=1)
