"""A signer in place of the socket's client."""

from __future__ import annotations

import pytest

from client.made_up import FakeSigner


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("FLWR_HOME", str(tmp_path / "flwr"))
    return tmp_path / "flwr"


@pytest.fixture
def signer(monkeypatch):
    fake = FakeSigner()
    monkeypatch.setattr("chongwen_flower.client.turn.SignerClient", lambda _, **__: fake)
    return fake
