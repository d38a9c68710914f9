"""Packed columns: item i belongs to entry i, big-endian, fixed width, nothing between.

The ledger reads some straight from calldata and pins the others by Keccak-256 (`column_hash`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.keccak import keccak256

WIDTHS: Final = {
    "seats": 4,
    "updateRoots": 32,
    "weights": 2,
    "norms": 8,
    "normTraces": 32,
    "signatures": 64,
    "scores": 8,
    "entitlements": 12,
}
"""Bytes an item."""

MAX_ENTRIES: Final = 256
"""Entries of the largest round: an entry's index is one byte, its exclusion one bit of a word."""

MAX_TOTAL_WEIGHT: Final = 65_535
"""Largest sum of a round's weights; keeps weighted sums of int16 lanes within int32."""

column_hash = keccak256


def pack_uints(values: Sequence[int], width: int) -> bytes:
    """Pack unsigned integers.

    Raises
    ------
    ChongwenError
        ``out-of-range`` when a value is negative or does not fit.
    """
    for i, value in enumerate(values):
        if not 0 <= value < 1 << 8 * width:
            message = f"Item {i} of a column is {value}, not an unsigned integer of {8 * width}"
            raise protocol_error("out-of-range", f"{message} bits.")
    return b"".join(value.to_bytes(width, "big") for value in values)


def unpack_uints(column: bytes, width: int) -> list[int]:
    """Unpack unsigned integers.

    Raises
    ------
    ChongwenError
        ``column-invalid`` when the column is not whole items.
    """
    return [int.from_bytes(item, "big") for item in unpack_bytes(column, width)]


def pack_bytes(values: Sequence[bytes], width: int) -> bytes:
    """Pack hashes or signatures.

    Raises
    ------
    ChongwenError
        ``column-invalid`` when one has another length.
    """
    for value in values:
        if len(value) != width:
            raise protocol_error("column-invalid", f"Expected {width} bytes, got {len(value)}.")
    return b"".join(values)


def unpack_bytes(column: bytes, width: int) -> list[bytes]:
    """Unpack hashes or signatures.

    Raises
    ------
    ChongwenError
        ``column-invalid`` when the column is not whole items.
    """
    if len(column) % width:
        message = f"A column of {len(column)} bytes is not whole items of {width}."
        raise protocol_error("column-invalid", message)
    return [column[at : at + width] for at in range(0, len(column), width)]


def root_order(roots: Sequence[bytes]) -> bytes:
    """Give a byte an entry: indices sorted by (root, index), so that equal roots are neighbours.

    Raises
    ------
    ChongwenError
        ``out-of-range`` above 256 entries.
    """
    if len(roots) > MAX_ENTRIES:
        message = f"A round has at most {MAX_ENTRIES} entries, got {len(roots)}."
        raise protocol_error("out-of-range", message)
    return bytes(i for _, i in sorted((root, i) for i, root in enumerate(roots)))


def excluded_bitmap(indices: Iterable[int]) -> int:
    """Give the bitmap of the given entry indices, 0..255."""
    bitmap = 0
    for i in indices:
        bitmap |= 1 << i
    return bitmap


def effective_weights(weights: Sequence[int], excluded: int) -> list[int]:
    """Give the weights that count: 0 for entries that the report excludes."""
    return [0 if excluded >> i & 1 else weight for i, weight in enumerate(weights)]
