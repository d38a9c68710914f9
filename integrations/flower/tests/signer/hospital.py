"""A hospital for tests: a home with a key, an app, approvals, and the real signer process."""

import contextlib
import dataclasses
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from eth_account import Account

from chongwen_flower.protocol.model_spec import create_model_spec
from chongwen_flower.protocol.open_round import OpenRound, ParentRound, Seat
from chongwen_flower.protocol.signature import address_of
from chongwen_flower.protocol.structs import FederationConfig
from chongwen_flower.signer import SignerClient
from chongwen_flower.signer.cli import main
from chongwen_flower.signer.server import SignerServer

SRC = Path(__file__).parents[2] / "src"
SECRET = bytes.fromhex("5eed" * 16)
PASSWORD = "correct horse battery staple"
ADDRESS = address_of(SECRET)
STRANGER = "0x" + "77" * 20
LEDGER = "0x" + "1a" * 20
SPEC = create_model_spec([("weight", (8, 4), 16), ("bias", (4,), 16)])
CONFIG = FederationConfig(
    rule_id=1,
    rule_param=0,
    scoring_id=1,
    privacy_mode=0,
    element_width=2,
    has_base=True,
    depth=SPEC.depth,
    model_spec_root=SPEC.root(),
    terms_hash=bytes(32),
    records_per_weight=10,
    max_seats=16,
    min_contributors=3,
    max_excluded_bps=3400,
    rho_per_round=1000,
    norm_sq_bound=10**12,
    force_window=3600,
    report_window=7200,
    challenge_window=86400,
    max_attempts=3,
    settle_every=2,
    pool_per_round=10**21,
    finality=1,
    approval_window=172800,
)


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def open_round(
    *,
    federation: int = 1,
    round: int = 7,  # noqa: A002 - the format's own word
    parent: int = 0xAA,
    seat: int = 3,
    key: str = ADDRESS,
    exempt: bool = False,
    chain_id: int = 31337,
    ledger: str = LEDGER,
    **config: object,
) -> OpenRound:
    """The open round of a federation in which this site has a seat, and a stranger another."""
    terms = dataclasses.replace(CONFIG, **config)
    rho = 0 if exempt else terms.rho_per_round
    left = 0 if exempt else 10**9
    ours = Seat(seat=seat, key=key, weight=10, rho=rho, exempt=exempt, remaining=left)
    other = Seat(
        **{"seat": seat + 1, "key": STRANGER, "weight": 5, "exempt": False},
        **{"rho": terms.rho_per_round, "remaining": 10**9},
    )
    return OpenRound(
        chain_id=chain_id,
        ledger=ledger,
        federation=federation,
        round=round,
        attempt=0,
        parent=ParentRound(
            **{"round": round - 1, "report_hash": word(parent)},
            **{"artefact": word(2), "model_root": word(3)},
        ),
        config=terms,
        model_spec=SPEC,
        seats=(ours, other),
    )


class Site:
    """A hospital's signer and what its operator does.

    Everything of it lies below ``root``; the keystore is made with few iterations, for speed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.socket = self.home / "signer.sock"
        self.password_file = root / "password"
        self.app = self.make_app("app", "print('train')\n")
        self.process: subprocess.Popen[str] | None = None
        self.home.mkdir(mode=0o700)
        self.write_keystore(SECRET)
        self.password_file.write_text(PASSWORD + "\n")
        self.password_file.chmod(0o600)

    def write_keystore(self, secret: bytes) -> None:
        keystore = Account.encrypt(secret, PASSWORD, kdf="pbkdf2", iterations=2)
        path = self.home / "keystore.json"
        path.write_text(json.dumps(keystore))
        path.chmod(0o600)

    def make_app(self, name: str, content: str) -> Path:
        directory = self.root / name
        (directory / "pkg").mkdir(parents=True)
        (directory / "pkg" / "client.py").write_text(content)
        return directory

    def command(self, *arguments: str | Path) -> int:
        """Run a command of the operator in this process; one that would serve is a failure."""
        with mock.patch.object(SignerServer, "run", side_effect=AssertionError("it serves")):
            return main([*map(str, arguments), "--home", str(self.home)])

    def approve_federation(
        self, opened: OpenRound, dataset: str = "skin", *options: str | int
    ) -> None:
        file = self.root / "open-round.json"
        file.write_bytes(opened.encode())
        arguments = ["approve-federation", file, "--dataset", dataset, "--yes", *map(str, options)]
        assert self.command(*arguments) == 0

    def approve_app(self, directory: Path, *datasets: str) -> None:
        names = [part for name in datasets for part in ("--dataset", name)]
        assert self.command("approve-app", directory, "--as-is", "--yes", *names) == 0

    def popen(self, *options: str | Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "chongwen_flower.signer", "serve", "--home", self.home]
        command += ["--password-file", self.password_file, *options]
        environ = {"PYTHONPATH": str(SRC), "PATH": os.environ["PATH"], "HOME": str(self.root)}
        return subprocess.Popen(
            list(map(str, command)),
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, *options: str | Path, signer: str = ADDRESS) -> "Site":
        self.process = self.popen(*options)
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], 20)
        line = self.process.stdout.readline() if readable else ""
        assert signer in line, self.process.stderr and self.process.stderr.read()
        return self

    def stop(self, number: int = signal.SIGTERM) -> tuple[str, str]:
        """Stop the process, and give all that it wrote."""
        assert self.process is not None
        self.process.send_signal(number)
        written = self.process.communicate(timeout=20)
        self.process = None
        return written

    @property
    def client(self) -> SignerClient:
        return SignerClient(self.socket, timeout=10)

    def sign(self, opened: OpenRound, root: int = 1, **changes: object) -> bytes:
        values = {
            **{"app_dir": self.app, "seat": 3, "update_root": word(root), "norm_sq": 5},
            **{"norm_trace_root": word(9), "rho": opened.seats[0].rho, **changes},
        }
        return self.client.sign(opened.to_json(), **values).signature

    def ask_raw(self, data: bytes, *, wait: float = 10) -> bytes:
        """Send bytes as they are, and give what comes back until the connection is closed."""
        received = b""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(wait)
            connection.connect(str(self.socket))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(data)
            with contextlib.suppress(ConnectionResetError):
                while chunk := connection.recv(65536):
                    received += chunk
        return received

    def log(self, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
        """What the operator reads, as JSON."""
        capsys.readouterr()
        assert self.command("log", "--json", "--limit", "10000") == 0
        entries: list[dict[str, object]] = json.loads(capsys.readouterr().out)["entries"]
        return entries

    def status(self, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
        """What is spent, by dataset."""
        capsys.readouterr()
        assert self.command("status", "--json") == 0
        return {item["name"]: item for item in json.loads(capsys.readouterr().out)["datasets"]}


@contextlib.contextmanager
def new_site() -> Iterator[Site]:
    """Make a site in a short path: a socket's name has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="cw-signer-") as root:
        site = Site(Path(root))
        try:
            yield site
        finally:
            if site.process is not None:
                site.process.kill()
                site.process.communicate()
