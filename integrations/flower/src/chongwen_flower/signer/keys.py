"""Commands about the key itself: making one, and having it agree to its registration."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol import outside
from chongwen_flower.protocol.eip712 import Domain, FieldValue, digest
from chongwen_flower.signer.hardening import close_memory
from chongwen_flower.signer.home import Home
from chongwen_flower.signer.keystore import load_key, make_keystore, read_password

_PARITY = 1 << 255


def new_key(home: Home, password_file: Path | None) -> dict[str, Any]:
    """Make a key and its keystore; the key is shown nowhere."""
    close_memory()
    home.make()
    password = read_password(password_file)
    if password_file is None and password != read_password(None, "Once more: "):
        raise ChongwenError("password-missing", "The two passwords differ.", "Try again.")
    print("Encrypting …", file=sys.stderr)
    address = make_keystore(home.keystore, password)
    return {"address": address, "keystore": str(home.keystore)}


def prove_key(
    home: Home,
    password_file: Path | None,
    *,
    chain_id: int,
    contract: str,
    organisation: int | None,
    payee: str | None,
    contributor: int | None,
) -> dict[str, Any]:
    """Sign ``KeyProof`` (registration) or ``KeySuccession`` (rotation, recovery): 65 bytes.

    Raises
    ------
    ChongwenError
        ``statement-unclear``, and what `load_key` raises.
    """
    close_memory()
    try:
        domain = Domain(chain_id, outside.address(contract.lower(), "--contract"))
        key = load_key(home.keystore, read_password(password_file))
        values: dict[str, FieldValue]
        if contributor is not None and organisation is None and payee is None:
            name, values = "KeySuccession", {"contributor": contributor, "key": key.address}
        elif contributor is None and organisation is not None and payee is not None:
            to = outside.address(payee.lower(), "--payee")
            values = {"organisation": organisation, "payee": to, "key": key.address}
            name = "KeyProof"
        else:
            outside.refuse("", "give --organisation with --payee, or --contributor")
    except outside.MalformedError as problem:
        raise ChongwenError(
            "statement-unclear",
            f"What the key shall agree to is unclear: {problem}.",
            "See chongwen-signer prove-key --help.",
        ) from None
    compact = key.sign(digest(domain, name, values))
    packed = int.from_bytes(compact[32:])
    s, parity = packed & (_PARITY - 1), packed >> 255
    signature = compact[:32] + s.to_bytes(32) + bytes([27 + parity])
    return {"statement": name, "key": key.address, "signature": outside.hex_of(signature)}
