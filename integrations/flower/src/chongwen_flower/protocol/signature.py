"""Compact signatures: 64 bytes ``r ‖ yParityAndS``, the parity in the top bit of the second word.

Source: EIP-2098, https://eips.ethereum.org/EIPS/eip-2098; low s: EIP-2; nonces: RFC 6979, so one
key and one digest always give the same bytes, in every language.
"""

from __future__ import annotations

from typing import Final

from eth_keys.datatypes import PrivateKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from chongwen_flower.protocol.failures import protocol_error

SIGNATURE_BYTES: Final = 64
_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_PARITY_BIT: Final = 1 << 255


def sign_compact(key: bytes, digest: bytes) -> bytes:
    """Sign a digest.

    Parameters
    ----------
    key
        32 secret bytes. Nothing of them is kept or shown.
    digest
        32 bytes, see `chongwen_flower.protocol.eip712.digest`.

    Returns
    -------
    bytes
        64 bytes.

    Raises
    ------
    ChongwenError
        ``out-of-range`` for what is no secret key or no digest.
    """
    if len(key) != 32 or not 0 < int.from_bytes(key, "big") < _ORDER:
        raise protocol_error("out-of-range", "A secret key has 32 bytes and is in 1..n − 1.")
    _require_digest(digest)
    signature = PrivateKey(key).sign_msg_hash(digest)
    s = signature.s | (_PARITY_BIT if signature.v else 0)
    return bytes(signature.r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def recover(digest: bytes, signature: bytes) -> str:
    """Give the address that signed a digest, in lower case.

    Raises
    ------
    ChongwenError
        ``signature-invalid`` for another length, the malleable (high-s) form, and numbers that no
        key can have made; ``out-of-range`` for what is no digest.
    """
    _require_digest(digest)
    r, s, parity = _parse(signature)
    try:
        public = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError, ValueError):
        message = "No key can have made this signature."
        raise protocol_error("signature-invalid", message) from None
    return str(public.to_address())


def address_of(key: bytes) -> str:
    """Give the address of a secret key, in lower case."""
    return str(PrivateKey(key).public_key.to_address())


def _parse(signature: bytes) -> tuple[int, int, int]:
    if len(signature) != SIGNATURE_BYTES:
        message = f"Expected a signature of 64 bytes, got {len(signature)}."
        raise protocol_error("signature-invalid", message)
    r = int.from_bytes(signature[:32], "big")
    packed = int.from_bytes(signature[32:], "big")
    s = packed & (_PARITY_BIT - 1)
    if not 1 <= r < _ORDER:
        raise protocol_error("signature-invalid", "The signature's r is not in 1..n − 1.")
    if not 1 <= s <= _ORDER // 2:
        message = "The signature's s is not in 1..n/2: it is the malleable form."
        raise protocol_error("signature-invalid", message)
    return r, s, packed >> 255


def _require_digest(digest: bytes) -> None:
    if len(digest) != 32:
        raise protocol_error("out-of-range", f"A digest has 32 bytes, not {len(digest)}.")
