"""The signer's own directory: which file is where, and how its parts come to be."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer.files import require_home
from chongwen_flower.signer.journal import Journal
from chongwen_flower.signer.policy import Policy
from chongwen_flower.signer.policy_json import load_policy, save_policy


@dataclass(frozen=True)
class Home:
    """A directory that only the signer's user can enter.

    Attributes
    ----------
    path
        Where it is.
    """

    path: Path

    @property
    def keystore(self) -> Path:
        """The key, encrypted."""
        return self.path / "keystore.json"

    @property
    def policy(self) -> Path:
        """What is allowed."""
        return self.path / "policy.json"

    @property
    def journal(self) -> Path:
        """What was signed, spent, refused."""
        return self.path / "journal.sqlite"

    @property
    def socket(self) -> Path:
        """Where the signer listens unless told otherwise."""
        return self.path / "signer.sock"

    def make(self) -> None:
        """Make the directory, or require that it is as it should be."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_home(self.path)

    def read_policy(self) -> Policy:
        """Read the policy; `ChongwenError` ``nothing-approved`` when there is none yet."""
        if not self.policy.exists():
            raise ChongwenError(
                "nothing-approved",
                f"Nothing is approved in {self.path}.",
                "Begin with: chongwen-signer approve-federation FILE --dataset NAME.",
            )
        return load_policy(self.policy)

    def open_journal(self) -> Journal:
        """Open the journal that the policy counts by."""
        return Journal(self.journal, self.read_policy().journal)

    @contextmanager
    def editing(self) -> Iterator[tuple[Policy, Journal]]:
        """Hold the policy for a change; begin one, and a journal, where there is none yet.

        A policy that was removed on purpose is begun anew over the journal that is there, so that
        what was spent stays spent.
        """
        require_home(self.path)
        with self._lock("policy.lock", wait=True):
            if not self.policy.exists():
                journal = Journal(self.journal, None)
                save_policy(self.policy, Policy(journal.identity))
            else:
                journal = self.open_journal()
            try:
                yield self.read_policy(), journal
            finally:
                journal.close()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Be the only signer on this directory; `ChongwenError` ``signer-running``."""
        with self._lock("serve.lock", wait=False):
            yield

    @contextmanager
    def _lock(self, name: str, *, wait: bool) -> Iterator[None]:
        handle = os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise ChongwenError(
                "signer-running",
                f"Another signer serves {self.path}.",
                "Stop it first, or use that one: two would each count a budget of their own.",
            ) from None
        try:
            yield
        finally:
            os.close(handle)
