"""What the parts of a verification share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chongwen_flower.protocol.bundle_files import FileEntry
from chongwen_flower.protocol.checks import Checks
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.round_manifest import RoundManifest


@dataclass(frozen=True, slots=True)
class VerifyContext:
    """A verification under way.

    Parameters
    ----------
    checks
        Collects what is wrong.
    files
        The bundle.
    usable
        Of its list, what is wanted and there.
    manifest
        What the bundle says.
    open_round
        What the ledger says.
    """

    checks: Checks
    files: Mapping[str, bytes]
    usable: Mapping[str, FileEntry]
    manifest: RoundManifest
    open_round: OpenRound
