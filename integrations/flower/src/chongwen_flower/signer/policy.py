"""What the hospital's operator allows. The signer decides by this and never by a request."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import OpenRound

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Dataset:
    """Data of this site.

    Attributes
    ----------
    name
        What the operator calls it.
    exempt
        Public data: no privacy budget is ever charged for it.
    budget
        Nano-rho that may be spent on it, over all federations.
    """

    name: str
    exempt: bool
    budget: int


@dataclass(frozen=True)
class Grant:
    """A seat in a federation on a ledger, and what may be signed for it.

    Attributes
    ----------
    chain_id, ledger, federation, seat
        Which seat; with the dataset it stands for.
    dataset
        Name of that dataset.
    configs
        Hashes of the configurations that the operator has read and accepted.
    from_round
        Round that was open when the operator last approved; none before it is signed.
    since
        Journal entries up to this one no longer count as "the newest round".
    """

    chain_id: int
    ledger: str
    federation: int
    seat: int
    dataset: str
    configs: frozenset[bytes]
    from_round: int
    since: int

    def is_for(self, opened: OpenRound) -> bool:
        """Whether this is a seat in the federation that a round belongs to."""
        return (self.chain_id, self.ledger, self.federation) == (
            opened.chain_id,
            opened.ledger,
            opened.federation,
        )


@dataclass(frozen=True)
class ApprovedApp:
    """An app that may ask for signatures, for some of the datasets.

    Attributes
    ----------
    hash
        See `chongwen_flower.signer.app_hash`.
    name, version
        For people.
    datasets
        Names of the datasets it may sign for.
    files
        SHA-256 by path, so that a refusal can say what differs.
    """

    hash: str
    name: str
    version: str
    datasets: frozenset[str]
    files: dict[str, str]


@dataclass(frozen=True)
class Policy:
    """All that is allowed.

    Attributes
    ----------
    journal
        Identity of the journal that counts what was spent; without that very journal nothing is
        signed.
    """

    journal: str
    datasets: tuple[Dataset, ...] = ()
    grants: tuple[Grant, ...] = ()
    apps: tuple[ApprovedApp, ...] = ()

    def dataset(self, name: str) -> Dataset | None:
        """Find a dataset."""
        return next((item for item in self.datasets if item.name == name), None)

    def app(self, digest: str) -> ApprovedApp | None:
        """Find an approved app by its hash."""
        return next((item for item in self.apps if item.hash == digest), None)

    def grants_for(self, opened: OpenRound) -> list[Grant]:
        """Seats of this site in the federation of a round."""
        return [grant for grant in self.grants if grant.is_for(opened)]

    def with_dataset(self, dataset: Dataset) -> Policy:
        """Add a dataset, or replace the one of that name."""
        others = [item for item in self.datasets if item.name != dataset.name]
        return replace(self, datasets=(*others, dataset))

    def with_grant(self, grant: Grant) -> Policy:
        """Add a seat, or replace what was allowed for it."""
        others = [item for item in self.grants if seat_of(item) != seat_of(grant)]
        return replace(self, grants=(*others, grant))

    def with_app(self, app: ApprovedApp) -> Policy:
        """Add an app, or replace what was allowed to it."""
        others = [item for item in self.apps if item.hash != app.hash]
        return replace(self, apps=(*others, app))

    def without(self, digest: str) -> Policy:
        """Take back an app, or a configuration, by its hash."""
        config = bytes.fromhex(digest.removeprefix("0x"))
        grants = [replace(grant, configs=grant.configs - {config}) for grant in self.grants]
        apps = [app for app in self.apps if app.hash != digest]
        return replace(self, grants=tuple(grants), apps=tuple(apps))


def require_name(name: str) -> str:
    """Accept a dataset's name; `ChongwenError` ``name-invalid``."""
    if NAME.fullmatch(name):
        return name
    raise ChongwenError(
        "name-invalid",
        f"{name!r} is no name for a dataset.",
        "Take up to 64 of a-z, 0-9, dot, dash, underscore.",
    )


def seat_of(grant: Grant) -> tuple[int, str, int, int]:
    """Give what names a seat on every chain."""
    return grant.chain_id, grant.ledger, grant.federation, grant.seat
