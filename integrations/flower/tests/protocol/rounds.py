"""A round that somebody played: everything that goes into a bundle, from one seed."""

from dataclasses import dataclass, replace

import numpy as np

from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.evaluation import EvaluationInput
from chongwen_flower.protocol.head import Head
from chongwen_flower.protocol.model_spec import create_model_spec
from chongwen_flower.protocol.open_round import OpenRound, ParentRound, Seat
from chongwen_flower.protocol.round_bundle import build_round_bundle
from chongwen_flower.protocol.seal import create_entry
from chongwen_flower.protocol.signature import address_of, sign_compact
from chongwen_flower.protocol.ssz import model_root
from chongwen_flower.protocol.structs import FederationConfig


def key_of(seat):
    """A key that guards nothing."""
    return (0xC0DE + seat).to_bytes(32, "big")


@dataclass(frozen=True)
class Played:
    """What one seed gives."""

    open_round: OpenRound
    base: np.ndarray | None
    entries: list
    updates: dict
    evaluation: EvaluationInput | None
    metrics: object

    def bundle(self, **changes):
        return build_round_bundle(
            self.open_round,
            self.base,
            self.entries,
            self.updates,
            None,
            self.metrics,
            self.evaluation,
            **changes,
        )


def play(seed, *, evaluated=True, **config):
    """Play a round: specification, seats, updates, rule, base, evaluation, all from the seed."""
    rng = np.random.default_rng(seed)
    shapes = [(f"层/{i}", tuple(rng.integers(1, 7, rng.integers(0, 3))), 14) for i in range(3)]
    features, classes = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    tail = [("head", (features, classes), 14), ("bias", (classes,), 14)]
    spec = create_model_spec([(n, [int(d) for d in shape], f) for n, shape, f in shapes + tail])
    count = spec.parameter_count
    rule = int(rng.integers(1, 5))
    param = {2: int(rng.integers(0, 2**17)), 3: int(rng.integers(0, 2))}.get(rule, 0)
    has_base = bool(config.get("has_base", rng.integers(0, 2)))
    settings = FederationConfig(
        **{
            "rule_id": rule,
            "rule_param": param,
            "scoring_id": 1,
            "privacy_mode": 0,
            "element_width": 2,
            "has_base": has_base,
            "depth": spec.depth,
            "model_spec_root": spec.root(),
            "terms_hash": bytes(32),
            "records_per_weight": 10,
            "max_seats": 64,
            "min_contributors": 3,
            "max_excluded_bps": 3400,
            "rho_per_round": int(rng.integers(0, 2**48)),
            "norm_sq_bound": 0,
            "force_window": 3600,
            "report_window": 7200,
            "challenge_window": 86_400,
            "max_attempts": 3,
            "settle_every": 2,
            "pool_per_round": int(rng.integers(0, 2**62)) << 30,
            "finality": 1,
            "approval_window": 0,
        }
        | config
    )
    base = rng.integers(-(2**31), 2**31, count).astype(np.int32)
    numbers = sorted({int(n) for n in rng.integers(0, 2**32, rng.integers(4, 8))} | {0})
    seats = []
    for number in numbers:
        exempt = bool(rng.integers(0, 2))
        charged = (0, 0) if exempt else (settings.rho_per_round, 2**48 - 1)
        weight = int(rng.integers(1, 65_535 // len(numbers)))
        key = address_of(key_of(number))
        seats.append(Seat(number, key, weight, charged[0], exempt, charged[1]))
    opened = OpenRound(
        chain_id=int(rng.integers(1, 2**31)),
        ledger="0x" + rng.bytes(20).hex(),
        federation=int(rng.integers(1, 2**32)),
        round=int(rng.integers(2, 2**32)),
        attempt=int(rng.integers(0, 256)),
        parent=ParentRound(1, rng.bytes(32), rng.bytes(32), model_root(base)),
        config=settings,
        model_spec=spec,
        seats=tuple(seats),
    )
    updates = {n: rng.integers(-(2**15), 2**15, count).astype(np.int16) for n in numbers}
    entries = [sign(opened, seat, updates[seat.seat]) for seat in seats]
    if rng.integers(0, 2):
        entries[1] = replace(entries[1], weight=0)
    records = int(rng.integers(1, 9))
    lane = count - (features + 1) * classes
    evaluation = EvaluationInput(
        Head(lane, features, classes, int(rng.integers(0, 31))),
        rng.integers(-(2**15), 2**15, records * features).astype(np.int16),
        bytes(rng.integers(0, classes, records).astype(np.uint8)),
    )
    metrics = {"accuracyPpm": int(rng.integers(0, 10**6)), "Ümlaut?"[1:]: ["é\n", None, True]}
    kept = evaluation if evaluated and rng.integers(0, 4) else None
    return Played(opened, base if has_base else None, entries, updates, kept, metrics)


def sign(opened, seat, update, key=None):
    """The entry of a seat, signed by its key or another."""
    commitment = commit_update(update)
    statement = opened.contribution(seat.seat, commitment, seat.rho)
    signature = sign_compact(key or key_of(seat.seat), statement.digest(opened.domain))
    return create_entry(seat, commitment, signature)
