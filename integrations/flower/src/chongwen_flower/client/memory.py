"""The updates that were signed last, kept at the site for a while.

A signer signs one update a round and parent. When a round is asked for again, because a reply was
lost, too few sites answered or the server fell over, training gives another update (its order, its
noise), which the signer rightly refuses. The one that it signed is then sent once more; without
it a federation whose round failed once could never settle that round. A few rounds are kept: the
aggregator goes back to an earlier one when the oracle refuses its bundle.

Kept in files and not in Flower's state, which ends with the run. What lies here is what was sent:
with its noise where there is any.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chongwen_flower.client.update import LANE, Update
from chongwen_flower.protocol.commitment import Commitment
from chongwen_flower.protocol.open_round import OpenRound, Seat

MEMORY_KEY = "chongwen-memory"
MOST_KEPT = 4


@dataclass(frozen=True)
class Memory:
    """What a seat of a federation may have sent.

    Parameters
    ----------
    folder
        Where; made when it is needed, readable by its owner only.
    """

    folder: Path

    @classmethod
    def of_node(cls, node_config: Mapping[str, Any]) -> Memory:
        """Take the folder from the node's configuration, else one below Flower's own."""
        given = node_config.get(MEMORY_KEY)
        home = os.environ.get("FLWR_HOME") or Path.home() / ".flwr"
        return cls(Path(given) if isinstance(given, str) and given else Path(home) / "chongwen")

    def keep(self, opened: OpenRound, seat: Seat, update: Update, commitment: Commitment) -> Path:
        """Write an update down before it is signed, so that no crash in between loses it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{_prefix(opened, seat)}{commitment.update_root.hex()[:16]}"
        header = {
            "statement": _statement(opened),
            "saturated": update.saturated,
            "zeroed": update.zeroed,
        }
        part = path.with_name(f"part-{os.getpid()}-{path.name}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(json.dumps(header).encode() + b"\n")
            file.write(update.lanes.astype(LANE, copy=False).tobytes())
        part.replace(path)
        # The new one may yet be refused, and an old one be what has to go out again.
        for old in [kept for kept in self._files(opened, seat) if kept != path][MOST_KEPT:]:
            old.unlink(missing_ok=True)
        return path

    def earlier(self, opened: OpenRound, seat: Seat, but: Path) -> Iterator[Update]:
        """Give the other updates that were written down for exactly this round, newest first."""
        for path in self._files(opened, seat):
            update = None if path == but else _read(path, opened)
            if update is not None:
                yield update

    def _files(self, opened: OpenRound, seat: Seat) -> list[Path]:
        found = self.folder.glob(f"{_prefix(opened, seat)}*")
        return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _prefix(opened: OpenRound, seat: Seat) -> str:
    return f"{opened.chain_id}-{opened.ledger}-{opened.federation}-{seat.seat}-"


def _statement(opened: OpenRound) -> list[str]:
    """Say what a signature is for; the signer tells rounds apart by the same."""
    return [str(opened.round), opened.parent.report_hash.hex(), opened.config_hash.hex()]


def _read(path: Path, opened: OpenRound) -> Update | None:
    """Read an update; None where it is for another round, torn, or none at all."""
    try:
        first, _, data = path.read_bytes().partition(b"\n")
        header = json.loads(first)
        counts = [tuple(int(count) for count in header[key]) for key in ("saturated", "zeroed")]
        fits = header["statement"] == _statement(opened)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    spec = opened.model_spec
    if not fits or len(data) != 2 * spec.parameter_count:
        return None
    if any(len(found) != len(spec.tensors) for found in counts):
        return None
    return Update(np.frombuffer(data, LANE).astype(np.int16), counts[0], counts[1])
