"""Claims of the round that is under way, on disk: signed once, and not to be had again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from logging import INFO, WARNING
from pathlib import Path
from typing import Any

from flwr.supercore import log

from chongwen_flower.protocol.lanes import int16_lanes, lane_bytes
from chongwen_flower.server.durable import reached, replace_file
from chongwen_flower.server.head import Head
from chongwen_flower.server.judge import judge
from chongwen_flower.server.records import Claim

_MOST_HEADER = 2**20


class HeldClaims:
    """A file a claim: one line of JSON, then the lanes.

    Nothing in here is believed: what is read is judged like what a node has just sent.

    Parameters
    ----------
    folder
        Made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        # Valid claims of a round that had too few, or that a crash interrupted.
        self.by_seat: dict[int, Claim] = {}
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, claim: Claim) -> None:
        """Write a claim; a full disk costs the safety of it, not the round."""
        content = json.dumps(_header(claim)).encode() + b"\n" + bytes(lane_bytes(claim.lanes))
        try:
            replace_file(self._folder / f"{claim.seat}-{claim.node}", content)
        except OSError as error:
            log(WARNING, "Ledger: the update of seat %d cannot be kept: %s", claim.seat, error)
        reached("claim kept")

    def read(self) -> list[Claim]:
        """Read what is there; what is torn is left out."""
        return [claim for claim in map(_read, sorted(self._folder.iterdir())) if claim is not None]

    def take_up(self, head: Head) -> None:
        """After a crash: what had arrived for the round that was under way still counts."""
        lanes = head.open_round.model_spec.parameter_count
        self.hold(judge(head, (each for each in self.read() if each.lanes.size == lanes)).claims)
        if self.by_seat:
            number, came = head.open_round.round, len(self.by_seat)
            log(INFO, "Ledger: %d updates of round %d came before the restart.", came, number)

    def hold(self, claims: Iterable[Claim]) -> None:
        """Hold valid claims for the next try of the same round."""
        self.by_seat = {claim.seat: claim for claim in claims}

    def clear(self) -> None:
        """Forget: the round is in the spool, or will never be."""
        self.by_seat.clear()
        for path in self._folder.iterdir():
            path.unlink(missing_ok=True)


def _header(claim: Claim) -> dict[str, Any]:
    return {
        "node": claim.node,
        "seat": claim.seat,
        "updateRoot": claim.update_root.hex(),
        "normSq": claim.norm_sq,
        "normTraceRoot": claim.norm_trace_root.hex(),
        "rho": claim.rho,
        "signature": claim.signature.hex(),
        "saturated": claim.saturated,
        "zeroed": claim.zeroed,
        "times": dict(claim.times),
    }


def _read(path: Path) -> Claim | None:
    try:
        line, _, lanes = path.read_bytes().partition(b"\n")
        fields = json.loads(line[:_MOST_HEADER])
        return Claim(
            node=int(fields["node"]),
            seat=int(fields["seat"]),
            update_root=bytes.fromhex(fields["updateRoot"]),
            norm_sq=int(fields["normSq"]),
            norm_trace_root=bytes.fromhex(fields["normTraceRoot"]),
            rho=int(fields["rho"]),
            signature=bytes.fromhex(fields["signature"]),
            lanes=int16_lanes(lanes),
            saturated=tuple(map(int, fields["saturated"])),
            zeroed=tuple(map(int, fields["zeroed"])),
            times={name: int(fields["times"][name]) for name in ("train", "commit", "sign")},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
