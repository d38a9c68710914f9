"""The client against sockets that answer well, badly, late, or not at all."""

import json
import socket
import threading
from pathlib import Path

import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer import SeatGrant, SignerClient
from chongwen_flower.signer.wire import MAX_LINE

SIGN = {
    "app_dir": "/apps/a",
    "seat": 3,
    "update_root": bytes(32),
    "norm_sq": 1,
    "norm_trace_root": bytes(32),
    "rho": 0,
}


class Peer:
    """Listens on a socket and gives each connection the next of its answers."""

    def __init__(self, path: Path, *answers: bytes | None) -> None:
        self.requests: list[bytes] = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.thread = threading.Thread(target=self._serve, args=(answers,), daemon=True)
        self.thread.start()

    def _serve(self, answers):
        for answer in answers:
            connection, _ = self.listener.accept()
            with connection, connection.makefile("rb") as stream:
                self.requests.append(stream.readline())
                if answer is not None:
                    connection.sendall(answer)
        self.listener.close()


def line(**fields: object) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode() + b"\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s"


def code_of(path: Path, call=lambda client: client.sign({}, **SIGN), timeout: float = 5) -> str:
    with pytest.raises(ChongwenError) as caught:
        call(SignerClient(path, timeout=timeout))
    assert caught.value.message
    assert caught.value.fix
    return caught.value.code


def test_client_sends_the_commitment_and_reads_the_signature(path):
    peer = Peer(path, line(ok=True, seat=3, signature="0x" + "ab" * 64, signer="0x" + "11" * 20))
    signed = SignerClient(path).sign({"round": 7}, **SIGN | {"norm_sq": 2**63, "rho": 5})
    assert signed.signature == b"\xab" * 64
    request = json.loads(peer.requests[0])
    assert request["openRound"] == {"round": 7}
    assert request["update"]["normSq"] == str(2**63)
    assert request["rho"] == "5"


def test_client_reads_the_seat(path):
    Peer(path, line(ok=True, rho="12", seat=4))
    assert SignerClient(path).seat({}, app_dir="/apps/a") == SeatGrant(4, 12)


def test_client_passes_on_what_the_signer_refuses(path):
    Peer(path, line(ok=False, code="budget-exhausted", message="Spent.", fix="Ask for more."))
    assert code_of(path) == "budget-exhausted"


def test_client_asks_again_when_the_signer_was_killed_before_its_answer(path):
    answer = line(ok=True, seat=3, signature="0x" + "ab" * 64, signer="0x" + "11" * 20)
    peer = Peer(path, None, answer)
    assert SignerClient(path).sign({}, **SIGN).signature == b"\xab" * 64
    assert peer.requests[0] == peer.requests[1]


def test_client_asks_again_when_the_signer_is_busy(path):
    busy = line(ok=False, code="signer-busy", message="Busy.", fix="Again.", retryable=True)
    Peer(path, busy, line(ok=True, rho="0", seat=1))
    assert SignerClient(path).seat({}, app_dir="/apps/a") == SeatGrant(1, 0)


def test_client_nobody_listens_unreachable(path):
    assert code_of(path, timeout=0.3) == "signer-unreachable"


def test_client_no_answer_times_out(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    assert code_of(path, timeout=0.3) == "signer-timeout"
    listener.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"hello\n",
        b"[1]\n",
        b'{"ok": true}\n',
        b"{" * 5000 + b"\n",
        b"\xff\xfe\n",
        b"x" * (MAX_LINE + 1),
        line(ok=False),
        line(ok=True),
        line(ok=True, seat=4, signature="0x" + "ab" * 64, signer="0x" + "11" * 20),
        line(ok=True, seat=True, signature="0x" + "ab" * 64, signer="0x" + "11" * 20),
        line(ok=True, seat=3, signature="0x" + "ab" * 65, signer="0x" + "11" * 20),
        line(ok=True, seat=3, signature="0x" + "AB" * 64, signer="0x" + "11" * 20),
    ],
)
def test_client_strange_answer_is_refused(path, answer):
    Peer(path, answer)
    assert code_of(path) == "signer-answer-invalid"


def test_client_request_too_large_is_not_sent(path):
    assert code_of(path, lambda client: client.seat({"x": "y" * MAX_LINE}, app_dir="/a")) == (
        "request-too-large"
    )
