"""kill -9 of the server app at every point that matters: nothing recorded twice, nothing lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chongwen_flower.protocol.lanes import int32_lanes
from chongwen_flower.server.resume import resume
from chongwen_flower.server.spool import Spool

CHILD = Path(__file__).with_name("crash_child.py")

POINTS = [
    ("claim kept", 2),
    ("spool begins", 2),
    ("file", 4),
    ("file", 17),
    ("spool written", 2),
    ("spool in place", 1),
    ("spool in place", 2),
    ("head written", 1),
    ("head written", 2),
    ("head in place", 2),
    ("recorded", 1),
    ("recorded", 2),
    ("replace state.json", 2),
    ("replace model-1.bin", 1),
    ("replace ledger-summary.json", 2),
]


def run(tmp_path, rounds, point="none", number=1):
    told = [tmp_path / "spool", tmp_path / "ledger", str(rounds), point, str(number)]
    return subprocess.run(
        [sys.executable, CHILD, *told],
        capture_output=True,
        timeout=120,
        check=False,
    )


def recorded(tmp_path):
    state = json.loads((tmp_path / "ledger" / "state.json").read_bytes())
    return sorted(round_ for round_, _ in state["recorded"].values()), state["openRound"]["round"]


@pytest.mark.slow
@pytest.mark.parametrize(("point", "number"), POINTS)
def test_killed_at_any_point_the_next_run_goes_on(tmp_path, point, number):
    died = run(tmp_path, 3, point, number)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]
    went_on = run(tmp_path, 2)
    assert went_on.returncode == 0, went_on.stderr.decode()[-2000:]
    rounds, following = recorded(tmp_path)
    # Every round once, in one line, and at least the two of the second run.
    assert rounds == list(range(1, following))
    assert following >= 3
    assert not list((tmp_path / "spool" / "pending").iterdir())
    assert not list((tmp_path / "spool" / "refused").iterdir())
    spool = Spool(tmp_path / "spool")
    found = resume(spool)
    spool.close()
    model = int32_lanes((tmp_path / "ledger" / f"model-{following - 1}.bin").read_bytes())
    assert np.array_equal(found.head.model, model)


@pytest.mark.slow
def test_killed_again_and_again(tmp_path):
    for number in range(1, 7):
        run(tmp_path, 2, "file", 5 * number)
    assert run(tmp_path, 1).returncode == 0
    rounds, following = recorded(tmp_path)
    assert rounds == list(range(1, following))
    assert not list((tmp_path / "spool" / "refused").iterdir())
