"""The public names, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import chongwen_flower


@pytest.mark.parametrize("name", chongwen_flower.__all__)
def test_every_public_name_is_there(name):
    assert getattr(chongwen_flower, name).__module__.startswith("chongwen_flower")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError):
        _ = chongwen_flower.LedgerFedAverage


def test_the_package_and_the_signers_client_load_no_flower():
    code = (
        "import sys, chongwen_flower, chongwen_flower.signer.client, chongwen_flower.errors\n"
        "print([m for m in ('flwr', 'torch', 'dp_accounting') if m in sys.modules])"
    )
    source = Path(chongwen_flower.__file__).parents[1]
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
    )
    assert found.stdout.strip() == "[]", found.stderr
