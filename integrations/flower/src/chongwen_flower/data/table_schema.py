"""What is declared beside a table, `<name>.schema.json`: as `scripts/data/schema.ts` reads it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chongwen_flower.data.files import read_bytes
from chongwen_flower.data.limits import MAX_TABLE
from chongwen_flower.data.refuse import refuse
from chongwen_flower.errors import ChongwenError

_TEXTS = frozenset({"name", "title", "unit", "licence", "source", "csvSha256", "label"})


@dataclass(frozen=True)
class TableSchema:
    """Declared ranges and classes keep a site's own smallest and largest values to itself."""

    sha256: str | None = None
    rows: int | None = None
    label: str | None = None
    classes: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def read_schema(table: Path) -> TableSchema:
    """Read the schema beside a table, or the empty one.

    Raises
    ------
    ChongwenError
        ``data-schema``
    """
    beside = table.with_name(re.sub(r"\.csv$", "", table.name, flags=re.I) + ".schema.json")
    if not beside.is_file():
        return TableSchema()
    try:
        value = json.loads(read_bytes(beside, MAX_TABLE).decode("utf-8"))
    except ValueError:
        raise _wrong("is not JSON") from None
    if not isinstance(value, dict) or value.get("schema") != 1:
        raise _wrong("is not of version 1")
    if not all(_known(key, entry) for key, entry in value.items()):
        raise _wrong("has an unknown or malformed field")
    return TableSchema(
        sha256=value.get("csvSha256"),
        rows=value.get("rows"),
        label=value.get("label"),
        classes=value.get("classes", {}),
        ranges={name: (low, high) for name, (low, high) in value.get("ranges", {}).items()},
    )


def ordered_classes(labels: Iterable[str]) -> list[str]:
    """Distinct labels: by number if all are integers, else by code unit, whatever their rows."""
    found = set(labels)
    if all(re.fullmatch(r"[+-]?[0-9]{1,15}", label) for label in found):
        return sorted(found, key=lambda label: (int(label), label.encode("utf-16-be")))
    return sorted(found, key=lambda label: label.encode("utf-16-be"))


def _wrong(what: str) -> ChongwenError:
    return refuse("data-schema", f"The table's schema {what}.", "Compare data/README.md.")


def _known(key: str, entry: object) -> bool:
    match key:
        case "schema":
            return True
        case "rows":
            return isinstance(entry, int) and not isinstance(entry, bool)
        case "privacy":
            return entry == "exempt"
        case "classes":
            return isinstance(entry, dict) and all(isinstance(e, str) for e in entry.values())
        case "ranges":
            return isinstance(entry, dict) and all(map(_range, entry.values()))
    return key in _TEXTS and isinstance(entry, str)


def _range(entry: object) -> bool:
    return (
        isinstance(entry, list)
        and len(entry) == 2
        and all(isinstance(e, int | float) and math.isfinite(e) for e in entry)
        and entry[0] < entry[1]
    )
