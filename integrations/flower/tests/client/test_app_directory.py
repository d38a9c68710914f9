"""Which app is running, and where its signer is."""

from __future__ import annotations

import sys

import pytest

from chongwen_flower.client.site import app_directory, signer_address
from chongwen_flower.errors import ChongwenError


def test_the_app_is_found_where_flower_put_it(monkeypatch, tmp_path):
    library, installed = tmp_path / "library", tmp_path / "hospital.app.1.0.0.abcd"
    for folder, text in ((library, "[tool.other]"), (installed, "[tool.flwr.app]")):
        folder.mkdir()
        (folder / "pyproject.toml").write_text(text)
    monkeypatch.setattr(sys, "path", ["/nowhere", str(library), str(installed)])
    assert app_directory() == installed


def test_without_an_app_the_working_directory_is_named(monkeypatch, tmp_path):
    (tmp_path / "pyproject.toml").write_text("not [toml")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.chdir(tmp_path)
    assert app_directory() == tmp_path


def test_the_nodes_configuration_comes_before_environment_and_app(monkeypatch):
    monkeypatch.setenv("CHONGWEN_SIGNER", "/environment")
    assert signer_address("/app", {"chongwen-signer": "/node"}) == "/node"
    assert signer_address("/app", {}) == "/environment"
    monkeypatch.delenv("CHONGWEN_SIGNER")
    assert signer_address("/app", {}) == "/app"
    with pytest.raises(ChongwenError) as problem:
        signer_address(None, {})
    assert problem.value.code == "signer-unknown"
