"""Has an update signed; or, where the site signed another one for this round, that one again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from logging import WARNING
from pathlib import Path

from flwr.supercore import log

from chongwen_flower.client.memory import Memory
from chongwen_flower.client.site import SignerRefusedError, Site
from chongwen_flower.client.update import Update, commit
from chongwen_flower.protocol.commitment import Commitment
from chongwen_flower.protocol.open_round import OpenRound, Seat

EQUIVOCATION = "equivocation"


@dataclass(frozen=True)
class Unsigned:
    """An update of a seat for a round."""

    opened: OpenRound
    seat: Seat
    update: Update
    commitment: Commitment


@dataclass(frozen=True)
class Signed:
    """What goes out."""

    update: Update
    commitment: Commitment
    signature: bytes


def sign(site: Site, memory: Memory | None, asked: Unsigned) -> Signed:
    """Have the update signed.

    Parameters
    ----------
    memory
        What the site may have sent before; None in a rehearsal, where nobody refuses a second.

    Raises
    ------
    ChongwenError
        What the signer refuses.
    """
    kept = None if memory is None else _keep(memory, asked)
    try:
        return _signed(site, asked)
    except SignerRefusedError as refusal:
        if memory is None or kept is None:
            raise
        # Refused for good, so it was never sent.
        kept.unlink(missing_ok=True)
        if refusal.code != EQUIVOCATION:
            raise
        earlier = next(_again(site, memory, asked, kept), None)
        if earlier is None:
            raise
        return earlier


def _again(site: Site, memory: Memory, asked: Unsigned, but: Path) -> Iterator[Signed]:
    for update in memory.earlier(asked.opened, asked.seat, but):
        commitment = commit(asked.opened, update.lanes)
        try:
            signed = _signed(site, replace(asked, update=update, commitment=commitment))
        except SignerRefusedError:
            continue
        log(
            WARNING,
            "Ledger: this site answered round %d before, and it is not settled yet: the update "
            "that was signed then goes out again, not the one just made.",
            asked.opened.round,
        )
        yield signed


def _signed(site: Site, asked: Unsigned) -> Signed:
    signature = site.sign(asked.opened, asked.seat, asked.commitment)
    return Signed(asked.update, asked.commitment, signature)


def _keep(memory: Memory, asked: Unsigned) -> Path | None:
    """Write it down first; a site whose disk is full still takes part."""
    try:
        return memory.keep(asked.opened, asked.seat, asked.update, asked.commitment)
    except OSError as failure:
        log(
            WARNING,
            "Ledger: the update could not be kept in %s (%s). Should this round be asked for "
            "again, this site cannot answer it.",
            memory.folder,
            failure.strerror or failure,
        )
        return None
