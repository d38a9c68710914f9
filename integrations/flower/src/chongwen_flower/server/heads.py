"""What was last known to be the ledger's: where training begins again after a crash."""

from __future__ import annotations

import shutil
from pathlib import Path

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol import canonical_json
from chongwen_flower.protocol.lanes import int32_lanes, lane_bytes
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.ssz import model_root
from chongwen_flower.server.durable import move_folder, reached, write_folder
from chongwen_flower.server.head import Head

MOST_RECORD = 64 * 2**20
KEPT_HEADS = 3


class Heads:
    """The last few states of the ledger, numbered.

    Parameters
    ----------
    folder
        Holds ``<number>/open-round.json`` and ``<number>/model.bin``.
    part
        Where they are written before they appear.
    """

    def __init__(self, folder: Path, part: Path) -> None:
        self._folder = folder
        self._part = part

    def newest_first(self) -> list[Path]:
        """Give the folders of the states."""
        return sorted(self._folder.iterdir(), reverse=True)

    def read(self, folder: Path) -> Head:
        """Read a state and check its model.

        Raises
        ------
        ChongwenError
            ``checkpoint-invalid``
        """
        try:
            open_round = OpenRound.decode((folder / "open-round.json").read_bytes())
            data = (folder / "model.bin").read_bytes()
        except (OSError, ChongwenError) as error:
            raise checkpoint_invalid(folder, str(error)) from error
        if len(data) != 4 * open_round.model_spec.parameter_count:
            raise checkpoint_invalid(folder, f"model.bin has {len(data)} bytes")
        model = int32_lanes(data)
        if model_root(model) != open_round.parent.model_root:
            raise checkpoint_invalid(folder, "model.bin is not what the open round extends")
        return Head(open_round, model)

    def write(self, head: Head) -> None:
        """Keep what the ledger now has, and forget all but the last few."""
        known = self.newest_first()
        number = int(known[0].name) + 1 if known else 1
        part = self._part / f"head-{number}"
        shutil.rmtree(part, ignore_errors=True)
        write_folder(
            part,
            {
                "open-round.json": canonical_json.encode(head.open_round.to_json()),
                "model.bin": bytes(lane_bytes(head.model)),
            },
        )
        reached("head written")
        move_folder(part, self._folder / f"{number:08d}")
        reached("head in place")
        for old in known[KEPT_HEADS - 1 :]:
            shutil.rmtree(old, ignore_errors=True)


def checkpoint_invalid(folder: Path, why: str) -> ChongwenError:
    """Say that a folder of the spool cannot be built upon."""
    return ChongwenError(
        "checkpoint-invalid",
        f"{folder.parent.name}/{folder.name} in the spool cannot be used: {why}.",
        "Nothing to do: an older state is used. If it happens again, check the disk.",
    )
