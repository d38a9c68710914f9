"""Bundles on disk: written before they are handed over, kept until the ledger has them.

::

    heads/<number>/          open-round.json, model.bin: what was last known to be the ledger's
    pending/<name>/          bundle/…, record.json: to be handed over, in the order of the names
    recorded/<name>/         the ledger has it
    refused/<name>/          it never will; reason.json says why
    exclusions.jsonl         replies that did not count
    ledger-summary.json      the rounds at a glance

A folder appears by one rename. Whatever a crash leaves half-done lies in ``part/`` and is removed.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from logging import WARNING
from pathlib import Path
from threading import RLock
from typing import Any, cast

from flwr.supercore import log

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol import canonical_json
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.server.durable import (
    move_folder,
    reached,
    replace_file,
    write_folder,
)
from chongwen_flower.server.head import Head
from chongwen_flower.server.heads import KEPT_HEADS, MOST_RECORD, Heads, checkpoint_invalid

RECORD_FORMAT = "chongwen-spooled"


@dataclass(frozen=True)
class Spooled:
    """A bundle in the spool.

    Parameters
    ----------
    name
        Round, attempt and digest; sorts in the order of rounds.
    digest, report_hash
        0x-hex.
    open_round
        What it was made for.
    nodes
        Which node had which seat.
    folder
        Holds ``bundle/`` and ``record.json``.
    """

    name: str
    digest: str
    report_hash: str
    open_round: OpenRound
    nodes: Mapping[int, int]
    folder: Path

    @property
    def bundle(self) -> Path:
        """The bundle's own files and nothing else."""
        return self.folder / "bundle"

    def read_files(self) -> dict[str, bytes]:
        """Read the bundle's files, whatever they are."""
        return {
            path.relative_to(self.bundle).as_posix(): path.read_bytes()
            for path in self.bundle.rglob("*")
            if path.is_file()
        }


class Spool:
    """One aggregator's spool for one federation.

    Parameters
    ----------
    folder
        Made when it is not there.
    keep
        Recorded bundles that are kept; the oracle has them all.

    Raises
    ------
    ChongwenError
        ``spool-busy``: another process uses it.
    """

    def __init__(self, folder: Path, keep: int = 10) -> None:
        self.folder = folder
        self._mutex = RLock()
        self._keep = max(keep, KEPT_HEADS)
        for name in ("heads", "pending", "recorded", "refused"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise ChongwenError(
                "spool-busy",
                f"Another process uses the spool {folder}.",
                "Wait until that run has ended, or give this one a spool of its own.",
                retryable=True,
            ) from error
        shutil.rmtree(folder / "part", ignore_errors=True)
        (folder / "part").mkdir()
        self.heads = Heads(folder / "heads", folder / "part")

    def close(self) -> None:
        """Let another process have it."""
        self._lock.close()

    def add(
        self,
        open_round: OpenRound,
        files: Mapping[str, bytes],
        digest: str,
        report_hash: str,
        nodes: Mapping[int, int],
    ) -> Spooled:
        """Write a bundle. On return it survives a crash."""
        name = f"{open_round.round:010d}-{open_round.attempt:03d}-{digest[2:14]}"
        part = self.folder / "part" / name
        shutil.rmtree(part, ignore_errors=True)
        record = canonical_json.encode(
            {
                "format": RECORD_FORMAT,
                "version": 1,
                "digest": digest,
                "reportHash": report_hash,
                "openRound": open_round.to_json(),
                "nodes": {str(seat): str(node) for seat, node in nodes.items()},
            }
        )
        reached("spool begins")
        inside = {f"bundle/{path}": content for path, content in files.items()}
        write_folder(part, {**inside, "record.json": record})
        reached("spool written")
        target = self.folder / "pending" / name
        move_folder(part, target)
        reached("spool in place")
        return Spooled(name, digest, report_hash, open_round, dict(nodes), target)

    def pending(self) -> list[Spooled]:
        """Bundles that wait, in the order of their rounds. Unreadable ones go to ``refused/``."""
        with self._mutex:
            return self._read_all("pending")

    def recorded(self) -> list[Spooled]:
        """Give the recorded bundles that are still here."""
        with self._mutex:
            return self._read_all("recorded")

    def has_pending(self) -> bool:
        """Whether any bundle waits."""
        return any((self.folder / "pending").iterdir())

    def record(self, bundle: Spooled, head: Head) -> Spooled:
        """Note that the ledger has a bundle: what follows it is the new head."""
        with self._mutex:
            return self._record(bundle, head)

    def _record(self, bundle: Spooled, head: Head) -> Spooled:
        self.heads.write(head)
        return self.move_to_recorded(bundle)

    def move_to_recorded(self, bundle: Spooled) -> Spooled:
        """Put a bundle where recorded ones lie; the oldest of them are forgotten."""
        target = self.folder / "recorded" / bundle.name
        move_folder(bundle.folder, target)
        reached("recorded")
        names = sorted(path.name for path in (self.folder / "recorded").iterdir())
        for name in names[: -self._keep]:
            shutil.rmtree(self.folder / "recorded" / name, ignore_errors=True)
        return replace(bundle, folder=target)

    def refuse(self, bundle: Spooled, reason: Mapping[str, str]) -> None:
        """Put a bundle aside that the ledger will never have, with the reason."""
        with self._mutex:
            self._set_aside(bundle.folder, reason)

    def _set_aside(self, folder: Path, reason: Mapping[str, str]) -> None:
        replace_file(folder / "reason.json", json.dumps(dict(reason), indent=2).encode())
        reached("reason written")
        move_folder(folder, self.folder / "refused" / folder.name)
        reached("refused")

    def _read_all(self, kind: str) -> list[Spooled]:
        found = []
        for folder in sorted((self.folder / kind).iterdir()):
            try:
                found.append(_read_record(folder))
            except ChongwenError as error:
                log(WARNING, "Ledger: %s %s", error.message, error.fix)
                reason = {"code": error.code, "message": error.message, "fix": error.fix}
                self._set_aside(folder, reason)
        return found


def _read_record(folder: Path) -> Spooled:
    try:
        data = (folder / "record.json").read_bytes()
        record = cast(dict[str, Any], canonical_json.decode(data, "record.json", MOST_RECORD))
        if record["format"] != RECORD_FORMAT or record["version"] != 1:
            raise checkpoint_invalid(folder, "record.json is of another format")
        open_round = OpenRound.from_json(record["openRound"])
        nodes = {int(seat): int(node) for seat, node in record["nodes"].items()}
        digest, report_hash = str(record["digest"]), str(record["reportHash"])
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise checkpoint_invalid(
            folder, f"record.json is unreadable ({type(error).__name__})"
        ) from error
    return Spooled(folder.name, digest, report_hash, open_round, nodes, folder)
