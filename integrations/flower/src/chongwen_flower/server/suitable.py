"""Whether this software can train a federation at all; asked once, before anything is trained."""

from __future__ import annotations

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.server.settings import Settings

STRATEGIES = {
    1: "LedgerFedAvg",
    2: "LedgerNormClippedFedAvg",
    3: "LedgerFedTrimmedAvg",
    4: "LedgerFedMedian",
}


def require_suitable(open_round: OpenRound, rule_id: int, settings: Settings) -> None:
    """Refuse what would fail later.

    Raises
    ------
    ChongwenError
        ``federation-mismatch``, ``rule-mismatch``, ``federation-unsupported``,
        ``privacy-mode-unsupported``, ``shadow-paid``
    """
    config = open_round.config
    if open_round.federation != settings.federation:
        raise ChongwenError(
            "federation-mismatch",
            f"The open round is of federation {open_round.federation}, the strategy is for "
            f"{settings.federation}.",
            "Correct the federation's number, or give each federation a spool of its own.",
        )
    if config.rule_id != rule_id:
        wanted = STRATEGIES.get(config.rule_id)
        raise ChongwenError(
            "rule-mismatch",
            f"Federation {open_round.federation} aggregates by rule {config.rule_id}; "
            f"{STRATEGIES[rule_id]} stands for rule {rule_id}.",
            f"Use {wanted}." if wanted else "Update this software: the rule is a newer one.",
        )
    if config.element_width != 2 or not config.has_base:
        raise ChongwenError(
            "federation-unsupported",
            "The federation does not train a model: its entries are no int16 updates of a base.",
            "Use this package for model training; docs/flower.md says what else there is.",
        )
    if config.privacy_mode != 0:
        raise ChongwenError(
            "privacy-mode-unsupported",
            f"The federation is in privacy mode {config.privacy_mode}: its updates may not lie "
            "open in a bundle, and this package writes no envelopes yet.",
            "Use a federation in mode A (noise before the commitment).",
        )
    if settings.mode == "shadow" and config.pool_per_round != 0:
        raise ChongwenError(
            "shadow-paid",
            f"Federation {open_round.federation} pays {config.pool_per_round} a round; in shadow "
            "mode the model that is recorded is not the one that is used, so nothing may be paid.",
            'Use a federation without a pool, or mode="ledger".',
        )
