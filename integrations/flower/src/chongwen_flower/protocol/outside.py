"""Building blocks for reading JSON that somebody else wrote.

Each takes a value and its path, and gives it back with its type or raises `MalformedError`, which
the reader of a format turns into that format's error. Integers of up to 48 bits are numbers and
larger ones decimal strings, as in ``protocol/schema.ts``; hex is lower case.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NoReturn

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")
_BYTES32 = re.compile(r"0x[0-9a-f]{64}")
_ADDRESS = re.compile(r"0x[0-9a-f]{40}")


class MalformedError(Exception):
    """Where a value broke a rule, and which.

    Parameters
    ----------
    path
        Keys from the top, joined by dots; empty for the value itself.
    reason
        The rule, as a phrase.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path or 'value'}: {reason}")


def refuse(path: str, reason: str) -> NoReturn:
    """Raise `MalformedError`."""
    raise MalformedError(path, reason)


def below(path: str, key: str | int) -> str:
    """Give the path of a member."""
    return f"{path}.{key}" if path else str(key)


def members(value: object, path: str, keys: Collection[str]) -> dict[str, object]:
    """Read an object with exactly these keys."""
    if not isinstance(value, dict):
        refuse(path, "expected an object")
    for key in keys:
        if key not in value:
            refuse(below(path, key), "missing")
    for key in value:
        if key not in keys:
            refuse(path, f"unknown key {ascii(key)[:80]}")
    return value


def items(value: object, path: str, least: int, most: int) -> list[object]:
    """Read a list of so many items."""
    if not isinstance(value, list):
        refuse(path, "expected a list")
    if not least <= len(value) <= most:
        refuse(path, f"expected {least} to {most} items, got {len(value)}")
    return value


def integer(value: object, path: str, least: int, most: int) -> int:
    """Read a number within bounds; True is none."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        refuse(path, f"expected an integer {least} to {most}")
    return value


def uint(value: object, path: str, bits: int) -> int:
    """Read a Solidity unsigned integer: a number up to 48 bits, a decimal string beyond."""
    if bits <= 48:
        return integer(value, path, 0, 2**bits - 1)
    return decimal(value, path, bits)


def decimal(value: object, path: str, bits: int) -> int:
    """Read an unsigned integer that is written as a decimal string without leading zeros."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        refuse(path, "expected a decimal string")
    number = int(value)
    if number >> bits:
        refuse(path, f"does not fit {bits} bits")
    return number


def bytes32(value: object, path: str) -> bytes:
    """Read 32 bytes."""
    if not isinstance(value, str) or not _BYTES32.fullmatch(value):
        refuse(path, "expected 32 bytes as lower-case 0x-hex")
    return bytes.fromhex(value[2:])


def address(value: object, path: str) -> str:
    """Read an account; in Python addresses stay in lower case, as files have them."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        refuse(path, "expected a lower-case address")
    return value


def boolean(value: object, path: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        refuse(path, "expected true or false")
    return value


def text(value: object, path: str, least: int, most: int) -> str:
    """Read a string; its length counts in UTF-16 units, as JavaScript's does."""
    if not isinstance(value, str):
        refuse(path, "expected a string")
    try:
        length = len(value.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        refuse(path, "holds half of a surrogate pair")
    if not least <= length <= most:
        refuse(path, f"expected {least} to {most} characters")
    return value


def exactly(value: object, path: str, wanted: str) -> None:
    """Require one string."""
    if value != wanted:
        refuse(path, f"expected “{wanted}”")


def hex_of(data: bytes) -> str:
    """Write bytes as files have them."""
    return "0x" + data.hex()
