"""Hostile programs at the socket, against the real process."""

import contextlib
import json
import os
import pwd
import signal
import socket
import stat
import threading
import time

import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer import SignerClient
from chongwen_flower.signer.wire import MAX_LINE, encode_line
from signer.hospital import open_round, word


def request(op: str = "sign", **changes: object) -> dict[str, object]:
    return {
        "format": "chongwen-sign/1",
        "op": op,
        "app": {"dir": "/nowhere"},
        "openRound": open_round().to_json(),
        "seat": 3,
        "update": {
            "root": "0x" + word(1).hex(),
            "normSq": "5",
            "normTraceRoot": "0x" + word(2).hex(),
        },
        "rho": "1000",
        **changes,
    }


def refused(site, data: bytes) -> str:
    answer = json.loads(site.ask_raw(data))
    assert answer["ok"] is False
    assert answer["message"]
    assert answer["fix"]
    return answer["code"]


@pytest.mark.parametrize("op", ["key", "export", "decrypt", "sign-hash", "", None, 7, ["sign"]])
def test_attack_asks_for_the_key(serving, op):
    assert refused(serving, encode_line(request(op))) == "request-invalid"


JUNK = {
    "nothing": b"\n",
    "words": b"hello\n",
    "binary": bytes(range(256)) + b"\n",
    "cut short": b'{"format":"chongwen-sign/1"\n',
    "two values": b"{}{}\n",
    "no object": b"[]\n",
    "deep": b"[" * 100_000 + b"]" * 100_000 + b"\n",
    "deep objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"\n",
    "white space": b'{ "op": "sign" }\n',
    "a key twice": b'{"op":"sign","op":"key"}\n',
    "a fraction": b'{"op":1.5}\n',
    "an exponent": b'{"op":1e3}\n',
    "a float that is whole": b'{"op":1.0}\n',
    "not a number": b'{"op":NaN}\n',
    "infinity": b'{"op":-Infinity}\n',
    "a huge number": b'{"op":' + b"9" * 5000 + b"}\n",
    "half a surrogate": b'{"op":"\\ud800"}\n',
    "UTF-16": '{"op":"sign"}\n'.encode("utf-16"),
}


@pytest.mark.parametrize("data", JUNK.values(), ids=JUNK.keys())
def test_attack_invalid_json(serving, data):
    assert refused(serving, data) == "json-invalid"


@pytest.mark.parametrize(
    "change",
    [
        {"format": "chongwen-sign/2"},
        {"seat": "3"},
        {"seat": -1},
        {"seat": True},
        {"seat": 2**32},
        {"rho": 1000},
        {"rho": "01000"},
        {"rho": "-1"},
        {"rho": str(2**48)},
        {"update": {"root": "0x", "normSq": "5", "normTraceRoot": "0x" + "00" * 32}},
        {"update": {"root": "0x" + "AA" * 32, "normSq": "5", "normTraceRoot": "0x" + "00" * 32}},
        {"update": "0x" + "00" * 32},
        {"app": "/nowhere"},
        {"app": {"dir": "/nowhere", "hash": "0x" + "00" * 32}},
        {"app": {"dir": ""}},
        {"app": {"dir": "/x" * 4000}},
        {"policy": {"budget": "1"}},
    ],
)
def test_attack_wrong_types_and_unknown_fields(serving, change):
    assert refused(serving, encode_line(request(**change))) == "request-invalid"


def test_attack_open_round_of_other_types(serving):
    opened = open_round().to_json()
    for change in ({"round": "7"}, {"seats": {}}, {"config": None}, {"extra": 1}, {"chainId": -1}):
        value = {**opened, **change}
        assert refused(serving, encode_line(request(openRound=value))) == "open-round-invalid"


def test_attack_line_of_10_megabytes(serving):
    started = time.monotonic()
    answer = serving.ask_raw(b"x" * 10_000_000)
    assert answer == b"" or json.loads(answer)["code"] == "line-too-long"
    assert time.monotonic() - started < 5
    assert refused(serving, b"y" * (MAX_LINE + 10) + b"\n") in ("line-too-long", "json-invalid")


