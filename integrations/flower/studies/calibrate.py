"""Centre and spread of the extractor's shares over *drawn* pictures: `data/calibration.json`.

Ovals of darker, redder or browner tone on skin-coloured ground, with blotches, grain and sometimes
dark corners. Drawn roughly and from no patient, so the numbers can be published with the code.
Run once; the result is committed, because the drawing uses floats and numpy's generator.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

import chongwen_flower.data
from chongwen_flower.data.extractor import FEATURE_BITS, SIDE, extract_shares

PICTURES = 600
#: No spread is taken smaller than this share: what hardly varies in drawings may vary in life.
LEAST_SPREAD = 0.03


def draw(count: int, seed: int) -> npt.NDArray[np.uint8]:
    """Drawn lesions, uint8 [count, 28, 28, 3]."""
    generator = np.random.default_rng(seed)
    return np.stack([_lesion(generator) for _ in range(count)])


def _lesion(generator: np.random.Generator) -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    red = int(generator.integers(170, 245))
    green = red - int(generator.integers(15, 90))
    skin = np.array([red, green, green - generator.integers(-15, 35)])
    dark = int(generator.integers(10, 130))
    shades = [dark, dark + generator.integers(-25, 25), dark + generator.integers(-45, 25)]
    middle_y, middle_x = generator.integers(10, 19, 2)
    tall, wide = generator.integers(4, 14, 2)
    tilt = 0.002 * generator.integers(-2, 3)
    distance = (
        (y - middle_y) ** 2 / tall**2
        + (x - middle_x) ** 2 / wide**2
        + tilt * (y - middle_y) * (x - middle_x)
    )
    inside = np.clip((1.3 - distance) * generator.uniform(0.5, 3), 0, 1)
    blotches = np.kron(generator.normal(0, generator.uniform(2, 18), (7, 7)), np.ones((4, 4)))
    grain = generator.normal(0, generator.uniform(1, 8), (SIDE, SIDE))
    corners = ((y - 13.5) ** 2 + (x - 13.5) ** 2) / 364 * generator.choice([0, 0, 20, 60])
    shading = blotches * inside + grain - corners
    picture = skin - inside[..., None] * np.array(shades) + shading[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def main() -> None:
    """Write the file anew."""
    shares = extract_shares(draw(PICTURES, seed=1)).astype(np.float64)
    least = LEAST_SPREAD * 2**FEATURE_BITS
    numbers = {
        "centre": np.rint(shares.mean(axis=0)).astype(int).tolist(),
        "spread": np.rint(np.maximum(shares.std(axis=0), least)).astype(int).tolist(),
    }
    path = Path(chongwen_flower.data.__file__).with_name("calibration.json")
    path.write_text(json.dumps(numbers) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
