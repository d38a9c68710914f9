"""Hand-over through a folder that aggregator and oracle share: for machines without a connection.

The aggregator writes ``incoming/``, the oracle ``outgoing/``. Everything appears by a rename, so
that neither ever reads half a file.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.canonical_json import parse
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.server.durable import copy_folder, sync_folder
from chongwen_flower.server.handover import (
    MOST_JSON,
    BundleStatus,
    bundle_paths,
    nonsense,
    parse_model,
    parse_status,
    unreachable,
)


class DropHandover:
    """The oracle behind a folder.

    Parameters
    ----------
    folder
        Shared with the oracle; ``incoming/`` is made when the first bundle is handed over.
    """

    def __init__(self, folder: Path) -> None:
        self.name = f"the folder {folder}"
        self._incoming = folder / "incoming"
        self._outgoing = folder / "outgoing"

    def open_round(self) -> OpenRound:
        """See `Handover`."""
        content = self._read("round.json", MOST_JSON)
        if content is None and self._outgoing.exists():
            # So an oracle says it: a round is sealed and waits for its report.
            raise ChongwenError(
                "round-not-open",
                f"{self.name} names no open round.",
                "Nothing to do: the next one opens when the round that is sealed is reported.",
                retryable=True,
            )
        if content is None:
            raise unreachable(self.name, "no oracle has written to it")
        try:
            return OpenRound.from_json(self._json(content))
        except ChongwenError as error:
            raise nonsense(self.name, f"round.json is no open round: {error.message}") from error

    def model(self, round_: int, lanes: int) -> NDArray[np.int32]:
        """See `Handover`."""
        content = self._read(f"model-{round_}.bin", 4 * lanes)
        if content is None:
            raise unreachable(self.name, f"the oracle has written no outgoing/model-{round_}.bin")
        return parse_model(content, lanes, self.name)

    def deliver(self, digest: str, folder: Path) -> None:
        """See `Handover`."""
        final = self._incoming / digest
        if final.exists() or self._read(f"{digest}.json", MOST_JSON) is not None:
            return
        part = self._incoming / f"{digest}.part"
        try:
            shutil.rmtree(part, ignore_errors=True)
            copy_folder(folder, part, bundle_paths(folder))
            part.rename(final)
            sync_folder(self._incoming)
        except OSError as error:
            raise unreachable(self.name, f"writing fails: {error}") from error

    def status(self, digest: str) -> BundleStatus | None:
        """See `Handover`."""
        content = self._read(f"{digest}.json", MOST_JSON)
        if content is not None:
            return parse_status(self._json(content), digest, self.name)
        if (self._incoming / digest).exists():
            return BundleStatus(digest, "receiving", None, None, None, None)
        return None

    def close(self) -> None:
        """See `Handover`."""

    def _read(self, name: str, most: int) -> bytes | None:
        try:
            with (self._outgoing / name).open("rb") as file:
                content = file.read(most + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreachable(self.name, f"reading fails: {error}") from error
        if len(content) > most:
            raise nonsense(self.name, f"{name} has more than {most} bytes")
        return content

    def _json(self, content: bytes) -> object:
        try:
            return parse(content)
        except ValueError as error:
            raise nonsense(self.name, "no JSON") from error
