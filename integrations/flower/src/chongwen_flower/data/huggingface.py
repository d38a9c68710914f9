"""Data sets in Hugging Face's local forms: `save_to_disk`, Parquet files, an image folder.

Nothing is fetched, and nothing is cached: `datasets.load_dataset` would write a second copy of
*every* column below the home directory, names included. Parquet and image folders are therefore
read here directly, and of a saved data set only the columns of picture and label.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from chongwen_flower.data.classes import HAM_CLASSES, class_index, label_of
from chongwen_flower.data.files import files_below, read_bytes
from chongwen_flower.data.hush import hush
from chongwen_flower.data.limits import MAX_FILE, MAX_RECORDS
from chongwen_flower.data.records import Records
from chongwen_flower.data.refuse import missing_library, refuse
from chongwen_flower.data.thumbnails import Labelled, thumbnails
from chongwen_flower.errors import ChongwenError

_PICTURES = frozenset({".jpg", ".jpeg", ".png"})


def load_hugging_face(
    folder: Path,
    *,
    image: str = "image",
    label: str = "label",
    classes: Sequence[str] = HAM_CLASSES,
    side: int = 28,
) -> Records:
    """Thumbnails of a local data set; its form is told by what lies in the folder.

    Parameters
    ----------
    folder
        What `Dataset.save_to_disk` wrote, or a folder with `.parquet` files, or an image folder
        (`<part>/<class>/<picture>` or `<class>/<picture>`).
    image, label
        Names of the two columns that are read.
    classes
        Names of the classes. A data set may number them in its own order if it names them.

    Raises
    ------
    ChongwenError
        ``data-*``, ``image-refused``
    """
    if not folder.is_dir():
        raise refuse("data-unreadable", "The data folder is not there.", "Check `data-dir`.")
    if (folder / "dataset_info.json").is_file():
        pairs = _saved(folder, image, label)
    elif any(folder.rglob("*.parquet")):
        pairs = _parquet(folder, image, label)
    else:
        pairs = _image_folder(folder)
    index = class_index(classes)
    labelled = [
        Labelled(content, _number(given, index, len(classes), f"Record {at}"))
        for at, (content, given) in enumerate(pairs)
    ]
    return thumbnails(labelled, classes=classes, source_names=("this site",), side=side)


#: A picture's bytes when they are wanted, and its label: a number, or a word to be looked up.
_Pair = tuple[Callable[[], bytes], int | str]


def _number(given: int | str, index: Mapping[str, int], count: int, place: str) -> int:
    if isinstance(given, str):
        return label_of(given, index, place)
    if not 0 <= given < count:
        raise refuse(
            "data-class-unknown",
            f"{place}: the label is not 0 to {count - 1}.",
            "Name the classes in the order of their labels.",
        )
    return given


def _saved(folder: Path, image: str, label: str) -> Iterator[_Pair]:
    os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"
    try:
        from datasets.arrow_dataset import Dataset
        from datasets.features import Image
    except ImportError:
        raise missing_library("datasets") from None
    try:
        with hush():
            table = Dataset.load_from_disk(str(folder)).select_columns([image, label])
            names = getattr(table.features[label], "names", None)
            table = table.cast_column(image, Image(decode=False))
            count = len(table)
    except Exception:
        raise _unreadable(image, label) from None
    _require_count(count)
    for at in range(count):
        row = table[at]
        yield partial(_bytes_of, row[image]), _named(row[label], names)


def _parquet(folder: Path, image: str, label: str) -> Iterator[_Pair]:
    try:
        from pyarrow import parquet  # type: ignore[import-untyped]
    except ImportError:
        raise missing_library("datasets") from None
    seen = 0
    for path in files_below(folder, frozenset({".parquet"})):
        try:
            file = parquet.ParquetFile(path)
            names = _class_names(file.schema_arrow.metadata or {}, label)
            batches = file.iter_batches(batch_size=64, columns=[image, label])
            for batch in batches:
                seen += batch.num_rows
                _require_count(seen)
                for row in batch.to_pylist():
                    yield partial(_bytes_of, row[image]), _named(row[label], names)
        except ChongwenError:
            raise
        except Exception:
            raise _unreadable(image, label) from None


def _class_names(metadata: Mapping[bytes, bytes], label: str) -> list[str] | None:
    """Read the names of a `ClassLabel`, which `datasets` writes into the file's schema."""
    described = json.loads(metadata.get(b"huggingface", b"{}"))
    names = described.get("info", {}).get("features", {}).get(label, {}).get("names")
    return names if isinstance(names, list) else None


def _image_folder(folder: Path) -> Iterator[_Pair]:
    for path in files_below(folder, _PICTURES):
        yield partial(read_bytes, path, MAX_FILE), path.parent.name


def _named(given: object, names: Sequence[str] | None) -> int | str:
    """Give a label by its name where the data set names its classes, else by its number."""
    if isinstance(given, str):
        return given
    if not isinstance(given, int) or isinstance(given, bool):
        return -1
    return str(names[given]) if names is not None and 0 <= given < len(names) else given


def _bytes_of(cell: object) -> bytes:
    content = cell.get("bytes") if isinstance(cell, dict) else cell
    if not isinstance(content, bytes):
        raise refuse(
            "data-unreadable",
            "A record holds no picture, only a path perhaps.",
            "Save the data set with its pictures in it.",
        )
    return content


def _require_count(count: int) -> None:
    if count > MAX_RECORDS:
        raise refuse("data-too-large", f"More than {MAX_RECORDS} records.", "Give a sample.")


def _unreadable(image: str, label: str) -> ChongwenError:
    return refuse(
        "data-unreadable",
        f"The data set cannot be read, or has no columns “{image}” and “{label}”.",
        "Check `data-dir`; name the two columns if they are called otherwise.",
    )
