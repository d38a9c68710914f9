"""What the mod adds to a reply, and what it says of it in the app's log."""

from __future__ import annotations

from logging import INFO, WARNING

from flwr.app import ConfigRecord
from flwr.supercore import log

from chongwen_flower.client.update import Update
from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.commitment import Commitment
from chongwen_flower.protocol.open_round import OpenRound, Seat

COMMITMENT_FORMAT = "chongwen-commitment/1"
REFUSAL_FORMAT = "chongwen-refusal/1"

ZEROED_WARNING = 0.5
SATURATED_WARNING = 0.001
MOST_NAMED = 3


def commitment_record(
    seat: Seat,
    update: Update,
    commitment: Commitment,
    signature: bytes,
    seconds: tuple[float, float, float],
) -> ConfigRecord:
    """Make the record of a committed update; seconds of training, committing, signing."""
    train, commit, sign = (round(1000 * duration) for duration in seconds)
    return ConfigRecord(
        {
            "format": COMMITMENT_FORMAT,
            "seat": seat.seat,
            "update-root": commitment.update_root,
            "norm-sq": str(commitment.norm_sq),
            "norm-trace-root": commitment.norm_trace_root,
            "rho": str(seat.rho),
            "signature": signature,
            "saturated": list(update.saturated),
            "zeroed": list(update.zeroed),
            "train-ms": train,
            "commit-ms": commit,
            "sign-ms": sign,
        }
    )


def refusal_record(seat: int, problem: ChongwenError) -> ConfigRecord:
    """Make the record of a refusal."""
    return ConfigRecord(
        {
            "format": REFUSAL_FORMAT,
            "seat": seat,
            "code": problem.code,
            "message": problem.message,
            "fix": problem.fix,
        }
    )


def log_committed(open_round: OpenRound, seat: Seat, update: Update) -> None:
    """Say what was signed, and which tensors have a scale that does not suit them."""
    spec = open_round.model_spec
    log(
        INFO,
        "Ledger: round %d, seat %d: %d lanes committed and signed; %d saturated, %d zeroed",
        open_round.round,
        seat.seat,
        spec.parameter_count,
        sum(update.saturated),
        sum(update.zeroed),
    )
    counts = zip(spec.tensors, update.saturated, update.zeroed, strict=True)
    unfit = [
        f"“{tensor.name}” (f = {tensor.frac_bits}) {saturated / tensor.size:.1%} saturated, "
        f"{zeroed / tensor.size:.1%} zeroed"
        for tensor, saturated, zeroed in counts
        if saturated > SATURATED_WARNING * tensor.size or zeroed > ZEROED_WARNING * tensor.size
    ]
    if unfit:
        log(
            WARNING,
            "Ledger: the scale of %d of %d tensors does not suit this update: %s. Choose it from "
            "an example update, and from the noise where there is any (docs/flower.md).",
            len(unfit),
            len(spec.tensors),
            "; ".join(unfit[:MOST_NAMED]),
        )
