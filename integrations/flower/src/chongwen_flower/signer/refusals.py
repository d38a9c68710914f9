"""Refusals, with what the hospital's operator can do about each. docs/errors.md says the same."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer.app_hash import AppIdentity
from chongwen_flower.signer.policy import ApprovedApp
from chongwen_flower.signer.text import clean

FIXES: Final = {
    "federation-not-approved": "If this site takes part in it, save its open round and run: "
    "chongwen-signer approve-federation FILE.",
    "config-not-approved": "Governance may have changed the federation. Read the new configuration "
    "and accept it: chongwen-signer approve-federation FILE.",
    "app-not-approved": "Review the app and run: chongwen-signer approve-app DIR. If nobody here "
    "knows of a change, ask who sent it.",
    "dataset-not-approved": "If the app may use that data, run: chongwen-signer approve-app DIR "
    "--dataset NAME.",
    "seat-ambiguous": "Approve the app for one of these datasets only; run a signer for each.",
    "seat-not-granted": "An app that asks for another's seat is wrong or hostile: ask its author.",
    "seat-not-open": "The ledger says why: npx chongwen dataset list. Its budget may be spent, its "
    "consent withdrawn, or its contributor suspended.",
    "key-not-registered": "After a rotation, start the signer with the key that the ledger has.",
    "exemption-wrong": "The ledger never changes this: whoever sent the round lies, or the "
    "federation was approved wrongly.",
    "price-wrong": "Use LedgerMod, which takes the price from the open round.",
    "norm-out-of-bounds": "Clip the update to the federation's bound, or train more gently.",
    "equivocation": "One update a round: send the one that was signed, or wait for the next round.",
    "round-passed": "Wait for the next round. After restoring the journal, or when the number is "
    "wrong, approve the federation again with the round that is open now.",
    "budget-exhausted": "Nothing more is signed for this data. If its custodian allows more: "
    "chongwen-signer approve-federation FILE --budget N.",
    "journal-foreign": "Restore the journal and the policy from the same copy.",
    "policy-invalid": "Restore policy.json, or remove it and approve everything again.",
}


class RefusedError(ChongwenError):
    """A refusal with a word for the operator alone.

    Parameters
    ----------
    detail
        What the journal has and the app is not told: it may be about files that the signer can
        read and the app cannot.
    """

    def __init__(self, code: str, message: str, detail: str = "") -> None:
        super().__init__(code, message, FIXES[code])
        self.detail = detail


def refusal(code: str, message: str, *, detail: str = "") -> RefusedError:
    """Make a refusal whose code decides what its reader is told to do."""
    return RefusedError(code, message, detail)


def what_differs(directory: Path, identity: AppIdentity, approved: Iterable[ApprovedApp]) -> str:
    """Say in one sentence how an app differs from the approved one that is most like it."""
    where = f"It lies in {clean(str(directory), 200)}."
    files = {file.path: file.sha256 for file in identity.files}
    nearest = max(approved, key=lambda app: _alike(app.files, files), default=None)
    if nearest is None or _alike(nearest.files, files) == 0:
        return where
    differences = [
        *(f"{path} is new" for path in files if path not in nearest.files),
        *(f"{path} is gone" for path in nearest.files if path not in files),
        *(
            f"{path} differs"
            for path in files
            if nearest.files.get(path, files[path]) != files[path]
        ),
    ]
    shown = ", ".join(clean(item, 100) for item in differences[:4])
    more = f" and {len(differences) - 4} more" if len(differences) > 4 else ""
    return f"{where} Against {nearest.name} {nearest.version}: {shown}{more}."


def _alike(left: dict[str, str], right: dict[str, str]) -> int:
    """Count files of the same path, and once more those of the same content."""
    return sum((path in right) + (right.get(path) == digest) for path, digest in left.items())
