"""An oracle in memory that verifies what it is given and records it at once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.verify_bundle import verify_round_bundle
from chongwen_flower.server.handover import BundleStatus, Problem, bundle_paths
from chongwen_flower.server.head import Head
from chongwen_flower.server.resume import head_after_files, report_hash_of


class MadeUpOracle:
    """An oracle in memory that verifies and records at once; faults are put in by tests."""

    name = "a made-up oracle"

    def __init__(self, head: Head, folder: Path) -> None:
        self.head = head
        self.models = {0: head.model}
        self.folder = folder
        self.delivered: dict[str, dict[str, bytes]] = {}
        self.order: list[int] = []
        self.recorded: dict[str, tuple[int, str]] = {}
        self.refuse: dict[int, Problem] = {}
        self.otherwise: set[int] = set()
        self.down = False

    def _up(self) -> None:
        if self.down:
            raise ChongwenError("ledger-unreachable", "Down.", "Wait.", retryable=True)

    def open_round(self) -> OpenRound:
        self._up()
        return self.head.open_round

    def model(self, round_: int, lanes: int) -> np.ndarray:
        self._up()
        assert self.models[round_].size == lanes
        return self.models[round_]

    def deliver(self, digest: str, folder: Path) -> None:
        self._up()
        if digest in self.delivered:
            return
        self.delivered[digest] = {
            path: (folder / path).read_bytes() for path in bundle_paths(folder)
        }

    def status(self, digest: str) -> BundleStatus | None:
        self._up()
        files = self.delivered.get(digest)
        if files is None:
            return None
        if digest in self.recorded:
            round_, report_hash = self.recorded[digest]
            return BundleStatus(digest, "final", round_, report_hash, True, None)
        number = self.head.open_round.round
        of = json.loads(files["manifest.json"])["round"]
        if of > number:
            return BundleStatus(digest, "waiting", of, None, None, None)
        if number in self.refuse:
            return BundleStatus(digest, "refused", number, None, None, self.refuse[number])
        if number in self.otherwise:
            return BundleStatus(digest, "reported", number, "0x" + "99" * 32, False, None)
        problems = verify_round_bundle(files, self.head.open_round, self.head.model)
        assert problems == [], problems
        kept = self.folder / digest
        for path, content in files.items():
            (kept / path).parent.mkdir(parents=True, exist_ok=True)
            (kept / path).write_bytes(content)
        report_hash = f"0x{report_hash_of(kept, digest).hex()}"
        self.head = head_after_files(kept, self.head, digest, report_hash)
        self.models[number] = self.head.model
        self.recorded[digest] = (number, report_hash)
        self.order.append(number)
        return BundleStatus(digest, "final", number, report_hash, True, None)

    def close(self) -> None:
        pass