def test_attack_200_silent_connections_keep_nobody_out(serving):
    """Who has waited longest without a word makes room."""
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(200)]
        for connection in silent:
            connection.connect(str(serving.socket))
        started = time.monotonic()
        assert serving.sign(open_round(round=200))
        silent[0].settimeout(2)
        assert json.loads(silent[0].recv(65536))["code"] == "signer-busy"
        assert time.monotonic() - started < 3


def test_attack_one_byte_at_a_time_blocks_nobody(serving):
    line = encode_line(request())
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(serving.socket))
        for byte in line[:20]:
            slow.send(bytes([byte]))
            time.sleep(0.01)
        assert serving.sign(open_round(round=201))
        slow.send(line[20:])
        slow.settimeout(10)
        assert b"app-unreadable" in slow.recv(65536)


@pytest.mark.slow
def test_attack_never_finishes_a_line_is_timed_out(serving):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.settimeout(15)
        silent.connect(str(serving.socket))
        silent.send(b'{"op"')
        assert json.loads(silent.recv(65536))["code"] == "request-timeout"


def test_attack_flood_of_requests_is_answered_or_turned_away(serving):
    """Hundreds at once from threads; an honest client, which asks again, gets its signature."""
    line = encode_line(request())
    stop = threading.Event()

    def flood():
        while not stop.is_set():
            with contextlib.suppress(OSError):
                serving.ask_raw(line, wait=2)

    threads = [threading.Thread(target=flood) for _ in range(40)]
    for thread in threads:
        thread.start()
    try:
        assert serving.sign(open_round(round=202))
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_attack_leaves_before_the_answer(serving):
    opened = open_round(round=203)
    for _ in range(20):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(serving.socket))
            connection.sendall(encode_line(request(openRound=opened.to_json())))
    assert serving.sign(opened)


def test_attack_process_of_another_user(site):
    """Only the users that --peer names are answered; even the socket's owner is not."""
    peer = pwd.getpwnam("nobody")
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.start("--peer", peer.pw_name)
    assert stat.S_IMODE(site.socket.stat().st_mode) == 0o660
    with pytest.raises(ChongwenError) as caught:
        site.client.note(federation=1, round_number=1, code="x", message="", fix="")
    assert caught.value.code == "peer-refused"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_named_user_is_answered():
    from signer.hospital import new_site

    peer = pwd.getpwnam("nobody")
    with new_site() as site:
        site.root.chmod(0o755)
        place = site.root / "run"
        place.mkdir(mode=0o755)
        site.approve_federation(open_round(), "skin", "--budget", 1000)
        site.start("--peer", peer.pw_name, "--socket", place / "s")
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(BaseException):
                os.setgroups([0])
                os.setresgid(0, 0, 0)
                os.setresuid(peer.pw_uid, peer.pw_uid, peer.pw_uid)
                client = SignerClient(place / "s", timeout=5)
                client.note(federation=1, round_number=1, code="x", message="", fix="")
                code = 0
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_socket_is_for_its_owner_alone(serving):
    assert stat.S_IMODE(serving.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(serving.home.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777])
def test_attack_socket_where_others_can_write(site, capsys, mode):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    place = site.root / "run"
    place.mkdir()
    place.chmod(mode)
    code = site.command("serve", "--password-file", site.password_file, "--socket", place / "s")
    assert code == 1
    assert "socket-exposed" in capsys.readouterr().err


def test_second_signer_on_one_home_does_not_start(site, capsys):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.start()
    assert site.command("serve", "--password-file", site.password_file) == 1
    assert "signer-running" in capsys.readouterr().err


def test_signer_starts_over_the_socket_of_a_killed_one(site):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.approve_app(site.app)
    site.start().stop(signal.SIGKILL)
    assert site.socket.exists()
    site.start()
    assert site.sign(open_round())
    site.stop()
    assert not site.socket.exists()


def test_signer_replaces_nothing_but_a_socket(site, capsys):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.socket.write_text("mine")
    assert site.command("serve", "--password-file", site.password_file) == 1
    assert "socket-unusable" in capsys.readouterr().err
    assert site.socket.read_text() == "mine"
