"""What a round's configuration means, in words for whoever decides whether to take part."""

from __future__ import annotations

import math

from chongwen_flower.protocol.open_round import OpenRound, Seat
from chongwen_flower.protocol.outside import hex_of
from chongwen_flower.protocol.structs import FederationConfig
from chongwen_flower.signer.text import clean

_DELTA = 1e-5
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def describe_round(opened: OpenRound, seat: Seat) -> list[tuple[str, str]]:
    """Give the lines that an operator reads before approving: what, and what it means."""
    config = opened.config
    tensors = opened.model_spec.tensors
    named = ", ".join(clean(tensor.name, 60) for tensor in tensors[:5])
    more = f" and {len(tensors) - 5} more" if len(tensors) > 5 else ""
    return [
        ("federation", f"{opened.federation}, round {opened.round} is open"),
        ("ledger", f"{opened.ledger} on chain {opened.chain_id}"),
        ("configuration", hex_of(opened.config_hash)),
        ("your seat", f"{seat.seat}, weight {seat.weight}, key {seat.key}"),
        ("price", _price(config, seat)),
        ("privacy", _privacy(config)),
        ("rule", _rule(config)),
        ("bound", _bound(config)),
        (
            "contributors",
            f"at least {config.min_contributors} a round, at most {config.max_seats}; "
            f"{len(opened.seats)} can take part now",
        ),
        ("model", f"{opened.model_spec.parameter_count} parameters: {named}{more}"),
        (
            "windows",
            f"{_duration(config.force_window)} to force a contribution in, "
            f"{_duration(config.report_window)} to report, "
            f"{_duration(config.challenge_window)} to disprove",
        ),
        ("finality", _finality(config)),
        ("pay", _pay(config)),
    ]


def epsilon(nano_rho: int, delta: float = _DELTA) -> float:
    """Give the ε at δ that so much zCDP implies: ``ε = ρ + 2·√(ρ·ln(1/δ))``, an upper bound."""
    rho = nano_rho * 1e-9
    return rho + 2 * math.sqrt(rho * math.log(1 / delta))


def _price(config: FederationConfig, seat: Seat) -> str:
    if seat.exempt:
        return "nothing: the ledger has this dataset as public data, exempt from the privacy budget"
    if config.rho_per_round == 0:
        return "nothing: the federation adds no noise and charges no budget"
    rounds = seat.remaining // config.rho_per_round
    return (
        f"{config.rho_per_round} nano-ρ a round (ε {epsilon(config.rho_per_round):.3g} at δ 1e-5); "
        f"the ledger has {seat.remaining} left for this seat, {rounds} rounds"
    )


def _privacy(config: FederationConfig) -> str:
    match config.privacy_mode:
        case 0:
            return "A, published: after the seal everybody can read this site's updates"
        case 1:
            return "B, escrowed: operators and named auditors can read this site's updates"
        case 2:
            return "C, masked: no version of this software takes part in it yet"
    return f"{config.privacy_mode}, unknown to this version: do not take part"


def _rule(config: FederationConfig) -> str:
    parameter = config.rule_param
    match config.rule_id:
        case 1:
            return "weighted mean of all updates (FedAvg)"
        case 2:
            return f"weighted mean, each update scaled down to an L2 norm of {parameter} units"
        case 3:
            return f"trimmed mean, the {parameter} smallest and largest dropped in each coordinate"
        case 4:
            return "median of each coordinate"
    return f"{config.rule_id}, unknown to this version: do not take part"


def _bound(config: FederationConfig) -> str:
    if config.norm_sq_bound == 0:
        return "none on the size of an update"
    return f"an update's Σq² is at most {config.norm_sq_bound}; larger ones are not signed"


def _finality(config: FederationConfig) -> str:
    match config.finality:
        case 0:
            return "when the time to disprove is over"
        case 1:
            return "when also attesters vouch that the inputs can be retrieved"
        case 2:
            return "when also attesters vouch and governance approves"
    return f"{config.finality}, unknown to this version: do not take part"


def _pay(config: FederationConfig) -> str:
    if config.pool_per_round == 0:
        return "none"
    amount = config.pool_per_round / 10**18
    return f"{amount:g} SHU, or points, for each final round; settled every {config.settle_every}"


def _duration(seconds: int) -> str:
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
