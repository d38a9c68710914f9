"""What an aggregator is told: by argument, else by run config, else by the environment."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from chongwen_flower.errors import ChongwenError
from chongwen_flower.server.records import Mode

WaitFor = Literal["nothing", "report", "final"]

_MOST_TOKEN = 4096


@dataclass(frozen=True)
class Settings:
    """Where the ledger is and how training gets on with it.

    Parameters
    ----------
    ledger
        ``http://127.0.0.1:4810``, ``https://…``, ``drop:<folder>`` or ``rehearsal:<folder>``.
    federation
        Number on the ledger.
    token_file
        Holds the oracle's bearer token; readable by its owner only.
    mode
        ``ledger``: the integer aggregate is the model. ``shadow``: the app's own aggregation is
        untouched, and the ledger records the same updates beside it.
    spool
        Folder for bundles that are under way.
    wait_for
        What a round waits for before the next begins; ``nothing`` unless asked.
    """

    ledger: str
    federation: int
    token_file: Path | None
    mode: Mode
    spool: Path
    wait_for: WaitFor

    def token(self) -> str | None:
        """Read the token.

        Raises
        ------
        ChongwenError
            ``token-unreadable``, ``token-exposed``
        """
        if self.token_file is None:
            return None
        try:
            mode = self.token_file.stat().st_mode
            with self.token_file.open(encoding="ascii") as file:
                token = file.read(_MOST_TOKEN + 1).strip()
        except (OSError, ValueError) as error:
            raise _token_unreadable(self.token_file) from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ChongwenError(
                "token-exposed",
                f"Others can read the token file {self.token_file}.",
                f"chmod 600 {self.token_file}",
            )
        if not token or len(token) > _MOST_TOKEN or any(c.isspace() for c in token):
            raise _token_unreadable(self.token_file)
        return token


def read_settings(
    given: Mapping[str, Any],
    run_config: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Put settings together.

    Parameters
    ----------
    given
        By the names of `Settings`; None counts as not given.
    run_config
        ``context.run_config``: ``chongwen-ledger``, ``chongwen-federation``, …
    environment
        ``CHONGWEN_LEDGER``, ``CHONGWEN_FEDERATION``, …; the process's own unless given.

    Raises
    ------
    ChongwenError
        ``setting-missing``, ``setting-invalid``
    """
    sources = (
        given,
        {key.removeprefix("chongwen-"): value for key, value in (run_config or {}).items()},
        os.environ if environment is None else environment,
    )

    def read(name: str) -> str | None:
        keys = (name, name.replace("_", "-"), f"CHONGWEN_{name.upper()}")
        for source, key in zip(sources, keys, strict=True):
            value = source.get(key)
            if value is not None and str(value) != "":
                return str(value)
        return None

    ledger = read("ledger")
    if ledger is None:
        raise ChongwenError(
            "setting-missing",
            "Nobody said where the ledger is.",
            'Pass ledger="http://127.0.0.1:4810" or set CHONGWEN_LEDGER; '
            'ledger="rehearsal:./ledger" tries an app without a chain.',
        )
    federation = _federation(read("federation"), ledger)
    token_file = read("token_file")
    mode = _one_of("mode", read("mode") or "ledger", get_args(Mode))
    wait_for = _one_of("wait_for", read("wait_for") or "nothing", get_args(WaitFor))
    spool = read("spool")
    return Settings(
        ledger=ledger,
        federation=federation,
        token_file=None if token_file is None else Path(token_file).expanduser(),
        mode=mode,
        spool=Path(spool).expanduser() if spool else default_spool(ledger, federation),
        wait_for=wait_for,
    )


def default_spool(ledger: str, federation: int) -> Path:
    """Give a folder of its own to each federation of each ledger: a rehearsal's beside it."""
    kind, _, folder = ledger.partition(":")
    if kind == "rehearsal":
        return Path(folder).expanduser() / "spool"
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    name = hashlib.sha256(ledger.encode()).hexdigest()[:12]
    return Path(state) / "chongwen-flower" / f"{name}-federation-{federation}"


def _federation(value: str | None, ledger: str) -> int:
    if value is None and ledger.startswith("rehearsal:"):
        return 1
    if value is None:
        raise ChongwenError(
            "setting-missing",
            "Nobody said which federation this is.",
            "Pass federation=1, or set CHONGWEN_FEDERATION.",
        )
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 2**32:
        raise _invalid("federation", value, "a number from 1")
    return int(value)


def _one_of(name: str, value: str, choices: tuple[Any, ...]) -> Any:  # noqa: ANN401
    if value not in choices:
        raise _invalid(name, value, f"one of {', '.join(choices)}")
    return value


def _invalid(name: str, value: str, wanted: str) -> ChongwenError:
    return ChongwenError(
        "setting-invalid",
        f"The setting {name} is “{value[:100]}”, not {wanted}.",
        f"Correct {name}= of the strategy, chongwen-{name.replace('_', '-')} of the run config, "
        f"or CHONGWEN_{name.upper()}.",
    )


def _token_unreadable(path: Path) -> ChongwenError:
    return ChongwenError(
        "token-unreadable",
        f"{path} holds no token.",
        "Name the file that the oracle wrote its token to.",
    )
