"""Flower's own example apps, as `flwr new` of 1.23.0 wrote them, with a few lines changed."""

from __future__ import annotations

import difflib
import hashlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Template
from zipfile import ZipFile

#: The last release whose wheel carries the templates.
WHEEL = "flwr-1.23.0-py3-none-any.whl"
SHA256 = "87a453a89f32c9166eb8f10f1b2fd7fd27a0370203b066e3c390001e7f32357d"
TEMPLATES = "flwr/cli/new/templates/app/"
MOST_LINES = 10
EDITS = Path(__file__).parent / "edits"


class UnavailableError(Exception):
    """The wheel is neither in the cache nor to be had."""


def fetch_wheel(cache: Path) -> Path:
    """Take the wheel from the cache, or from the package registry: the locked bytes or none."""
    wheel = cache / WHEEL
    if not wheel.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        done = subprocess.run(
            [*command, "--only-binary", ":all:", "--dest", str(cache), "flwr==1.23.0"],
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode != 0:
            raise UnavailableError(done.stderr.strip().splitlines()[-1:])
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
        raise AssertionError(f"{wheel} is not the release of Flower that was looked at")
    return wheel


def render(wheel: Path, framework: str, folder: Path) -> Path:
    """Write an app as `flwr new` did: `Template.substitute` over each file."""
    name = f"{framework}app"
    label = {"numpy": "NumPy", "sklearn": "sklearn", "jax": "JAX"}[framework]
    words = {
        "project_name": name,
        "package_name": name,
        "import_name": name,
        "username": "chongwen",
        "framework_str": label,
    }
    files = {
        "pyproject.toml": f"pyproject.{framework}.toml.tpl",
        f"{name}/__init__.py": "code/__init__.py.tpl",
        f"{name}/client_app.py": f"code/client.{framework}.py.tpl",
        f"{name}/server_app.py": f"code/server.{framework}.py.tpl",
        f"{name}/task.py": f"code/task.{framework}.py.tpl",
    }
    with ZipFile(wheel) as archive:
        for path, template in files.items():
            text = Template(archive.read(TEMPLATES + template).decode()).substitute(words)
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    return folder


def apply_edits(app: Path, framework: str, values: Mapping[str, str]) -> int:
    """Change the lines that the edit script names, each exactly once; say how many changed."""
    script = tomllib.loads((EDITS / f"{framework}.toml").read_text(encoding="utf-8"))
    before = _lines_of(app)
    for edit in script["edit"]:
        (path,) = app.rglob(edit["file"])
        lines = path.read_text(encoding="utf-8").split("\n")
        if lines.count(edit["line"]) != 1:
            raise AssertionError(f"{edit['file']} does not have this line once: {edit['line']}")
        at = lines.index(edit["line"])
        lines[at : at + 1] = [line.format(**values) for line in edit["becomes"]]
        path.write_text("\n".join(lines), encoding="utf-8")
    after = _lines_of(app)
    return sum(_changed(before[path], after[path]) for path in before)


def _lines_of(app: Path) -> dict[Path, list[str]]:
    files = [path for path in app.rglob("*") if path.is_file()]
    return {path: path.read_text(encoding="utf-8").split("\n") for path in files}


def _changed(before: list[str], after: list[str]) -> int:
    """Lines as a reader of a diff counts them: written anew, or gone."""
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return sum(max(i2 - i1, j2 - j1) for _, i1, i2, j1, j2 in changed)


def offline(home: Path, source: Path) -> dict[str, str]:
    """Environment of Flower's processes: nothing is fetched, nobody is told."""
    names = ("PATH", "LANG", "TMPDIR")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}",
        "PYTHONPATH": str(source),
        "HOME": str(home),
        "FLWR_HOME": str(home),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "JAX_PLATFORMS": "cpu",
        "OMP_NUM_THREADS": "1",
        "NO_PROXY": "127.0.0.1,localhost",
    }
