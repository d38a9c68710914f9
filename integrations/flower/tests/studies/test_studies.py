"""The studies give what the report shows, and what they claim holds."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))


@pytest.fixture(scope="module")
def modules():
    from studies import accuracy, federation, low_rate, sources

    return accuracy, federation, low_rate, sources


def test_integers_lose_nothing_that_floats_would_not_lose_by_other_batches(modules):
    accuracy, _, _, sources = modules
    found = accuracy.integers_against_floats(sources.table, seeds=(1, 2))
    assert found["withinSeedNoise"]
    assert found["integerEvaluatorAgrees"]
    assert found["integers"]["accuracy"]["mean"] > 0.9
    assert found["saturatedShare"] == 0
    json.dumps(found)


def test_the_yardstick_notices_integers_that_do_lose(modules, monkeypatch):
    accuracy, federation, _, sources = modules
    monkeypatch.setattr(federation, "FRAC_BITS", 2)
    monkeypatch.setattr(federation.spec_of, "__defaults__", (2,))
    found = accuracy.integers_against_floats(sources.table, seeds=(1, 2))
    assert not found["withinSeedNoise"]


def test_without_the_thumbnails_the_skin_study_is_left_out(modules, monkeypatch, tmp_path):
    accuracy, _, _, sources = modules
    monkeypatch.setenv("CHONGWEN_DATA", str(tmp_path))
    sources._skin.cache_clear()
    assert accuracy.integers_against_floats(sources.skin, seeds=(1,)) is None
    assert accuracy.four_sources(sources.skin, seeds=(1,)) is None
    sources._skin.cache_clear()


def test_four_sources_compares_federated_pooled_and_alone(modules):
    accuracy, _, _, sources = modules
    found = accuracy.four_sources(sources.table, seeds=(1,))
    names = list(found["results"])
    assert names[:2] == ["federated", "centralised"]
    assert len([name for name in names if "alone" in name]) == 12
    federated = found["results"]["federated"]["balanced_accuracy"]["mean"]
    best = found["results"][found["bestSingleSite"]]["balanced_accuracy"]["mean"]
    assert federated > best
    assert sum(found["records"].values()) == 358


def test_low_rate_keeps_what_a_chosen_scale_keeps(modules):
    _, _, low_rate, _ = modules
    found = low_rate.low_rate(seeds=(1,))
    kept = found["shareOfGainKept"]
    assert kept["chosen from an example"] > 0.999
    assert kept["f = 14"] < 0.97
    assert found["zeroedShare"]["f = 14"] > 0.5


def test_equal_sites_aggregate_to_what_floats_average(modules):
    _, federation, _, sources = modules
    divided = sources.table(3)
    weights = np.ones(6)
    setup = federation.Setup(divided.sites, divided.training, weights, 2, 3)
    integers, lanes = federation.in_integers(setup)
    floats = federation.in_floats(setup)
    assert np.abs(integers.flat() - floats.flat()).max() < 3e-3
    assert np.array_equal(integers.flat() * 2**14, lanes)
