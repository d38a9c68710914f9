"""The site's key: read from an Ethereum keystore, used to sign, shown to nobody."""

from __future__ import annotations

import getpass
import json
import os
import secrets
import sys
from pathlib import Path

from eth_account import Account

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.signature import address_of, sign_compact
from chongwen_flower.signer.files import read_private, sync_directory

_MAX_KEYSTORE = 1 << 16
_MAX_PASSWORD = 1 << 12
_SHORTEST = 12


class SigningKey:
    """A secret key that can sign, and has no other way out.

    Parameters
    ----------
    secret
        32 bytes.
    """

    __slots__ = ("__secret", "address")

    def __init__(self, secret: bytes) -> None:
        self.__secret = secret
        self.address = address_of(secret)

    def __repr__(self) -> str:
        return f"SigningKey({self.address})"

    def __reduce__(self) -> str:
        raise TypeError("A key is not copied or stored.")

    def sign(self, digest: bytes) -> bytes:
        """Sign 32 bytes: 64 bytes, EIP-2098."""
        return sign_compact(self.__secret, digest)


def read_password(file: Path | None, prompt: str = "Password of the keystore: ") -> str:
    """Read a password from a file, whose line end does not count, or ask for it.

    Raises
    ------
    ChongwenError
        ``password-missing``, and what `read_private` raises.
    """
    if file is not None:
        content = read_private(file, "password file", _MAX_PASSWORD)
        try:
            return content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise ChongwenError(
                "password-missing", f"{file} is no text.", "Write the password as UTF-8."
            ) from None
    if not sys.stdin.isatty():
        raise ChongwenError(
            "password-missing",
            "Nobody is there to be asked for the keystore's password.",
            "Name a file with --password-file.",
        )
    return getpass.getpass(prompt)


def load_key(keystore: Path, password: str) -> SigningKey:
    """Decrypt a keystore (Web3 Secret Storage, version 3).

    Raises
    ------
    ChongwenError
        ``keystore-invalid``, ``keystore-password-wrong``, and what `read_private` raises.
    """
    content = read_private(keystore, "keystore", _MAX_KEYSTORE)
    try:
        value = json.loads(content)
        if not isinstance(value, dict) or value.get("version") != 3:
            raise ValueError("no version 3")
        secret = bytes(Account.decrypt(value, password))
    except Exception as problem:  # Every library on the way has its own; none of them may be shown.
        if "MAC mismatch" in str(problem):
            raise ChongwenError(
                "keystore-password-wrong",
                f"The password does not open {keystore}.",
                "Give the password with which the keystore was made.",
            ) from None
        raise ChongwenError(
            "keystore-invalid",
            f"{keystore} is no keystore of version 3.",
            "Restore it from a copy, or make a new key and register it.",
        ) from None
    return SigningKey(secret)


def make_keystore(path: Path, password: str) -> str:
    """Make a new key in a new file, and give its address. An existing file is never replaced.

    Raises
    ------
    ChongwenError
        ``keystore-exists``, ``password-weak``
    """
    if len(password) < _SHORTEST:
        raise ChongwenError(
            "password-weak",
            f"The password has fewer than {_SHORTEST} characters.",
            "Take a longer one: whoever copies the keystore can try passwords at leisure.",
        )
    secret = secrets.token_bytes(32)
    content = json.dumps(Account.encrypt(secret, password)).encode()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as cause:
        raise ChongwenError(
            "keystore-exists",
            f"There is a keystore at {path}.",
            "Keep it: a key that is lost is replaced by both officers. Or name another directory.",
        ) from cause
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(handle)
    sync_directory(path.parent)
    return address_of(secret)
