"""The key and its password: read carefully, and found nowhere else."""

import base64
import contextlib
import ctypes
import json
import multiprocessing
import pickle
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.eip712 import Domain, digest, recover
from chongwen_flower.signer.hardening import close_memory
from chongwen_flower.signer.keystore import SigningKey, load_key, make_keystore
from protocol.vectors import raw, vectors
from signer.hospital import ADDRESS, PASSWORD, SECRET, SRC, open_round

SPELLINGS = (
    *(SECRET, SECRET.hex().encode(), SECRET.hex().upper().encode(), repr(SECRET).encode()),
    *(base64.b64encode(SECRET), str(int.from_bytes(SECRET)).encode(), PASSWORD.encode()),
)


def found_in(data: bytes) -> bool:
    return any(spelling in data for spelling in SPELLINGS)


def code_of(call) -> str:
    with pytest.raises(ChongwenError) as caught:
        call()
    assert not found_in(f"{caught.value} {caught.value!r}".encode())
    return caught.value.code


def test_key_signs_what_the_vectors_say():
    """The public development key of the vectors gives TypeScript's bytes."""
    file = vectors("eip712.json")
    [vector] = [item for item in file["structs"] if item["name"] == "Contribution"]
    public = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
    key = SigningKey(bytes.fromhex(public))
    assert key.address == vector["signer"].lower()
    assert key.sign(raw(vector["digest"])) == raw(vector["compact"])


def test_key_has_no_other_way_out():
    key = SigningKey(SECRET)
    assert repr(key) == f"SigningKey({ADDRESS})"
    assert str(key) == f"SigningKey({ADDRESS})"
    for call in (lambda: pickle.dumps(key), lambda: vars(key)):
        with pytest.raises(TypeError):
            call()


def test_password_or_key_in_no_log_journal_traceback_or_process_listing(site):
    """Everything that the process writes or shows, after every kind of trouble it can meet."""
    code = """
        import sys
        from chongwen_flower.signer import decide
        from chongwen_flower.signer.cli import main

        original = decide.Decider._sign

        def fail(self, request, *rest):
            if request.opened.round == 666:
                raise RuntimeError("a fault of our own")
            return original(self, request, *rest)

        decide.Decider._sign = fail
        main(sys.argv[1:])
    """
    site.approve_federation(open_round(), "skin", "--budget", 10**6)
    site.approve_app(site.app)
    serve = ["serve", "--home", str(site.home), "--password-file", str(site.password_file)]
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *serve],
        env={"PYTHONPATH": str(SRC)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    shown = process.stdout.readline()
    site.sign(open_round())
    with pytest.raises(ChongwenError, match="fault of its own"):
        site.sign(open_round(round=666))
    with contextlib.suppress(ChongwenError):
        site.sign(open_round(round=8), app_dir=Path("/etc"))
    shown += site.ask_raw(b'{"op":"key"}\n') + site.ask_raw(b"\xff\n")
    for name in ("cmdline", "environ", "status", "stat", "maps"):
        shown += Path(f"/proc/{process.pid}/{name}").read_bytes()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert b"RuntimeError" in err
    assert not found_in(shown + out + err)
    for path in site.home.iterdir():
        assert not found_in(path.read_bytes()), path


@pytest.mark.parametrize("wrong", ["wrong password here", "", PASSWORD.upper(), "\0" * 100])
def test_keystore_with_the_wrong_password(site, capsys, wrong):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.password_file.write_text(wrong)
    assert site.command("serve", "--password-file", site.password_file) == 1
    told = capsys.readouterr()
    assert "keystore-password-wrong" in told.err
    assert not wrong or wrong not in told.err + told.out


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"version":1}',
        b'{"version":3,"crypto":{}}',
        b'{"version":3,"crypto":{"kdf":"scrypt","kdfparams":{"n":1},"mac":"","ciphertext":""}}',
        b"[" * 60_000,
    ],
)
def test_keystore_that_is_none(site, content):
    path = site.home / "keystore.json"
    path.write_bytes(content)
    assert code_of(lambda: load_key(path, PASSWORD)) == "keystore-invalid"


