"""Hospitals for tests."""

from collections.abc import Iterator

import pytest

from signer.hospital import Site, new_site, open_round


@pytest.fixture
def site() -> Iterator[Site]:
    """A site of its own, nothing approved, not serving."""
    with new_site() as made:
        yield made


@pytest.fixture(scope="module")
def serving() -> Iterator[Site]:
    """A site for a whole module: federation 1 with dataset "skin", federation 2 with "eyes"."""
    with new_site() as made:
        made.approve_federation(open_round(round=1), "skin", "--budget", 10**6)
        made.approve_federation(open_round(round=1, federation=2, seat=8), "eyes", "--budget", 5000)
        made.approve_app(made.app, "skin")
        yield made.start()
