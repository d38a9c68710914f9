"""Privacy mode A in the mod: nothing that claims noise is signed without it."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from chongwen_flower import LedgerMod
from chongwen_flower.client import update as update_module
from chongwen_flower.client.privacy import PrivacySetting
from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.model_spec import create_model_spec
from chongwen_flower.protocol.open_round import Seat
from chongwen_flower.protocol.privacy import rho_of
from client.made_up import app, context, open_round, step, train

RHO = 50_000_000
WIDE = create_model_spec([("w", (4000,), 16)])
START = {"w": np.zeros(4000, np.float32)}
NODE = {"chongwen-clip": 1000, "chongwen-unit": "site"}


def never(_):
    raise AssertionError("must not train")


def run(signer, learn=lambda a: a, ctx=None, mod=None, mode="ledger", opened=None):
    opened = opened or open_round(WIDE, rho_per_round=RHO)
    reply = app(learn, mod)(train(opened, START, mode=mode), ctx or context(**NODE))
    return reply.content, reply.content["ledger"], signer.signed


def test_what_is_signed_is_the_noised_update(signer):
    content, ledger, signed = run(signer)
    lanes = content["arrays"]["update"].numpy()
    # σ² = C²/(2ρ) = 10^6 / 0.1 = 10^7; the sample variance of 4000 lanes is within a tenth of it.
    assert 0.9e7 < lanes.astype(np.float64).var() < 1.1e7
    assert signed[0]["update_root"] == commit_update(lanes).update_root == ledger["update-root"]
    assert ledger["rho"] == str(RHO)


def test_noise_is_fresh_each_time(signer):
    first, second = (run(signer)[0]["arrays"]["update"].numpy() for _ in range(2))
    assert not np.array_equal(first, second)


def test_an_update_is_clipped_before_the_noise(signer, monkeypatch):
    seen = []
    honest = update_module.privatise

    def watched(lanes, setting):
        seen.append(setting)
        return honest(lanes, setting)

    monkeypatch.setattr(update_module, "privatise", watched)
    content, _, _ = run(signer, lambda a: {"w": a["w"] + np.float32(0.4)})
    assert seen[0].clip == 1000
    # Unclipped every lane would be 26,214; clipped to a norm of 1000 over 4000 lanes it is 15.
    assert abs(content["arrays"]["update"].numpy().astype(np.float64).mean()) < 300


def test_exempt_data_get_no_noise_and_pay_nothing(signer):
    opened = open_round(WIDE, rho_per_round=RHO)
    seat = replace(opened.seats[0], exempt=True, rho=0, remaining=0)
    content, ledger, _ = run(signer, opened=replace(opened, seats=(seat,)))
    assert not content["arrays"]["update"].numpy().any()
    assert ledger["rho"] == "0"


def test_attack_a_site_that_set_no_clip_is_asked_for_noise(signer):
    _, ledger, signed = run(signer, never, context())
    assert ledger["code"] == "noise-missing"
    assert not signed


def test_attack_an_exhausted_budget(signer):
    opened = open_round(WIDE, rho_per_round=RHO)
    seat = replace(opened.seats[0], remaining=RHO - 1)
    _, ledger, signed = run(signer, never, opened=replace(opened, seats=(seat,)))
    assert ledger["code"] == "budget-exhausted"
    assert not signed


def test_attack_noise_worth_more_than_the_round_charges(signer):
    _, ledger, signed = run(signer, never, context(**NODE, **{"chongwen-variance": 9_999_999}))
    assert ledger["code"] == "noise-uncovered"
    assert not signed
    _, ledger, _ = run(signer, ctx=context(**NODE, **{"chongwen-variance": 10_000_000}))
    assert ledger["format"] == "chongwen-commitment/1"


def test_a_record_costs_four_times_what_a_site_does():
    seat = Seat(3, "0x" + "ab" * 20, 1, RHO, False, RHO)
    site = PrivacySetting(1000, "site").noise_for(seat)
    record = PrivacySetting(1000, "record").noise_for(seat)
    assert record.sigma_squared == 4 * site.sigma_squared
    assert rho_of(site) <= RHO < rho_of(replace(site, sigma_squared=site.sigma_squared - 1))


def test_the_hospitals_word_comes_before_the_apps(signer, monkeypatch):
    seen = []

    def watched(lanes, setting):
        seen.append(setting)
        return honest(lanes, setting)

    honest = update_module.privatise
    monkeypatch.setattr(update_module, "privatise", watched)
    mod = LedgerMod(clip=5, unit="record")
    run(signer, mod=mod)
    run(signer, mod=mod, ctx=context())
    assert [(s.clip, s.unit) for s in seen] == [(1000, "site"), (5, "record")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"chongwen-clip": 0},
        {"chongwen-clip": 2.5},
        {"chongwen-clip": True},
        {"chongwen-clip": "1000"},
        {"chongwen-unit": "person"},
        {"chongwen-unit": ["site"]},
        {"chongwen-variance": -1},
        {"chongwen-clip": 2**62},
    ],
)
def test_settings_that_mean_nothing_are_refused_before_training(signer, wrong):
    _, ledger, signed = run(signer, never, context(**{**NODE, **wrong}))
    assert ledger["code"] in ("privacy-setting", "out-of-range")
    assert not signed


def test_attack_lanes_cut_off_before_the_noise_are_not_told(signer):
    """Half of the lanes saturate before the clip; after clip and noise none does."""

    def learn(arrays):
        w = arrays["w"].copy()
        w[::2] = 9
        w[1::2] = 2**-20
        return {"w": w}

    content, ledger, _ = run(signer, learn)
    lanes = content["arrays"]["update"].numpy()
    assert ledger["saturated"] == [int(((lanes == 32_767) | (lanes == -32_768)).sum())]
    assert ledger["zeroed"] == [0]


def test_attack_the_time_of_the_noise_is_not_told(signer, monkeypatch):
    honest = update_module.privatise

    def slow(lanes, setting):
        time.sleep(0.5)
        return honest(lanes, setting)

    monkeypatch.setattr(update_module, "privatise", slow)
    assert run(signer)[1]["commit-ms"] < 400


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"rho_per_round": RHO}, "shadow-unsound"), ({"pool_per_round": 1}, "shadow-paid")],
)
def test_attack_shadow_mode_where_entries_claim_noise_or_pay(signer, changes, code):
    content, ledger, signed = run(signer, step, mode="shadow", opened=open_round(WIDE, **changes))
    assert ledger["code"] == code
    assert not signed
    assert list(content["arrays"]) == ["w"]  # The reply of the app goes through.


@pytest.mark.parametrize("mode", [1, 2, 9])
def test_a_federation_whose_updates_are_not_public_is_refused(signer, mode):
    _, ledger, _ = run(signer, never, opened=open_round(WIDE, privacy_mode=mode))
    assert ledger["code"] in ("unsupported", "privacy-mode-unsupported")


def test_a_clip_without_noise_clips_and_counts_what_it_lost(signer):
    opened = open_round(WIDE)

    def learn(arrays):
        w = arrays["w"] + np.float32(2**-16)
        w[0] = 0.4
        return {"w": w}

    content, ledger, _ = run(signer, learn, opened=opened)
    lanes = content["arrays"]["update"].numpy().astype(np.int64)
    assert int((lanes * lanes).sum()) <= 1000**2
    assert ledger["zeroed"] == [3999]


def test_a_setting_is_checked_where_it_is_read():
    with pytest.raises(ChongwenError):
        PrivacySetting(clip=10, unit="nobody").for_node({})
