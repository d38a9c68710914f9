"""Words that may stand in the data: a class or a source outside of these lists is refused.

A free cell could hold a name. So the words of the result come from here or from the caller, and a
cell only chooses among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chongwen_flower.data.records import LEVELS
from chongwen_flower.data.refuse import refuse

#: The seven diagnoses of HAM10000 (Tschandl et al. 2018, arXiv 1803.10417), in its order.
HAM_CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")

#: Its four sources, as `HAM10000_metadata.csv` spells them.
HAM_SOURCES = ("rosendahl", "vidir_modern", "vidir_molemax", "vienna_dias")

#: Longer spellings of the same seven: the ISIC archive's and MedMNIST's.
SYNONYMS: Mapping[str, str] = {
    "actinic keratosis": "akiec",
    "actinic keratoses": "akiec",
    "actinic keratoses and intraepithelial carcinoma": "akiec",
    "basal cell carcinoma": "bcc",
    "benign keratosis-like lesions": "bkl",
    "pigmented benign keratosis": "bkl",
    # As HAM10000 groups them.
    "lichenoid keratosis": "bkl",
    "seborrheic keratosis": "bkl",
    "solar lentigo": "bkl",
    "dermatofibroma": "df",
    "melanoma": "mel",
    "nevus": "nv",
    "melanocytic nevi": "nv",
    "melanocytic nevus": "nv",
    "vascular lesion": "vasc",
    "vascular lesions": "vasc",
}

#: `dx_type` of HAM10000 and `diagnosis_confirm_type` of ISIC → level of verification.
CONFIRMED: Mapping[str, int] = {
    **LEVELS,
    "histopathology": LEVELS["histo"],
    "serial imaging showing no change": LEVELS["follow_up"],
    "single image expert consensus": LEVELS["consensus"],
    "confocal microscopy with consensus dermoscopy": LEVELS["confocal"],
}


def class_index(classes: Sequence[str]) -> Mapping[str, int]:
    """Spelling → label, lower case. Synonyms count where their short form is among the classes."""
    own = {name.casefold(): at for at, name in enumerate(classes)}
    return {long: own[short] for long, short in SYNONYMS.items() if short in own} | own


def label_of(word: str, index: Mapping[str, int], place: str) -> int:
    """Look up the label that a cell chooses.

    Raises
    ------
    ChongwenError
        ``data-class-unknown``. The cell is not repeated: it could hold anything.
    """
    found = index.get(word.strip().casefold())
    if found is None:
        raise refuse(
            "data-class-unknown",
            f"{place}: the class is none of the {len(set(index.values()))} that are expected.",
            "Correct the cell, or name the classes in the configuration.",
        )
    return found


def level_of(word: str) -> int:
    """Look up the level that a cell states; what is not understood counts as unverified."""
    return CONFIRMED.get(word.strip().casefold(), LEVELS["unverified"])


def dense(words: Iterable[str]) -> list[int]:
    """Numbers in place of words, by first appearance: equal words keep being equal, no more."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(word, len(numbers)) for word in words]
