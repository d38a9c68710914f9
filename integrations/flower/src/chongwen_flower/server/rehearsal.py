"""A ledger in a folder, so that an app can be tried without a chain. Nothing is recorded.

The same interface as the oracle's, played in this process: chain 0, made-up seats of equal weight,
throw-away keys. Bundles are written and verified like real ones.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from logging import WARNING
from pathlib import Path

import numpy as np
from flwr.supercore import log
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.columns import MAX_ENTRIES
from chongwen_flower.protocol.keccak import keccak256
from chongwen_flower.protocol.lanes import int32_lanes, lane_bytes
from chongwen_flower.protocol.model_spec import ModelSpec
from chongwen_flower.protocol.open_round import OpenRound, ParentRound, Seat
from chongwen_flower.protocol.quantise import quantise_model
from chongwen_flower.protocol.signature import address_of
from chongwen_flower.protocol.ssz import model_root
from chongwen_flower.protocol.structs import FederationConfig
from chongwen_flower.protocol.verify_bundle import verify_round_bundle
from chongwen_flower.scale import choose_model_spec
from chongwen_flower.server.durable import move_folder, replace_file, write_folder
from chongwen_flower.server.handover import BundleStatus, Problem, bundle_paths, is_digest
from chongwen_flower.server.head import Head
from chongwen_flower.server.resume import head_after_files, report_hash_of
from chongwen_flower.tensors import Arrays, Buffers, flatten

CHAIN_ID = 0
LEDGER = "0x" + "00" * 20
WEIGHT = 100
MIN_CONTRIBUTORS = 2
_STATE = "state.json"


class Rehearsal:
    """Plays the oracle and the chain.

    Parameters
    ----------
    folder
        Its own; made by `create`.
    """

    def __init__(self, folder: Path) -> None:
        self.name = f"the rehearsal in {folder}"
        self._folder = folder
        self._seed = _seed(folder)
        self._nodes: dict[int, int] = {}
        log(WARNING, "REHEARSAL in %s: nothing is recorded on any ledger.", folder)

    @classmethod
    def create(
        cls,
        folder: Path,
        arrays: Arrays,
        *,
        rule_id: int = 1,
        rule_param: int = 0,
        buffers: Buffers | None = None,
        largest_change: float | None = None,
    ) -> Rehearsal:
        """Open a rehearsal, or begin one with a federation made for these initial arrays."""
        folder.mkdir(parents=True, exist_ok=True)
        played = cls(folder)
        if not (folder / _STATE).exists():
            spec = choose_model_spec(arrays, buffers=buffers, largest_change=largest_change)
            flat = flatten(spec, arrays, buffers or {})
            played._begin(spec, quantise_model(spec, flat).values, rule_id, rule_param)
        return played

    def open_round(self) -> OpenRound:
        """See `Handover`."""
        return replace(self._state()[0], seats=self._seats(len(self._nodes)))

    def model(self, round_: int, lanes: int) -> NDArray[np.int32]:
        """See `Handover`."""
        model = int32_lanes((self._folder / f"model-{round_}.bin").read_bytes())
        if model.size != lanes:
            raise _torn(self._folder, f"a model has {model.size} lanes instead of {lanes}")
        return model

    def deliver(self, digest: str, folder: Path) -> None:
        """See `Handover`."""
        kept = self._bundle(digest)
        if kept.exists():
            return
        part = self._folder / "part"
        shutil.rmtree(part, ignore_errors=True)
        write_folder(part, {path: (folder / path).read_bytes() for path in bundle_paths(folder)})
        move_folder(part, kept)

    def status(self, digest: str) -> BundleStatus | None:
        """See `Handover`. A bundle is verified when it is asked about, and final at once."""
        kept = self._bundle(digest)
        if not kept.exists():
            return None
        opened, recorded = self._state()
        if digest in recorded:
            round_, report_hash = recorded[digest]
            return BundleStatus(digest, "final", round_, report_hash, True, None)
        files = {path: (kept / path).read_bytes() for path in bundle_paths(kept)}
        problems = self._problems(digest, files, replace(opened, seats=self._seats(MAX_ENTRIES)))
        if problems:
            problem = Problem("round-mismatch", problems[0], "Read what it was built from.")
            return BundleStatus(digest, "refused", opened.round, None, None, problem)
        return self._record(digest, kept, opened, recorded)

    def close(self) -> None:
        """See `Handover`."""

    def seat_nodes(self, nodes: Iterable[int]) -> dict[int, bytes]:
        """Give a key to every node; nodes keep their seats for as long as the run lasts."""
        for node in sorted(nodes):
            if node not in self._nodes and len(self._nodes) < MAX_ENTRIES:
                self._nodes[node] = len(self._nodes)
        return {node: self.key(seat) for node, seat in self._nodes.items()}

    def with_seats(self, head: Head) -> Head:
        """Give a head the seats that there are now."""
        seats = self._seats(len(self._nodes))
        return replace(head, open_round=replace(head.open_round, seats=seats))

    def key(self, seat: int) -> bytes:
        """Derive the throw-away key of a seat. It is worth nothing, and signs for chain 0 only."""
        return keccak256(b"chongwen-rehearsal-key" + self._seed + seat.to_bytes(4, "big"))

    def _seats(self, count: int) -> tuple[Seat, ...]:
        return tuple(
            Seat(seat, _address(self.key(seat)), WEIGHT, 0, True, 0) for seat in range(count)
        )

    def _problems(self, digest: str, files: dict[str, bytes], opened: OpenRound) -> list[str]:
        try:
            artefact = bytes.fromhex(digest[2:])
            base = self._base(opened)
            found = verify_round_bundle(files, opened, base, artefact=artefact)
            return [str(each) for each in found]
        except ChongwenError as error:
            return [error.message]

    def _bundle(self, digest: str) -> Path:
        if not is_digest(digest):
            raise ValueError(digest)
        return self._folder / "bundles" / digest

    def _base(self, opened: OpenRound) -> NDArray[np.int32]:
        return self.model(opened.parent.round, opened.model_spec.parameter_count)

    def _record(
        self, digest: str, kept: Path, opened: OpenRound, recorded: dict[str, tuple[int, str]]
    ) -> BundleStatus:
        report_hash = f"0x{report_hash_of(kept, digest).hex()}"
        following = head_after_files(kept, opened, digest, report_hash)
        model = self._folder / f"model-{opened.round}.bin"
        replace_file(model, bytes(lane_bytes(following.model)))
        recorded[digest] = (opened.round, report_hash)
        self._write(following.open_round, recorded)
        return BundleStatus(digest, "final", opened.round, report_hash, True, None)

    def _begin(
        self, spec: ModelSpec, model: NDArray[np.int32], rule_id: int, rule_param: int
    ) -> None:
        replace_file(self._folder / "model-0.bin", bytes(lane_bytes(model)))
        genesis = ParentRound(0, keccak256(self._seed), bytes(32), model_root(model))
        config = made_up_config(spec, rule_id, rule_param)
        self._write(OpenRound(CHAIN_ID, LEDGER, 1, 1, 0, genesis, config, spec, ()), {})

    def _state(self) -> tuple[OpenRound, dict[str, tuple[int, str]]]:
        try:
            state = json.loads((self._folder / _STATE).read_bytes())
            recorded = {key: (int(at), str(said)) for key, (at, said) in state["recorded"].items()}
            return OpenRound.from_json(state["openRound"]), recorded
        except (OSError, ValueError, KeyError, TypeError, ChongwenError) as error:
            raise _torn(self._folder, f"its {_STATE} is unreadable ({error})") from error

    def _write(self, opened: OpenRound, recorded: dict[str, tuple[int, str]]) -> None:
        # One file, so that what is open and what is recorded never contradict each other.
        state = {"openRound": replace(opened, seats=()).to_json(), "recorded": recorded}
        replace_file(self._folder / _STATE, json.dumps(state).encode())


def made_up_config(spec: ModelSpec, rule_id: int, rule_param: int) -> FederationConfig:
    """Make the configuration of a federation that pays nothing and charges nothing."""
    return FederationConfig(
        rule_id=rule_id,
        rule_param=rule_param,
        scoring_id=1,
        privacy_mode=0,
        element_width=2,
        has_base=True,
        depth=spec.depth,
        model_spec_root=spec.root(),
        terms_hash=bytes(32),
        records_per_weight=1,
        max_seats=MAX_ENTRIES,
        min_contributors=MIN_CONTRIBUTORS,
        max_excluded_bps=0,
        rho_per_round=0,
        norm_sq_bound=0,
        force_window=0,
        report_window=3600,
        challenge_window=3600,
        max_attempts=1,
        settle_every=1,
        pool_per_round=0,
        finality=0,
        approval_window=0,
    )


@lru_cache(maxsize=MAX_ENTRIES)
def _address(key: bytes) -> str:
    return address_of(key)


def _seed(folder: Path) -> bytes:
    path = folder / "seed"
    if not path.exists():
        replace_file(path, secrets.token_bytes(32))
        path.chmod(0o600)
    seed = path.read_bytes()
    if len(seed) != 32:
        raise _torn(folder, f"its seed has {len(seed)} bytes")
    return seed


def _torn(folder: Path, why: str) -> ChongwenError:
    return ChongwenError(
        "rehearsal-torn",
        f"The rehearsal in {folder} cannot be used: {why}.",
        "Delete the folder to begin a new rehearsal.",
    )
