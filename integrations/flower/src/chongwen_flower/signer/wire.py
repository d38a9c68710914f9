"""Lines between app and signer: canonical JSON, one object a line, of bounded length.

Canonical means that a value has one spelling: duplicate keys, fractions, huge integers and deep
nesting are refused before anybody looks at the content.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol import canonical_json

FORMAT = "chongwen-sign/1"
MAX_LINE = 1 << 20
"""Bytes of a line: an open round of 256 seats and a thousand tensors has some 150 KiB."""

_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")


def encode_line(value: Mapping[str, Any]) -> bytes:
    """Encode one object as a line."""
    return canonical_json.encode(value) + b"\n"


def decode_line(line: bytes) -> dict[str, Any]:
    """Read one line; `ChongwenError` ``json-invalid`` for anything but a canonical object."""
    value = canonical_json.decode(line.removesuffix(b"\n"), "The line", MAX_LINE)
    if isinstance(value, dict):
        return value
    raise ChongwenError(
        "json-invalid", "The line is no JSON object.", "Send one object a line, as canonical JSON."
    )


def hex_bytes(value: object, length: int) -> bytes:
    """Bytes of lower-case 0x-hex of exactly ``length`` bytes; `ValueError` for anything else."""
    if not (isinstance(value, str) and len(value) == 2 + 2 * length and _HEX.fullmatch(value)):
        raise ValueError(f"expected {length} bytes as 0x-hex in lower case")
    return bytes.fromhex(value[2:])
