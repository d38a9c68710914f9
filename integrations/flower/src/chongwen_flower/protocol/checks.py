"""What a verification found out: one comparison after another, and those that failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Comparable = str | int | bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """A comparison that failed.

    Parameters
    ----------
    name
        What was compared; the same words as in TypeScript.
    subject
        The file, and where it helps the place in it.
    expected, actual
        As text.
    """

    name: str
    subject: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.name}: expected {self.expected}, found {self.actual}"


@dataclass(slots=True)
class Checks:
    """Collects problems."""

    problems: list[Problem] = field(default_factory=list)

    def same(self, name: str, subject: str, expected: Comparable, actual: Comparable) -> bool:
        """Record whether `actual` is `expected`, and return it."""
        if expected == actual:
            return True
        self.problems.append(Problem(name, subject, _text(expected), _text(actual)))
        return False

    def same_lanes(
        self, name: str, subject: str, expected: NDArray[Any], actual: NDArray[Any], what: str
    ) -> bool:
        """Compare two vectors and record the first difference only; `what` names a lane."""
        if expected.size != actual.size:
            return self.same(name, subject, f"{expected.size} values", f"{actual.size} values")
        differs = expected != actual
        if not differs.any():
            return True
        x = int(np.argmax(differs))
        return self.same(name, subject, f"{what} {x}: {expected[x]}", f"{what} {x}: {actual[x]}")


def _text(value: Comparable) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
