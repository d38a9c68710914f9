"""Which federations this package aggregates: those whose updates everybody may read."""

from __future__ import annotations

from typing import Final

from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.structs import FederationConfig

PUBLISHED: Final = 0
ESCROWED: Final = 1
MASKED: Final = 2


def require_published(config: FederationConfig) -> None:
    """Refuse what cannot be aggregated here.

    Raises
    ------
    ChongwenError
        ``privacy-mode-unsupported`` for masked sums; ``unsupported`` for escrowed updates, which
        TypeScript's aggregator encrypts, and for lanes that are not int16.
    """
    if config.privacy_mode == ESCROWED:
        message = "Escrowed updates (privacy mode B) are written and read by the TypeScript tools"
        raise protocol_error("unsupported", f"{message} alone.")
    if config.privacy_mode != PUBLISHED:
        message = f"Privacy mode {config.privacy_mode} is in no software yet."
        raise protocol_error("privacy-mode-unsupported", message)
    if config.element_width != 2:
        message = f"Updates of {config.element_width}-byte elements cannot be aggregated here; only"
        raise protocol_error("unsupported", f"{message} int16 can.")
