"""The site signer: a process that alone holds a hospital's key, and the client that asks it."""

from __future__ import annotations

from chongwen_flower.signer.answer import SeatGrant, SignedContribution
from chongwen_flower.signer.client import SignerClient

__all__ = ["SeatGrant", "SignedContribution", "SignerClient"]
