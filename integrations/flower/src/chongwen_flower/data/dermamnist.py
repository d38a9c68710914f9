"""DermaMNIST of MedMNIST v2 (Yang et al. 2023, doi 10.1038/s41597-022-01721-8): one `.npz`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from chongwen_flower.data.arrays import read_arrays
from chongwen_flower.data.classes import HAM_CLASSES
from chongwen_flower.data.pictures import shrink
from chongwen_flower.data.records import Records, make_records
from chongwen_flower.data.refuse import refuse

Part = Literal["train", "val", "test"]


def load_dermamnist(path: Path, part: Part = "train", *, side: int = 28) -> Records:
    """One part of the file; its labels are numbered as `HAM_CLASSES`.

    MedMNIST does not say which lesion a picture shows, and HAM10000 has several of many: pictures
    of one lesion can stand in two parts (Abhishek et al. 2024, arXiv 2401.14497), so that its
    accuracies look better than they are.

    Raises
    ------
    ChongwenError
        ``data-unreadable``, ``data-archive``, ``data-shape``, ``data-class-unknown``
    """
    arrays = read_arrays(path, (f"{part}_images", f"{part}_labels"))
    images, labels = arrays.values()
    square = images.ndim == 4 and images.shape[1] == images.shape[2] and images.shape[3] == 3
    if not square or images.dtype != np.uint8 or labels.size != len(images):
        raise refuse(
            "data-shape",
            "The .npz does not hold square colour pictures of 8 bits with a label each.",
            "Give DermaMNIST of MedMNIST v2, of any size.",
        )
    if labels.dtype.kind not in "iu":
        raise refuse("data-class-unknown", "A label is no whole number.", "Number classes from 0.")
    return make_records(
        images=np.stack([shrink(image, side) for image in images]) if len(images) else images,
        labels=labels.reshape(-1),
        classes=HAM_CLASSES,
    )
