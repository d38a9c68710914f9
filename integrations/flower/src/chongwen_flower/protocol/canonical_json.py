"""Canonical JSON: one value has exactly one encoding, so its hash means the value.

Keys sorted, no white space, integers only, UTF-8. Source: RFC 8785 (JSON Canonicalization
Scheme), restricted to integers within ±(2^53 − 1) and printable ASCII keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, TypeAlias

from chongwen_flower.protocol.failures import protocol_error

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"

_MAX_NESTING = 64
_MAX_INTEGER = 2**53 - 1
_KEY = re.compile(r"[\x20-\x7e]*")
# A string, ended or not, or a bracket outside of strings. Possessive: one pass, whatever comes.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def _write(value: object, nesting: int) -> str:
    if nesting > _MAX_NESTING:
        raise protocol_error("json-invalid", f"JSON nested deeper than {_MAX_NESTING} levels.")
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) > _MAX_INTEGER:
            raise protocol_error("json-invalid", "A number is not an integer within ±(2^53 − 1).")
        return str(int(value))
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, Mapping):
        pairs = [(_key(key), _write(item, nesting + 1)) for key, item in value.items()]
        return "{" + ",".join(f"{encode_basestring(k)}:{text}" for k, text in sorted(pairs)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_write(item, nesting + 1) for item in value) + "]"
    kind = type(value).__name__
    raise protocol_error("json-invalid", f"A value of type {kind} has no place in canonical JSON.")


def _key(key: object) -> str:
    if isinstance(key, str) and _KEY.fullmatch(key):
        return key
    raise protocol_error("json-invalid", f"The key {ascii(key)[:80]} is not printable ASCII.")


def encode(value: Json) -> bytes:
    """Give the one encoding of a value.

    Parameters
    ----------
    value
        None, booleans, integers, strings, lists or tuples, mappings. A float is refused whatever
        its value, and so are numbers of NumPy: convert what is meant as an integer.

    Returns
    -------
    bytes
        UTF-8.

    Raises
    ------
    ChongwenError
        ``json-invalid`` for what has no canonical form: fractions, huge integers, other types,
        lone surrogates.
    """
    try:
        return _write(value, 0).encode()
    except UnicodeEncodeError:
        raise protocol_error("json-invalid", "A string holds half of a surrogate pair.") from None


def decode(data: bytes, what: str, max_bytes: int) -> Json:
    """Read canonical JSON and nothing else.

    Duplicate keys, white space or another order of keys are refused, because encoding the value
    again must give the same bytes.

    Parameters
    ----------
    data
        The file.
    what
        Its name, for the message.
    max_bytes
        Larger input is refused unread.

    Returns
    -------
    Json
        The value, made of None, bool, int, str, list and dict.

    Raises
    ------
    ChongwenError
        ``json-invalid``
    """
    if len(data) > max_bytes:
        size = f"{what} has {len(data)} bytes, more than {max_bytes}."
        raise protocol_error("json-invalid", size)
    try:
        value: Json = parse(data)
    except ValueError as problem:
        raise protocol_error("json-invalid", f"{what} is {problem}.") from None
    if not _is_canonical(value, data):
        raise protocol_error("json-invalid", f"{what} is JSON, but not in canonical form.")
    return value


def parse(data: bytes) -> Any:  # noqa: ANN401 - what json.loads gives
    """Read JSON of any form from outside, nested 64 levels at most.

    ``json.loads`` descends on the machine's stack, and its only guard is Python's recursion limit,
    which libraries raise as they are imported (``py_ecc``, behind ``eth_account``, to 100,000).
    Then a few hundred kilobytes of brackets end the process, and nothing can catch that.

    Raises
    ------
    ValueError
        Saying what it is instead: "not JSON in UTF-8", "nested deeper than 64 levels".
    """
    if _nesting(data) > _MAX_NESTING + 1:
        raise ValueError(f"nested deeper than {_MAX_NESTING} levels")
    try:
        return json.loads(data.decode())
    except ValueError:
        raise ValueError("not JSON in UTF-8") from None


def _is_canonical(value: object, data: bytes) -> bool:
    try:
        return _write(value, 0).encode() == data
    except Exception:  # Whatever cannot be written was not canonical; `encode` says why.
        return False


def _nesting(data: bytes) -> int:
    """Give the depth of brackets; of malformed text, any number that is no smaller."""
    depth = deepest = 0
    for token in _TOKEN.finditer(data):
        first = token[0][:1]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest
