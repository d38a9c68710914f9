"""The skin app in Flower's simulation: four virtual nodes, two rounds, a rehearsal."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chongwen_flower.server.rehearsal import Rehearsal

ROOT = Path(__file__).parents[2]
SKIN = ROOT / "examples" / "skin"
CONFIG = """[superlink]
default = "simulation"

[superlink.simulation]
address = "127.0.0.1:{port}"
insecure = true
options.num-supernodes = 4
options.backend.client-resources.num-cpus = 1
options.backend.init-args.num-cpus = 2
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def superlink(tmp_path, monkeypatch):
    """A SuperLink that simulates its nodes; everything it started ends with it."""
    home, port = tmp_path / "flower", free_port()
    home.mkdir()
    (home / "config.toml").write_text(CONFIG.format(port=port))
    monkeypatch.setenv("FLWR_HOME", str(home))
    monkeypatch.setenv("FLWR_TELEMETRY_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    arguments = ["--simulation", "--insecure", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "superlink.log").open("wb") as log:
        process = subprocess.Popen(
            ["flower-superlink", *arguments, "--disable-runtime-dependency-installation"],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    until = time.monotonic() + 90
    while "startup complete" not in (home / "superlink.log").read_text().lower():
        assert process.poll() is None, (home / "superlink.log").read_text()
        assert time.monotonic() < until, (home / "superlink.log").read_text()
        time.sleep(0.3)
    yield home
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
@pytest.mark.usefixtures("superlink")
def test_two_rounds_of_four_nodes_are_bundled_and_verified(tmp_path):
    ledger = tmp_path / "ledger"
    config = f'num-server-rounds=2 min-nodes=4 chongwen-ledger="rehearsal:{ledger}"'
    done = subprocess.run(
        ["flwr", "run", str(SKIN), "simulation", "--stream", "--run-config", config],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-4000:]
    models = re.findall(r"Model after round (\d): accuracy ([\d.]+)", said)
    assert [number for number, _ in models] == ["0", "1", "2"], said[-4000:]
    assert float(models[2][1]) > 0.8
    assert "Ledger: round 2, 4 entries, 0 left out" in said

    # Only verified bundles are recorded by a rehearsal.
    opened = Rehearsal(ledger).open_round()
    assert (opened.round, opened.parent.round) == (3, 2)
    manifests = [json.loads(path.read_text()) for path in ledger.rglob("manifest.json")]
    rounds = {manifest["round"]: manifest for manifest in manifests if "round" in manifest}
    assert {int(number) for number in rounds} >= {1, 2}, [sorted(m) for m in manifests]
