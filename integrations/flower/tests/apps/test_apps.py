"""Flower's own example apps run on a ledger with at most ten changed lines each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from apps.digits import write_digits
from apps.edited_app import MOST_LINES, UnavailableError, apply_edits, fetch_wheel, offline, render
from apps.simulation import Simulation, simulation
from chongwen_flower.protocol.lanes import int32_lanes
from chongwen_flower.protocol.open_round import OpenRound, ParentRound, Seat
from chongwen_flower.protocol.round_manifest import RoundManifest, read_round_manifest
from chongwen_flower.protocol.signature import address_of
from chongwen_flower.protocol.ssz import model_root
from chongwen_flower.protocol.unixfs import directory_digest
from chongwen_flower.protocol.verify_bundle import verify_round_bundle
from chongwen_flower.server.rehearsal import WEIGHT, Rehearsal

SOURCE = Path(__file__).parents[2] / "src"
CACHE = Path(os.environ.get("CHONGWEN_CACHE") or Path(__file__).parents[4] / ".chongwen" / "cache")
NODES = 4
ROUNDS = 2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel() -> Path:
    try:
        return fetch_wheel(CACHE)
    except UnavailableError as error:
        pytest.skip(f"Flower's example apps cannot be had: {error}")


@pytest.fixture(scope="module")
def flower(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    home = tmp_path_factory.mktemp("flower")
    with simulation(home, offline(home, SOURCE), NODES) as running:
        yield running


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_digits(tmp_path_factory.mktemp("data") / "digits")


@pytest.mark.parametrize("framework", ["numpy", "sklearn", "jax"])
def test_app_with_ten_changed_lines_is_recorded(
    framework: str, wheel: Path, flower: Simulation, digits: Path, tmp_path: Path
) -> None:
    app, ledger = render(wheel, framework, tmp_path / "app"), tmp_path / "ledger"
    values = {"ledger": str(ledger), "mode": "ledger", "data": str(digits)}
    changed = apply_edits(app, framework, values)
    assert changed <= MOST_LINES, f"{framework}: {changed} lines"
    print(f"{framework}: {changed} changed lines")

    said = flower.run(app, ROUNDS)

    assert "nothing is recorded" in said  # A rehearsal says that it is one.
    models = recorded_models(ledger)
    assert len(models) == ROUNDS + 1
    assert all(not np.array_equal(before, after) for before, after in pairwise(models))


def test_app_in_shadow_mode_is_recorded_beside_its_own_floats(
    wheel: Path, flower: Simulation, tmp_path: Path
) -> None:
    app, ledger = render(wheel, "numpy", tmp_path / "app"), tmp_path / "ledger"
    apply_edits(app, "numpy", {"ledger": str(ledger), "mode": "shadow"})

    flower.run(app, ROUNDS)

    assert len(recorded_models(ledger)) == ROUNDS + 1
    rows = json.loads((ledger / "spool" / "ledger-summary.json").read_bytes())["rounds"]
    assert [row["state"] for row in rows] == ["final"] * ROUNDS
    # One rounding of each update and of each model: the floats stay within a few units of 2^-f.
    assert all(0 < row["drift"]["most"] < 0.001 * row["server_round"] for row in rows)


def test_changed_lines_are_counted_as_in_a_diff(tmp_path: Path, wheel: Path) -> None:
    app = render(wheel, "numpy", tmp_path / "app")
    values = {"ledger": "x", "mode": "ledger"}
    assert apply_edits(app, "numpy", values) == 5
    with pytest.raises(AssertionError, match="does not have this line once"):
        apply_edits(app, "numpy", values)


def recorded_models(ledger: Path) -> list[np.ndarray]:
    """Verify every bundle of a rehearsal from its files alone; give the models, genesis first."""
    state = json.loads((ledger / "state.json").read_bytes())
    newest = OpenRound.from_json(state["openRound"])
    models = [int32_lanes((ledger / "model-0.bin").read_bytes())]
    for digest in sorted(state["recorded"], key=lambda each: state["recorded"][each][0]):
        folder = ledger / "bundles" / digest
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        assert f"0x{directory_digest(files).hex()}" == digest
        opened = open_round_of(newest, read_round_manifest(files), models[-1], Rehearsal(ledger))
        assert list(map(str, verify_round_bundle(files, opened, models[-1]))) == []
        models.append(int32_lanes(files["model.bin"]))
    return models


def open_round_of(
    newest: OpenRound, manifest: RoundManifest, base: np.ndarray, played: Rehearsal
) -> OpenRound:
    """What the ledger said when the round of a bundle was open."""
    parent = manifest.parent
    return replace(
        newest,
        round=manifest.round,
        parent=ParentRound(parent.round, parent.report_hash, parent.artefact, model_root(base)),
        seats=tuple(
            Seat(entry.seat, address_of(played.key(entry.seat)), WEIGHT, 0, True, 0)
            for entry in manifest.entries
        ),
    )
