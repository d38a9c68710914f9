"""From the address of a ledger to what speaks with it."""

from __future__ import annotations

from pathlib import Path

from chongwen_flower.errors import ChongwenError
from chongwen_flower.server.drop_handover import DropHandover
from chongwen_flower.server.handover import Handover
from chongwen_flower.server.http_handover import HttpHandover
from chongwen_flower.server.rehearsal import Rehearsal
from chongwen_flower.server.settings import Settings
from chongwen_flower.tensors import Arrays, Buffers


def connect(
    settings: Settings,
    arrays: Arrays,
    buffers: Buffers,
    *,
    rule_id: int,
    rule_param: int,
    largest_change: float | None,
) -> Handover:
    """Make the hand-over that the settings name.

    Parameters
    ----------
    arrays, buffers, rule_id, rule_param, largest_change
        What a rehearsal makes its federation from; without meaning elsewhere.

    Raises
    ------
    ChongwenError
        ``ledger-address``, ``ledger-insecure``, and those of the token file.
    """
    kind, _, rest = settings.ledger.partition(":")
    if kind in ("drop", "rehearsal") and not rest:
        raise ChongwenError(
            "ledger-address",
            f"“{settings.ledger}” names no folder.",
            f"Give {kind}:<folder>.",
        )
    if kind == "drop":
        return DropHandover(Path(rest).expanduser())
    if kind == "rehearsal":
        return Rehearsal.create(
            Path(rest).expanduser(),
            arrays,
            rule_id=rule_id,
            rule_param=rule_param,
            buffers=buffers,
            largest_change=largest_change,
        )
    return HttpHandover(settings.ledger, settings.federation, settings.token())
