"""The command that serves: everything is checked and opened before the first app is answered."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer.app_hash import hash_directory
from chongwen_flower.signer.decide import Decider
from chongwen_flower.signer.files import require_home
from chongwen_flower.signer.handler import Handler
from chongwen_flower.signer.hardening import close_memory
from chongwen_flower.signer.home import Home
from chongwen_flower.signer.keystore import load_key, read_password
from chongwen_flower.signer.server import SignerServer, listen


def serve(
    home: Home,
    path: Path | None,
    *,
    peers: Sequence[str],
    password_file: Path | None,
    ready: Callable[[dict[str, Any], str], object],
) -> None:
    """Answer apps until SIGTERM.

    Parameters
    ----------
    home
        The signer's directory.
    path
        Its socket; None for the usual one.
    peers
        Names of users whose processes may ask; none for this process's own user alone.
    password_file
        Where the keystore's password is; None to ask for it.
    ready
        Told when apps can be answered.

    Raises
    ------
    ChongwenError
        Whatever keeps it from serving.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        raise ChongwenError(
            "platform-unsupported",
            "This system does not tell a socket's owner who connects.",
            "Run the signer on Linux. A rehearsal needs none.",
        )
    close_memory()
    require_home(home.path)
    users = _users(peers)
    with home.serving():
        journal = home.open_journal()
        try:
            key = load_key(home.keystore, read_password(password_file))
            decider = Decider(key, journal, home.read_policy, hash_directory)
            socket_path = path or home.socket
            listener = listen(socket_path, shared=users != {os.geteuid()})

            def tell() -> None:
                value = {"socket": str(socket_path), "signer": key.address}
                ready(value, f"{key.address} signs at {socket_path}")

            server = SignerServer(Handler(decider, journal), users)
            try:
                asyncio.run(server.run(listener, tell))
            finally:
                socket_path.unlink(missing_ok=True)
        finally:
            journal.close()


def _users(names: Sequence[str]) -> frozenset[int]:
    if not names:
        return frozenset({os.geteuid()})
    try:
        return frozenset(pwd.getpwnam(name).pw_uid for name in names)
    except KeyError as cause:
        raise ChongwenError(
            "peer-unknown", f"This machine has no user {cause.args[0]}.", "Check the name."
        ) from None
