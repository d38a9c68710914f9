"""Flower's simulation, as a user runs it: a SuperLink on this machine, and `flwr run`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

PATIENCE = 60
RUN_LIMIT = 300

CONFIG = """[superlink]
default = "simulation"

[superlink.simulation]
address = "127.0.0.1:{port}"
insecure = true
options.num-supernodes = {nodes}
options.backend.client-resources.num-cpus = 1
options.backend.init-args.num-cpus = 2
"""


@dataclass(frozen=True)
class Simulation:
    """A SuperLink that simulates its nodes."""

    log: Path
    environment: Mapping[str, str]

    def run(self, app: Path, rounds: int) -> str:
        """Run an app to its end and give what it printed."""
        config = f"num-server-rounds={rounds}"
        done = subprocess.run(
            ["flwr", "run", str(app), "simulation", "--stream", "--run-config", config],
            env=dict(self.environment),
            cwd=app,
            capture_output=True,
            text=True,
            timeout=RUN_LIMIT,
        )
        said = done.stdout + done.stderr
        if done.returncode != 0:
            raise AssertionError(
                f"flwr run failed:\n{said[-8000:]}\n{self.log.read_text()[-4000:]}"
            )
        return said


@contextmanager
def simulation(home: Path, environment: Mapping[str, str], nodes: int) -> Iterator[Simulation]:
    """Start the SuperLink, and end it with all that it started."""
    port = _free_port()
    (home / "config.toml").write_text(CONFIG.format(port=port, nodes=nodes), encoding="utf-8")
    log = home / "superlink.log"
    address = ["--host", "127.0.0.1", "--port", str(port), "--insecure"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [
                "flower-superlink",
                "--simulation",
                "--disable-runtime-dependency-installation",
                *address,
            ],
            env=dict(environment),
            cwd=home,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
        try:
            _await_health(process, port, log)
            yield Simulation(log, environment)
        finally:
            # What it started watches for its parent and ends by itself.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await_health(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"The SuperLink did not come up:\n{log.read_text()[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
