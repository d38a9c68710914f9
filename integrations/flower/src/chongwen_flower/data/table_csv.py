"""CSV of numbers with the class in the last column: as `scripts/data/csv.ts` reads it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from chongwen_flower.data.refuse import refuse

_QUOTED = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?:,|$)')
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)


def read_csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number (from 1) and cells of each line that is not blank.

    Raises
    ------
    ChongwenError
        ``data-quote``
    """
    for line, content in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        bare = content.removesuffix("\r")
        if bare.strip():
            yield line, _split(bare, line)


def _split(content: str, line: int) -> list[str]:
    if '"' not in content:
        return [cell.strip() for cell in content.split(",")]
    cells: list[str] = []
    at = 0
    while at <= len(content):
        if content[at:].lstrip().startswith('"'):
            match = _QUOTED.match(content, at)
            if match is None:
                raise refuse(
                    "data-quote",
                    f"Line {line}: a quoted cell is not closed before the end of its line.",
                    'Close the quote on the same line, or double it ("") if it belongs there.',
                )
            cells.append(match[1].replace('""', '"').strip())
            at = match.end() if match[0].endswith(",") else len(content) + 1
        else:
            comma = content.find(",", at)
            end = len(content) if comma < 0 else comma
            cells.append(content[at:end].strip())
            at = end + 1
    return cells


def number_of(cell: str, line: int, column: int, bounds: tuple[float, float] | None) -> float:
    """Read the number that a cell holds; NaN where it is missing.

    Raises
    ------
    ChongwenError
        ``data-not-a-number``, ``data-out-of-range``
    """
    if cell in ("", "?"):
        return math.nan
    value = float(cell) if _NUMBER.fullmatch(cell) else math.nan
    if not math.isfinite(value):
        raise refuse(
            "data-not-a-number",
            f"Line {line}, column {column}: the cell is not a number.",
            "Write a number with a decimal point, or ? for a missing one. Only the last column "
            "may be text: remove names, numbers of patients and dates.",
        )
    if bounds is not None and not bounds[0] <= value <= bounds[1]:
        raise refuse(
            "data-out-of-range",
            f"Line {line}, column {column}: the cell is outside of the declared range.",
            "Correct the cell, or widen the range in the table's schema file.",
        )
    return value
