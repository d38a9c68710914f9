"""Finds out where training was when the process before ended, however it ended."""

from __future__ import annotations

from dataclasses import dataclass
from logging import INFO, WARNING
from pathlib import Path
from typing import Any, cast

from flwr.supercore import log

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol import canonical_json
from chongwen_flower.protocol.lanes import int32_lanes
from chongwen_flower.protocol.open_round import OpenRound, ParentRound
from chongwen_flower.protocol.outside import MalformedError, bytes32
from chongwen_flower.protocol.structs import Report
from chongwen_flower.protocol.verify_bundle import verify_round_bundle
from chongwen_flower.server.handover import MANIFEST
from chongwen_flower.server.head import Head, after, extends
from chongwen_flower.server.spool import Spool, Spooled

_MOST_MANIFEST = 16 * 2**20


@dataclass(frozen=True)
class Resumed:
    """A state of the aggregator, all of it verified.

    Parameters
    ----------
    ledger
        What the ledger had when it was last heard of.
    head
        What training goes on with: the same, and all bundles that wait on top.
    bundles
        How many bundles that is.
    """

    ledger: Head
    head: Head
    bundles: int


def head_after(bundle: Spooled, base: Head | None = None) -> Head:
    """Predict what follows a bundle that is recorded as handed over.

    Parameters
    ----------
    base
        What it was made for, where that is at hand; else made from the bundle's record.
    """
    return head_after_files(
        bundle.bundle, base or bundle.open_round, bundle.digest, bundle.report_hash
    )


def head_after_files(folder: Path, base: Head | OpenRound, digest: str, report_hash: str) -> Head:
    """As `head_after`, for a bundle that lies in a folder of its own."""
    data = (folder / MANIFEST).read_bytes()
    manifest = cast(dict[str, Any], canonical_json.decode(data, MANIFEST, _MOST_MANIFEST))
    model = int32_lanes((folder / "model.bin").read_bytes())
    head = base if isinstance(base, Head) else Head(base, model)
    parent = ParentRound(
        head.open_round.round,
        bytes32(report_hash, "reportHash"),
        bytes32(digest, "digest"),
        bytes32(manifest["report"]["modelRoot"], "report.modelRoot"),
    )
    return after(head, [entry["seat"] for entry in manifest["entries"]], parent, model)


def resume(spool: Spool) -> Resumed | None:
    """Read the spool; None when nothing in it can be built upon.

    What is torn or tampered with is skipped, with a reason. A pending bundle that does not extend
    a valid state can never be recorded: it goes to ``refused/``.
    """
    for folder in spool.heads.newest_first():
        try:
            found = spool.heads.read(folder)
        except ChongwenError as error:
            log(WARNING, "Ledger: %s %s", error.message, error.fix)
            continue
        ledger, _ = _follow(found, spool.recorded(), None)
        _finish_recording(spool, ledger)
        head, bundles = _follow(ledger, spool.pending(), spool)
        for orphan in spool.pending()[bundles:]:
            _put_aside(spool, orphan, "It does not extend the last valid state.")
        log(
            INFO,
            "Ledger: going on with round %d; %d bundles wait to be recorded.",
            head.open_round.round,
            bundles,
        )
        return Resumed(ledger, head, bundles)
    return None


def verify(bundle: Spooled, base: Head) -> str | None:
    """Check a bundle against the state it was made for; None when everything agrees."""
    if not extends(bundle.open_round, base):
        return "it was made for another state of the ledger"
    try:
        problems = verify_round_bundle(
            bundle.read_files(),
            bundle.open_round,
            base.model,
            artefact=bytes32(bundle.digest, "digest"),
            report_hash=bytes32(bundle.report_hash, "reportHash"),
        )
        if problems:
            return str(problems[0])
        head_after(bundle, base)
    except (OSError, ChongwenError, MalformedError, KeyError, TypeError) as error:
        return str(error)
    return None


def _finish_recording(spool: Spool, ledger: Head) -> None:
    """Do what a crash kept from being done: the head was written, the bundle not yet moved."""
    parent = f"0x{ledger.open_round.parent.report_hash.hex()}"
    for bundle in spool.pending():
        if bundle.report_hash == parent:
            spool.move_to_recorded(bundle)


def _follow(head: Head, bundles: list[Spooled], spool: Spool | None) -> tuple[Head, int]:
    """Go from a state through the bundles that extend it, each verified; stop at the first gap."""
    followed = 0
    for bundle in bundles:
        if not extends(bundle.open_round, head):
            if spool is not None:
                break
            continue
        problem = verify(bundle, head)
        if problem is not None:
            if spool is not None:
                _put_aside(spool, bundle, f"It cannot be built upon: {problem}.")
            else:
                log(WARNING, "Ledger: recorded/%s cannot be built upon: %s.", bundle.name, problem)
            break
        head = head_after(bundle, head)
        followed += 1
    return head, followed


def _put_aside(spool: Spool, bundle: Spooled, why: str) -> None:
    log(WARNING, "Ledger: the bundle of round %d is void. %s", bundle.open_round.round, why)
    fix = "Nothing to do: training goes on from the last valid state. Check the disk."
    spool.refuse(bundle, {"code": "checkpoint-invalid", "message": why, "fix": fix})


def report_hash_of(bundle: Path, digest: str) -> bytes:
    """Compute the report hash of the bundle in a folder, stored under a digest."""
    data = (bundle / MANIFEST).read_bytes()
    manifest = cast(dict[str, Any], canonical_json.decode(data, MANIFEST, _MOST_MANIFEST))
    return Report.from_json({**manifest["report"], "artefact": digest}).hash()
