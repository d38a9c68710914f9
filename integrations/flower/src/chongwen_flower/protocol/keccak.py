"""Keccak-256, as the ledger hashes columns, statements and small files."""

from __future__ import annotations

from eth_hash.auto import keccak as _keccak


def keccak256(data: bytes) -> bytes:
    """Hash bytes with Keccak-256 (not SHA3-256: the padding differs)."""
    return bytes(_keccak(data))
