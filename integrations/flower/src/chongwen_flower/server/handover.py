"""How a bundle gets from the aggregator to the oracle, whatever lies between them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, cast, get_args

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import OpenRound

State = Literal["receiving", "waiting", "sealing", "sealed", "reported", "final", "refused"]
STATES: tuple[State, ...] = get_args(State)

STATUS_FORMAT = "chongwen-bundle-status"
MANIFEST = "manifest.json"
MOST_JSON = 8 * 2**20

_DIGEST = re.compile(r"0x[0-9a-f]{64}")


@dataclass(frozen=True)
class Problem:
    """Why the oracle refused a bundle."""

    code: str
    message: str
    fix: str


@dataclass(frozen=True)
class BundleStatus:
    """What the oracle says of a bundle.

    Parameters
    ----------
    digest
        The artefact, as 0x-hex.
    round
        None while the oracle has not read the bundle, or could not.
    report_hash
        What was reported for the round; the bundle's own when `as_handed`.
    as_handed
        Whether exactly this bundle was recorded. None until there is a report.
    """

    digest: str
    state: State
    round: int | None
    report_hash: str | None
    as_handed: bool | None
    problem: Problem | None

    @property
    def recorded(self) -> bool:
        """Whether the ledger has this bundle's report."""
        return self.state in ("reported", "final") and self.as_handed is True

    @property
    def void(self) -> bool:
        """Whether the ledger went another way, so that nothing can extend this bundle."""
        return self.state == "refused" or (
            self.state in ("reported", "final") and self.as_handed is False
        )


class Handover(Protocol):
    """The oracle, seen from the aggregator. Every method may raise `ChongwenError`."""

    @property
    def name(self) -> str:
        """For log lines: where bundles go."""

    def open_round(self) -> OpenRound:
        """Give the round that is open; `round-not-open` (retryable) while one is sealed."""

    def model(self, round_: int, lanes: int) -> NDArray[np.int32]:
        """Return the reported model of a round (0: genesis), which has this many lanes."""

    def deliver(self, digest: str, folder: Path) -> None:
        """Hand over the bundle that lies in a folder. Doing it twice is the same as once."""

    def status(self, digest: str) -> BundleStatus | None:
        """Return what became of a bundle; None when the oracle does not know it."""

    def close(self) -> None:
        """Let go of connections."""


def unreachable(where: str, why: str) -> ChongwenError:
    """Nobody answers; training goes on."""
    return ChongwenError(
        "ledger-unreachable",
        f"{where} does not answer: {why}.",
        "Nothing is lost: bundles wait in the spool and are handed over once it answers.",
        retryable=True,
    )


def nonsense(where: str, why: str) -> ChongwenError:
    """Somebody answers, but not what an oracle would."""
    return ChongwenError(
        "ledger-answer-invalid",
        f"{where} answers what an oracle would not: {why}.",
        "Check that the address is the oracle's and both sides have the same version.",
        retryable=True,
    )


def parse_status(value: object, digest: str, where: str) -> BundleStatus:
    """Read a `chongwen-bundle-status`.

    Raises
    ------
    ChongwenError
        `ledger-answer-invalid`: another format, other types, or about another bundle.
    """
    if not isinstance(value, Mapping):
        raise nonsense(where, "the status is no object")
    fields = cast(Mapping[str, Any], value)
    if fields.get("format") != STATUS_FORMAT or fields.get("version") != 1:
        raise nonsense(where, f"no {STATUS_FORMAT} of version 1")
    if fields.get("bundle") != digest:
        raise nonsense(where, f"asked about {digest}, told about {str(fields.get('bundle'))[:80]}")
    state, round_ = fields.get("state"), fields.get("round")
    report_hash, as_handed = fields.get("reportHash"), fields.get("asHanded")
    if state not in STATES:
        raise nonsense(where, f"unknown state {str(state)[:40]}")
    if round_ is not None and (type(round_) is not int or round_ < 0):
        raise nonsense(where, "the round is no number")
    if report_hash is not None and not is_digest(report_hash):
        raise nonsense(where, "the report hash is none")
    if as_handed is not None and type(as_handed) is not bool:
        raise nonsense(where, "asHanded is neither true, false nor null")
    if state in ("reported", "final") and (as_handed is None or report_hash is None):
        raise nonsense(where, f"a bundle that is {state} says neither what nor whether as handed")
    return BundleStatus(
        digest, cast(State, state), round_, report_hash, as_handed, _problem(fields, where)
    )


def _problem(fields: Mapping[str, Any], where: str) -> Problem | None:
    problem = fields.get("problem")
    if problem is None:
        return None
    if not isinstance(problem, Mapping):
        raise nonsense(where, "the problem is no object")
    parts = [problem.get(key) for key in ("code", "message", "fix")]
    if not all(isinstance(part, str) for part in parts):
        raise nonsense(where, "the problem lacks code, message or fix")
    return Problem(*(str(part)[:1000] for part in parts))


# What says that something is set up wrongly here or there, and nothing against a bundle.
_MISPLACED = frozenset(
    {
        "bundle-foreign",
        "bundle-incomplete",
        "bundle-unknown",
        "federation-not-served",
        "host-refused",
        "nothing-there",
        "origin-refused",
        "request-invalid",
        "token-refused",
    }
)


def is_verdict(error: ChongwenError) -> bool:
    """Whether an oracle that raises this when a bundle is handed over will never take it."""
    return not error.retryable and error.code not in _MISPLACED


def is_digest(value: object) -> bool:
    """Whether a value is 32 bytes as lower-case 0x-hex."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def parse_model(content: bytes, lanes: int, where: str) -> NDArray[np.int32]:
    """Read int32 little-endian lanes; exactly as many as the specification has."""
    if len(content) != 4 * lanes:
        raise nonsense(where, f"a model of {len(content)} bytes instead of {4 * lanes}")
    return np.frombuffer(content, dtype="<i4").astype(np.int32)


def bundle_paths(folder: Path) -> Sequence[str]:
    """Paths of a bundle's files, the manifest first: its byte counts cap the others."""
    paths = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
    return [MANIFEST, *(path for path in paths if path != MANIFEST)]
