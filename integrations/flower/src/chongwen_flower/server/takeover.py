"""What is on the ledger instead of what was predicted, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.ssz import model_root
from chongwen_flower.server.handover import BundleStatus, Handover, nonsense
from chongwen_flower.server.head import Head
from chongwen_flower.server.spool import Spooled


@dataclass(frozen=True)
class Takeover:
    """A head to be taken up by training, and the reason as code, message, fix."""

    head: Head
    reason: dict[str, str]


def fetch_head(handover: Handover) -> Head:
    """Get the open round and the model that it extends, checked against each other."""
    open_round = handover.open_round()
    model: NDArray[np.int32] = handover.model(
        open_round.parent.round, open_round.model_spec.parameter_count
    )
    if model_root(model) != open_round.parent.model_root:
        raise nonsense(
            handover.name, f"the model of round {open_round.parent.round} is not the reported one"
        )
    return Head(open_round, model)


def reason_of(bundle: Spooled, status: BundleStatus) -> dict[str, str]:
    """Say why a bundle is void."""
    round_ = bundle.open_round.round
    if status.problem is not None:
        problem = status.problem
        return {
            "code": problem.code,
            "message": f"The oracle refuses the bundle of round {round_}: {problem.message}",
            "fix": problem.fix,
        }
    return {
        "code": "recorded-otherwise",
        "message": f"Round {round_} was recorded otherwise than handed over"
        + (f" (report {status.report_hash[:14]}…)." if status.report_hash else "."),
        "fix": "Nothing to do: training goes on from the model that was reported.",
    }
