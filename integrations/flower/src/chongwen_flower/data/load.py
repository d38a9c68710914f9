"""One name for each form that a site's pictures can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from chongwen_flower.data.dermamnist import load_dermamnist
from chongwen_flower.data.ham import load_ham
from chongwen_flower.data.ham_sites import load_ham_sites
from chongwen_flower.data.huggingface import load_hugging_face
from chongwen_flower.data.prepared import read_prepared
from chongwen_flower.data.records import Records
from chongwen_flower.data.refuse import refuse

FORMS: Mapping[str, Callable[[Path, int], Records]] = {
    "dermamnist": lambda path, side: load_dermamnist(path, side=side),
    "ham": lambda path, side: load_ham(path, side=side),
    "hf": lambda path, side: load_hugging_face(path, side=side),
    "isic": lambda path, side: load_ham(path, side=side),
    "prepared": lambda path, _: read_prepared(path),
    "sites": lambda path, _: load_ham_sites(path),
}


def load_images(form: str, path: Path, *, side: int = 28) -> Records:
    """Load records with images, whatever form they lie in.

    Raises
    ------
    ChongwenError
        ``data-*``, ``image-refused``
    """
    if form not in FORMS:
        raise refuse(
            "data-form-unknown",
            "The form of the data is not known.",
            f"Name one of: {', '.join(FORMS)}.",
        )
    return FORMS[form](path, side)
