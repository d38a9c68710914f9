"""Small data sets of every form that a site's pictures can have."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from data.pictures import PLAIN, dicom, jpeg, pixels, png

WORDS = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


def ham(folder: Path, *, name: str | None = None, count: int = 9, seed: int = 0) -> Path:
    """Pictures of three formats and `HAM10000_metadata.csv`; a name in every free place."""
    part = folder / "HAM10000_images_part_1"
    if name is not None:
        part = part / name
    part.mkdir(parents=True)
    rows = []
    for at in range(count):
        write = (jpeg, png, dicom)[at % 3]
        stem = f"ISIC_{at:07d}" if name is None else f"{name} {at}"
        ending = ("jpg", "png", "dcm")[at % 3]
        (part / f"{stem}.{ending}").write_bytes(write(pixels(at + 100 * seed), name=name))
        row = {
            "lesion_id": f"HAM_{at // 2}" if name is None else f"{name} {at // 2}",
            "image_id": stem,
            "dx": WORDS[at % 7],
            "dx_type": ("histo", "follow_up", "consensus", "confocal")[at % 4],
            "age": "80.0",
            "sex": "male",
            "localization": "scalp" if name is None else name,
            "dataset": ("rosendahl", "vidir_modern", "vidir_molemax", "vienna_dias")[at % 4],
        }
        if name is not None:
            row |= {"patient_name": name, name: name, "patient_id": PLAIN}
        rows.append(row)
    with (folder / "HAM10000_metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def dermamnist(path: Path, *, name: str | None = None) -> Path:
    arrays = {
        f"{part}_{kind}": (
            np.stack([pixels(at, 30, 30)[:28, :28] for at in range(count)])
            if kind == "images"
            else (np.arange(count, dtype=np.uint8) % 7)[:, None]
        )
        for part, count in (("train", 9), ("val", 3), ("test", 4))
        for kind in ("images", "labels")
    }
    if name is not None:
        arrays |= {"names": np.array([name] * 9), "notes": np.array([name], object)}
    np.savez_compressed(path, **arrays)
    return path


def hugging_face(folder: Path, form: str, *, name: str | None = None) -> Path:
    """`save_to_disk`, a Parquet file, or an image folder."""
    from datasets import ClassLabel, Dataset, Features, Image, Value

    folder.mkdir(parents=True)
    contents = [(jpeg, png)[at % 2](pixels(at), name=name) for at in range(8)]
    # The data set's own order of classes: not the program's.
    labels, words = [at % 7 for at in range(8)], list(reversed(WORDS))
    if form == "folder":
        for at, (content, label) in enumerate(zip(contents, labels, strict=True)):
            inside = folder / "train" / words[label]
            inside.mkdir(parents=True, exist_ok=True)
            stem = at if name is None else f"{name} {at}"
            (inside / f"{stem}.{('jpg', 'png')[at % 2]}").write_bytes(content)
        line = {"file_name": "x.jpg", "patient": name or ""}
        (folder / "train" / "metadata.jsonl").write_text(json.dumps(line))
        return folder
    columns = {
        "image": [{"bytes": content, "path": f"{name}.jpg"} for content in contents],
        "label": labels,
        "patient": [name or "" for _ in contents],
    }
    features = Features(
        {"image": Image(), "label": ClassLabel(names=words), "patient": Value("string")}
    )
    table = Dataset.from_dict(columns, features=features)
    table.info.description = table.info.citation = name or ""
    if form == "saved":
        table.save_to_disk(str(folder / "saved"))
        return folder / "saved"
    table.to_parquet(str(folder / "train-00000.parquet"))
    return folder
