"""One hash for what was reviewed and for what Flower installed, and none for what is unusual."""

import hashlib
import os
import py_compile
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer import app_files, app_hash
from chongwen_flower.signer.app_hash import hash_directory, hash_files
from chongwen_flower.signer.app_source import read_app

PROJECT = """
[project]
name = "skin"
version = "1.2.3"
description = ""
license = "Apache-2.0"
dependencies = ["flwr>=1.41"]

[tool.flwr.app]
publisher = "hospital"

[tool.flwr.app.components]
serverapp = "skin.server:app"
clientapp = "skin.client:app"

[tool.flwr.federations]
default = "somewhere"

[tool.flwr.federations.somewhere]
address = "192.0.2.1:9093"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "skin"
    (root / "skin").mkdir(parents=True)
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "README.md").write_text("# Skin — 皮肤\n")
    (root / "skin" / "__init__.py").write_text("")
    (root / "skin" / "client.py").write_text("app = 1\n")
    (root / "skin" / "server.py").write_text("app = 2\n")
    return root


def code_of(call) -> str:
    with pytest.raises(ChongwenError) as caught:
        call()
    assert caught.value.fix
    return caught.value.code


def writing_bytecode() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "PYTHON" not in name}


def plain(root: Path) -> str:
    return hash_directory(root).hash


def test_hash_is_as_documented():
    expected = hashlib.sha256(b"chongwen-app/1")
    for path, content in ((b"a", b"12"), ("ä/b".encode(), b"")):
        expected.update(len(path).to_bytes(8, "big") + path)
        expected.update(len(content).to_bytes(8, "big") + content)
    assert hash_files({"ä/b": b"", "a": b"12"}).hash == "0x" + expected.hexdigest()


def test_hash_of_a_directory_is_that_of_its_files(source):
    files = {
        str(path.relative_to(source)): path.read_bytes()
        for path in source.rglob("*")
        if path.is_file()
    }
    assert hash_directory(source) == hash_files(files)


def test_hash_distinguishes_where_a_path_ends_and_a_content_begins():
    pairs = [{"ab": b"c"}, {"a": b"bc"}, {"a": b"b", "c": b""}, {"a": b"", "b": b"c"}, {}]
    assert len({hash_files(files).hash for files in pairs}) == len(pairs)


@pytest.mark.slow
def test_hash_of_the_source_is_that_of_what_flower_installs(source, tmp_path):
    (source / ".gitignore").write_text("secret.py\n")
    (source / "secret.py").write_text("token = 1\n")
    (source / "weights.bin").write_bytes(bytes(64))
    (source / "skin" / "__pycache__").mkdir()
    (source / "skin" / "__pycache__" / "client.cpython-311.pyc").write_bytes(b"old")
    (source / ".venv").mkdir()
    (source / ".venv" / "site.py").write_text("")
    home = tmp_path / "home"
    environ = writing_bytecode() | {"FLWR_HOME": str(home), "FLWR_TELEMETRY_ENABLED": "0"}
    flwr = Path(sys.executable).with_name("flwr")
    for command in (["build", "--app", str(source)], ["install"]):
        bundles = [str(path) for path in tmp_path.glob("*.fab")] if command == ["install"] else []
        subprocess.run([flwr, *command, *bundles], cwd=tmp_path, env=environ, check=True)
    [installed] = (home / "apps").iterdir()

    reviewed = read_app(source)
    assert (reviewed.name, reviewed.version) == ("hospital/skin", "1.2.3")
    assert reviewed.client == "skin.client:app"
    assert [file.path for file in reviewed.identity.files] == [
        "README.md",
        "pyproject.toml",
        "skin/__init__.py",
        "skin/client.py",
        "skin/server.py",
    ]
    assert hash_directory(installed) == reviewed.identity
    assert read_app(installed).identity == reviewed.identity

    # Running it leaves byte code behind, which changes nothing.
    subprocess.run(
        [sys.executable, "-c", "import skin.client"],
        cwd=installed,
        env=writing_bytecode(),
        check=True,
    )
    assert list(installed.glob("skin/__pycache__/*.pyc"))
    assert hash_directory(installed) == reviewed.identity

    # Flower takes a folder that exists for the bundle of that name; this does not.
    (installed / "skin" / "client.py").write_text("app = 3\n")
    assert plain(installed) != reviewed.identity.hash


def test_app_that_flower_does_not_build_is_refused(tmp_path):
    assert code_of(lambda: read_app(tmp_path)) == "app-invalid"
    assert read_app(tmp_path, as_is=True).identity == hash_files({})


def test_attack_one_changed_byte_changes_the_hash(source):
    before = plain(source)
    (source / "skin" / "client.py").write_text("app = 2\n")
    assert plain(source) != before


@pytest.mark.parametrize("change", ["added", "renamed", "removed"])
def test_attack_another_set_of_files_changes_the_hash(source, change):
    before = plain(source)
    if change == "added":
        (source / "sitecustomize.py").write_text("")
    elif change == "renamed":
        (source / "README.md").rename(source / "README.py")
    else:
        (source / "README.md").unlink()
    assert plain(source) != before


def test_attack_app_directory_is_a_link(source, tmp_path):
    (tmp_path / "link").symlink_to(source)
    assert code_of(lambda: hash_directory(tmp_path / "link")) == "app-unusual"


@pytest.mark.parametrize("kind", ["file", "folder", "outside", "pipe", "socket-name", "cache"])
def test_attack_links_and_special_files_are_refused(source, tmp_path, kind):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.py").write_text("x = 1\n")
    if kind == "file":
        (source / "x.py").symlink_to(source / "README.md")
    elif kind == "folder":
        (source / "x").symlink_to(source / "skin")
    elif kind == "outside":
        (source / "x").symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(source / "x.py")
    elif kind == "socket-name":
        (source / "x").symlink_to("/proc/self/environ")
    else:
        (source / "__pycache__").symlink_to(tmp_path / "elsewhere")
    assert code_of(lambda: hash_directory(source)) == "app-unusual"


def test_attack_path_out_of_the_directory_is_refused(source):
    assert code_of(lambda: hash_directory(source / ".." / "skin")) == "app-unusual"
    assert code_of(lambda: hash_directory(Path("skin"))) == "app-unusual"
    assert code_of(lambda: hash_directory(Path("/nowhere/at/all"))) == "app-unreadable"
    assert code_of(lambda: hash_directory(Path("/etc/pass\0wd"))) == "app-unreadable"
    assert code_of(lambda: hash_directory(source / "README.md")) == "app-unreadable"


def test_attack_endless_directory_is_refused(source, monkeypatch):
    monkeypatch.setattr(app_files, "MAX_BYTES", 1000)
    with (source / "big.py").open("wb") as file:
        file.truncate(2000)
    assert code_of(lambda: hash_directory(source)) == "app-too-large"
    (source / "big.py").unlink()
    monkeypatch.setattr(app_files, "MAX_FILES", 4)
    assert code_of(lambda: hash_directory(source)) == "app-too-large"
    monkeypatch.undo()
    (source / "/".join("d" * 20)).mkdir(parents=True)
    assert code_of(lambda: hash_directory(source)) == "app-unusual"


def test_attack_app_changes_while_it_is_hashed(source, monkeypatch):
    client = source / "skin" / "client.py"
    content = app_hash.content

    def change_afterwards(root, entry):
        yield from content(root, entry)
        if entry.path == "skin/client.py":
            client.write_text("app = 9\n")
            client.write_text("app = 1\n")  # The same bytes again: only its times tell.

    monkeypatch.setattr(app_hash, "content", change_afterwards)
    assert code_of(lambda: hash_directory(source)) == "app-changed"


def test_attack_app_is_swapped_all_the_time(source):
    """A race in earnest: whatever comes out is the hash of one of the two states, or a refusal."""
    client = source / "skin" / "client.py"
    good = plain(source)
    client.write_text("app = 7\n")
    bad = plain(source)
    other = source.parent / "other"
    stop = threading.Event()

    def swap():
        state = 0
        while not stop.is_set():
            state ^= 1
            other.write_text(f"app = {1 if state else 7}\n")
            other.rename(client)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        seen = set()
        for _ in range(200):
            try:
                seen.add(plain(source))
            except ChongwenError as error:
                seen.add(error.code)
    finally:
        stop.set()
        thread.join()
    assert seen <= {good, bad, "app-changed"}
    assert "app-changed" in seen


def test_attack_bytecode_that_python_runs_unchecked(source):
    """Byte code that is marked "unchecked" replaces the source, which still looks reviewed."""
    client = source / "skin" / "client.py"
    hostile = source.parent / "hostile.py"
    hostile.write_text("app = 666\n")
    compiled = source / "skin" / "__pycache__" / f"client.{sys.implementation.cache_tag}.pyc"
    mode = py_compile.PycInvalidationMode
    py_compile.compile(str(hostile), str(compiled), invalidation_mode=mode.UNCHECKED_HASH)
    run = [sys.executable, "-c", "import skin.client; print(skin.client.app)"]
    shown = subprocess.run(run, cwd=source, check=True, capture_output=True, text=True).stdout
    assert shown == "666\n"
    assert client.read_text() == "app = 1\n"
    assert code_of(lambda: hash_directory(source)) == "app-bytecode"

    py_compile.compile(str(hostile), str(compiled), invalidation_mode=mode.CHECKED_HASH)
    assert code_of(lambda: hash_directory(source)) == "app-bytecode"
    py_compile.compile(str(client), str(compiled), invalidation_mode=mode.TIMESTAMP)
    assert plain(source)
