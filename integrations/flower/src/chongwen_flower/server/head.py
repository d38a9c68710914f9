"""Where the aggregator stands: the round it trains, and the model that round extends.

Everything after quantisation is exact, so the hash of a report is known before the report exists:
the next round can be signed while this one is still on its way to the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.open_round import OpenRound, ParentRound


@dataclass(frozen=True)
class Head:
    """A round to train, and its base.

    Parameters
    ----------
    open_round
        As the ledger has it, or as it will have it when everything is recorded as predicted.
    model
        Lanes of the parent's model.
    exhausted
        Seats whose budget this aggregator has used up: no longer in the open round, so that
        their nodes hear why, and not that nobody knows them.
    """

    open_round: OpenRound
    model: NDArray[np.int32]
    exhausted: frozenset[int] = frozenset()


def after(
    head: Head,
    seats: Iterable[int],
    parent: ParentRound,
    model: NDArray[np.int32],
) -> Head:
    """Predict the head that follows when a round is recorded as handed over.

    Parameters
    ----------
    head
        What the round was made for.
    seats
        Those that have an entry in it, each charged what the round costs.
    parent
        The round itself, as the next one pins it.
    model
        What it reports.
    """
    charged = set(seats)
    left = [
        replace(seat, remaining=seat.remaining - seat.rho)
        if seat.seat in charged and not seat.exempt
        else seat
        for seat in head.open_round.seats
    ]
    open_round = replace(
        head.open_round,
        round=head.open_round.round + 1,
        attempt=0,
        parent=parent,
        seats=tuple(seat for seat in left if seat.remaining >= seat.rho),
    )
    gone = {seat.seat for seat in left if seat.remaining < seat.rho}
    return Head(open_round, model, head.exhausted | gone)


def informed(head: Head, found: OpenRound, charged: Iterable[Iterable[int]]) -> Head:
    """Put what the ledger has open now into a head that may be some rounds further.

    Parameters
    ----------
    found
        The ledger's open round: seats that are new, gone or changed.
    charged
        Of each round between `found` and the head: the seats that have an entry in it.
    """
    if found.parent == head.open_round.parent:
        return Head(found, head.model)
    if found.config_hash != head.open_round.config_hash:
        # What is under way was made under the old terms and will be refused; that tells more.
        return head
    times = Counter(seat for seats in charged for seat in seats)
    left = [
        seat
        if seat.exempt
        else replace(seat, remaining=seat.remaining - seat.rho * times[seat.seat])
        for seat in found.seats
    ]
    gone = {seat.seat for seat in left if seat.remaining < seat.rho}
    seats = tuple(seat for seat in left if seat.remaining >= seat.rho)
    return replace(
        head, open_round=replace(head.open_round, seats=seats), exhausted=frozenset(gone)
    )


def extends(open_round: OpenRound, head: Head) -> bool:
    """Whether a bundle made for this round continues from a head."""
    own = head.open_round
    return (
        open_round.chain_id == own.chain_id
        and open_round.ledger == own.ledger
        and open_round.federation == own.federation
        and open_round.round == own.round
        and open_round.attempt == own.attempt
        and open_round.parent == own.parent
        and open_round.config_hash == own.config_hash
    )
