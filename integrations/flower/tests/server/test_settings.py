"""Where settings come from, and which are refused."""

from __future__ import annotations

import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.server.settings import default_spool, read_settings

ENVIRONMENT = {
    "CHONGWEN_LEDGER": "http://127.0.0.1:4810",
    "CHONGWEN_FEDERATION": "3",
    "CHONGWEN_TOKEN_FILE": "/run/token",
    "CHONGWEN_MODE": "shadow",
    "CHONGWEN_SPOOL": "/var/spool/x",
    "CHONGWEN_WAIT_FOR": "final",
}


def test_everything_can_come_from_the_environment():
    found = read_settings({}, None, ENVIRONMENT)
    assert (found.ledger, found.federation, found.mode) == ("http://127.0.0.1:4810", 3, "shadow")
    assert (str(found.token_file), str(found.spool)) == ("/run/token", "/var/spool/x")
    assert found.wait_for == "final"


def test_argument_before_run_config_before_environment():
    run_config = {"chongwen-federation": 4, "chongwen-wait-for": "report"}
    found = read_settings({"federation": 5, "wait_for": None}, run_config, ENVIRONMENT)
    assert (found.federation, found.wait_for) == (5, "report")
    assert read_settings({}, run_config, ENVIRONMENT).federation == 4


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "setting-missing"),
        ({"ledger": "http://127.0.0.1:1"}, "setting-missing"),
        ({"ledger": "http://127.0.0.1:1", "federation": 0}, "setting-invalid"),
        ({"ledger": "http://127.0.0.1:1", "federation": "one"}, "setting-invalid"),
        ({"ledger": "http://127.0.0.1:1", "federation": "²"}, "setting-invalid"),
        ({"ledger": "rehearsal:x", "mode": "dream"}, "setting-invalid"),
        ({"ledger": "rehearsal:x", "wait_for": "ever"}, "setting-invalid"),
    ],
)
def test_what_is_missing_or_wrong_is_named(given, code):
    with pytest.raises(ChongwenError) as raised:
        read_settings(given, None, {})
    assert raised.value.code == code


def test_each_federation_of_each_ledger_has_a_spool_of_its_own():
    spools = {default_spool(a, n) for a in ("http://127.0.0.1:1", "drop:/x") for n in (1, 2)}
    assert len(spools) == 4


def test_token_that_others_can_read_is_not_used(tmp_path):
    path = tmp_path / "token"
    path.write_text("secret")
    settings = read_settings({"ledger": "drop:x", "federation": 1, "token_file": path}, None, {})
    path.chmod(0o644)
    with pytest.raises(ChongwenError) as raised:
        settings.token()
    assert raised.value.code == "token-exposed"
    path.chmod(0o600)
    assert settings.token() == "secret"
    path.write_text("two words")
    with pytest.raises(ChongwenError) as raised:
        settings.token()
    assert raised.value.code == "token-unreadable"
