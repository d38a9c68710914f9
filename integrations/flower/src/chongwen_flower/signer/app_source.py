"""What Flower makes of an app's directory when it sends it to the sites.

`flwr build` leaves out what ``.gitignore`` and Flower's patterns name, and writes
``pyproject.toml`` anew without the addresses of federations. So the hash of a directory that
somebody reviewed is the hash of what Flower would unpack from it, made by Flower's own code, in
memory.
"""

from __future__ import annotations

import io
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer.app_hash import AppIdentity, hash_directory, hash_files

_MANIFEST = ".info/CONTENT"


@dataclass(frozen=True)
class App:
    """An app to be reviewed.

    Attributes
    ----------
    identity
        Its hash and its files.
    name
        ``publisher/name``, or the directory's name where the app does not say.
    version
        As the app says; empty where it does not.
    client
        Where its ClientApp is, for example ``app.client:app``; empty where it does not say.
    """

    identity: AppIdentity
    name: str
    version: str
    client: str


def read_app(directory: Path, *, as_is: bool = False) -> App:
    """Read an app's directory: its source, or where Flower installed it; both have the same hash.

    Parameters
    ----------
    directory
        With a ``pyproject.toml`` in it.
    as_is
        Hash the directory as it stands, for an app that Flower does not install.

    Raises
    ------
    ChongwenError
        ``app-invalid`` when Flower would refuse to build it, and what `hash_directory` refuses.
    """
    directory = directory.absolute()
    if as_is:
        identity = hash_directory(directory)
        project = directory / "pyproject.toml"
        return _describe(identity, directory, project.read_bytes() if project.is_file() else b"")
    files = _build(directory)
    return _describe(hash_files(files), directory, files["pyproject.toml"])


def _build(directory: Path) -> dict[str, bytes]:
    # Flower is large and the signer must not load it: only whoever approves an app does.
    from flwr.cli.build import build_fab_from_disk

    try:
        bundle = build_fab_from_disk(directory)
    except Exception as cause:  # Flower raises several kinds; all mean that it builds nothing here.
        raise ChongwenError(
            "app-invalid",
            f"Flower builds no app from {directory}: {cause}.",
            "Name an app's directory, the one with its pyproject.toml; --as-is hashes another.",
        ) from cause
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != _MANIFEST}


def _describe(identity: AppIdentity, directory: Path, project: bytes) -> App:
    try:
        config = tomllib.loads(project.decode())
    except ValueError:
        config = {}
    own = _table(config, "project")
    flower = _table(_table(_table(config, "tool"), "flwr"), "app")
    name = own.get("name")
    publisher = flower.get("publisher")
    client = _table(flower, "components").get("clientapp")
    full = f"{publisher}/{name}" if publisher and name else str(name or directory.name)
    return App(identity, full, str(own.get("version", "")), str(client or ""))


def _table(parent: dict[str, object], key: str) -> dict[str, object]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}
