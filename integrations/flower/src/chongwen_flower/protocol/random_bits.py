"""Uniform numbers from random bytes, which are asked for in batches. No byte is used twice."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Final

FillRandom = Callable[[int], bytes]
"""Gives so many random bytes: ``secrets.token_bytes`` at the edge, a fixed stream in tests."""

_WORDS: Final = 8_192
_BATCH: Final = Struct(f"<{_WORDS}I")


class RandomBits:
    """A stream of 32-bit words, drawn in the order in which TypeScript's draws them.

    Parameters
    ----------
    fill
        Cryptographically secure, save in tests.
    """

    def __init__(self, fill: FillRandom) -> None:
        self._fill = fill
        self._words: list[int] = []
        self._spare = 0
        self._spare_bits = 0

    def word(self) -> int:
        """Draw a number of 0 … 2^32 − 1."""
        if not self._words:
            batch = self._fill(_BATCH.size)
            self._words = list(_BATCH.unpack(batch))
            self._words.reverse()
        return self._words.pop()

    def bit(self) -> int:
        """Draw 0 or 1."""
        if self._spare_bits == 0:
            self._spare, self._spare_bits = self.word(), 32
        self._spare_bits -= 1
        return self._spare >> self._spare_bits & 1

    def below(self, bound: int) -> int:
        """Draw a number of 0 … bound − 1, evenly, by rejection; bound is 1 … 2^32."""
        end = 2**32 - 2**32 % bound
        while True:
            drawn = self.word()
            if drawn < end:
                return drawn % bound
