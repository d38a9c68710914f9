"""Replies that one node spoils must not end the training of all.

Flower's strategies raise when the MetricRecords of replies do not agree, which ends the run. Here
the odd ones are left out of the averaged metrics instead; whether an update counts is decided
elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from logging import WARNING
from math import isfinite

from flwr.app import Message
from flwr.supercore import log

Shape = tuple[str, tuple[tuple[str, int], ...]]


def with_agreeing_metrics(messages: Sequence[Message], weighted_by_key: str) -> list[Message]:
    """Give those messages whose metrics can be averaged together: the largest group of one form."""
    forms = [(message, _form(message, weighted_by_key)) for message in messages]
    counted = Counter(form for _, form in forms if form is not None)
    if not counted:
        return []
    common = counted.most_common(1)[0][0]
    for message, form in forms:
        if form != common:
            log(
                WARNING,
                "\t> The metrics of node %d are left out of the average: %s",
                message.metadata.src_node_id,
                f"no positive “{weighted_by_key}”" if form is None else "other keys than the rest",
            )
    return [message for message, form in forms if form == common]


def _form(message: Message, weighted_by_key: str) -> Shape | None:
    """Name of the record, its keys, and the length of each list; None when nothing can be made."""
    if message.has_error() or len(message.content.metric_records) != 1:
        return None
    name, record = next(iter(message.content.metric_records.items()))
    weight = record.get(weighted_by_key)
    if isinstance(weight, list) or weight is None or not isfinite(weight) or weight <= 0:
        return None
    keys = sorted((k, len(v) if isinstance(v, list) else -1) for k, v in record.items())
    return name, tuple(keys)
