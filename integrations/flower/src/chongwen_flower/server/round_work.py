"""From the claims that count to a bundle: exact, so that everyone who repeats it gets the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.aggregate import aggregate
from chongwen_flower.protocol.canonical_json import Json
from chongwen_flower.protocol.open_round import OpenRound, ParentRound
from chongwen_flower.protocol.round_bundle import RoundBundle, build_round_bundle
from chongwen_flower.protocol.seal import Entry
from chongwen_flower.server.evaluation import HeadEvaluation
from chongwen_flower.server.head import Head, after
from chongwen_flower.server.records import Claim


@dataclass(frozen=True)
class MadeRound:
    """A round that was aggregated.

    Parameters
    ----------
    bundle
        As the oracle gets it.
    head
        What follows when it is recorded as handed over.
    """

    bundle: RoundBundle
    head: Head

    @property
    def digest(self) -> str:
        """The artefact as 0x-hex."""
        return f"0x{self.bundle.artefact.hex()}"

    @property
    def report_hash(self) -> str:
        """The predicted report hash as 0x-hex."""
        return f"0x{self.bundle.report_hash.hex()}"


def entry_of(open_round: OpenRound, claim: Claim) -> Entry:
    """Give the entry of a claim that counts; the open round has its key and weight."""
    seat = open_round.seat(claim.seat)
    if seat is None:
        raise LookupError(f"seat {claim.seat} is not in the open round")
    return Entry(
        seat=claim.seat,
        update_root=claim.update_root,
        norm_sq=claim.norm_sq,
        norm_trace_root=claim.norm_trace_root,
        rho=claim.rho,
        signer=seat.key,
        signature=claim.signature,
        weight=seat.weight,
    )


def aggregate_claims(head: Head, claims: Sequence[Claim]) -> NDArray[np.int32]:
    """Aggregate by the federation's rule, with the ledger's weights.

    Raises
    ------
    ChongwenError
        ``too-few-updates``: a trimmed mean of too few.
    """
    config = head.open_round.config
    return aggregate(
        config.rule_id,
        config.rule_param,
        head.model,
        [claim.lanes for claim in claims],
        [entry_of(head.open_round, claim).weight for claim in claims],
    )


def make_round(
    head: Head,
    claims: Sequence[Claim],
    model: NDArray[np.int32],
    evaluation: HeadEvaluation | None,
    metrics: Callable[[dict[str, Json]], Mapping[str, Json]],
) -> MadeRound:
    """Build the bundle of a round, and predict what follows it.

    Parameters
    ----------
    claims
        By seat ascending.
    model
        Their aggregate.
    metrics
        Makes the metrics, given the counts of the evaluation; empty without one.
    """
    counts: dict[str, Json] = {}
    if evaluation is not None:
        counts = evaluation.counts(model)
    bundle = build_round_bundle(
        head.open_round,
        head.model,
        [entry_of(head.open_round, claim) for claim in claims],
        {claim.seat: claim.lanes for claim in claims},
        model,
        metrics(counts),
        None if evaluation is None else evaluation.to_input(),
    )
    parent = ParentRound(
        head.open_round.round, bundle.report_hash, bundle.artefact, bundle.model_root
    )
    return MadeRound(bundle, after(head, (claim.seat for claim in claims), parent, model))