@pytest.mark.parametrize("mode", [0o604, 0o660, 0o622, 0o610])
@pytest.mark.parametrize("name", ["home/keystore.json", "password", "home/policy.json"])
def test_attack_file_that_others_can_reach(site, capsys, mode, name):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    (site.root / name).chmod(mode)
    assert site.command("serve", "--password-file", site.password_file) == 1
    assert "file-exposed" in capsys.readouterr().err


def test_attack_home_that_others_can_enter(site, capsys):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.home.chmod(0o750)
    assert site.command("serve", "--password-file", site.password_file) == 1
    assert "home-exposed" in capsys.readouterr().err


def test_password_is_asked_of_a_person_or_read_from_a_file(site, capsys, monkeypatch):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert site.command("serve") == 1
    assert "password-missing" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        site.command("serve", "--password", PASSWORD)


def test_new_key_is_encrypted_and_never_replaced(site, capsys, monkeypatch):
    path = site.home / "keystore.json"
    assert site.command("new-key", "--password-file", site.password_file) == 1
    assert "keystore-exists" in capsys.readouterr().err
    path.unlink()
    site.password_file.write_text("short\n")
    assert site.command("new-key", "--password-file", site.password_file) == 1
    assert "password-weak" in capsys.readouterr().err
    site.password_file.write_text(PASSWORD)
    encrypt = "chongwen_flower.signer.keystore.Account.encrypt"
    from eth_account import Account

    quick = Account.encrypt
    monkeypatch.setattr(encrypt, lambda *a: quick(*a, kdf="pbkdf2", iterations=2))
    assert site.command("new-key", "--password-file", site.password_file, "--json") == 0
    address = json.loads(capsys.readouterr().out)["address"]
    assert load_key(path, PASSWORD).address == address
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_new_keystore_resists_guessing(tmp_path):
    make_keystore(tmp_path / "k", PASSWORD)
    parameters = json.loads((tmp_path / "k").read_text())["crypto"]
    assert parameters["kdf"] == "scrypt"
    assert parameters["kdfparams"]["n"] * parameters["kdfparams"]["r"] >= 2**18


@pytest.mark.parametrize("kind", ["KeyProof", "KeySuccession"])
def test_key_agrees_to_its_registration_and_to_nothing_else(site, capsys, kind):
    contract, payee = "0x" + "c0" * 20, "0x" + "9a" * 20
    succession = ["--contributor", "4"]
    chosen = succession if kind == "KeySuccession" else ["--organisation", "2", "--payee", payee]
    where = ["--chain-id", "31337", "--contract", contract]
    secret = ["--password-file", str(site.password_file)]
    assert site.command("prove-key", *where, *chosen, *secret, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    values = (
        {"contributor": 4, "key": ADDRESS}
        if kind == "KeySuccession"
        else {"organisation": 2, "payee": payee, "key": ADDRESS}
    )
    signature = raw(told["signature"])
    assert len(signature) == 65
    assert signature[64] in (27, 28)
    s = int.from_bytes(signature[32:64]) | (signature[64] - 27) << 255
    signed = digest(Domain(31337, contract), kind, values)
    assert recover(signed, signature[:32] + s.to_bytes(32)) == ADDRESS
    assert site.command("prove-key", *where, *succession, "--payee", payee, *secret) == 1


def _closed(pipe) -> None:
    close_memory()
    limit = resource.getrlimit(resource.RLIMIT_CORE)
    pipe.send((ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), limit))  # PR_GET_DUMPABLE


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_memory_is_closed_to_other_processes_of_the_same_user():
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_closed, args=(theirs,))
    process.start()
    assert ours.poll(20)
    assert ours.recv() == (0, (0, 0))
    process.join()
