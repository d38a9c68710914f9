"""The socket: who may connect, how much they may send, and that nobody waits for anybody else.

A connection carries one request and one answer. Whoever connects and says nothing loses its place
to the next: when too many wait, the one that has waited longest is turned away.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import stat
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer.files import require_socket_directory
from chongwen_flower.signer.handler import Handler
from chongwen_flower.signer.wire import MAX_LINE

_PEER = struct.Struct("3i")  # struct ucred: process, user, group
_BACKLOG = 1024
"""Connections that the system holds until they are taken up; beyond them connecting fails."""


@dataclass(frozen=True)
class Limits:
    """What a connection may use.

    Attributes
    ----------
    waiting
        Connections that have not sent their request yet.
    working
        Requests that are being answered.
    threads
        Of these, at the same time.
    seconds
        For sending a request, and again for taking the answer.
    """

    waiting: int = 64
    working: int = 64
    threads: int = 4
    seconds: float = 5.0


class SignerServer:
    """Serves a handler on a Unix socket until it is told to stop.

    Parameters
    ----------
    handler
        Answers lines.
    peers
        Users whose processes may ask.
    limits
        What they may use.
    """

    def __init__(
        self, handler: Handler, peers: frozenset[int], limits: Limits | None = None
    ) -> None:
        self._handler = handler
        self._peers = peers
        self._limits = limits or Limits()
        self._waiting: list[asyncio.Timeout] = []
        self._working = 0
        self._pool = ThreadPoolExecutor(self._limits.threads, "signer")
        self._connections: set[asyncio.Task[None] | None] = set()

    async def run(self, listener: socket.socket, ready: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT; then finish what was begun."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        server = await asyncio.start_unix_server(
            self._connected, sock=listener, limit=MAX_LINE, backlog=_BACKLOG
        )
        async with server:
            ready()
            await stop.wait()
            server.close()
            begun = [task for task in self._connections if task is not None]
            if begun:
                await asyncio.wait(begun, timeout=self._limits.seconds)
        self._pool.shutdown()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._connections.add(task)
        try:
            answer = await self._answer(reader, writer)
            writer.write(answer)
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(self._limits.seconds):
                    await writer.drain()
        except ConnectionError:
            pass  # Whoever asked is gone; what was decided stands in the journal.
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        loop = asyncio.get_running_loop()
        handler = self._handler
        try:
            self._require_peer(writer.get_extra_info("socket"))
            line = await self._read(reader)
            if self._working >= self._limits.working:
                raise _busy()
        except ChongwenError as error:
            return await loop.run_in_executor(self._pool, handler.refuse, error)
        self._working += 1
        try:
            return await loop.run_in_executor(self._pool, handler.handle, line)
        finally:
            self._working -= 1

    def _require_peer(self, connection: socket.socket) -> None:
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        _, user, _ = _PEER.unpack(raw)
        if user not in self._peers:
            raise ChongwenError(
                "peer-refused",
                f"User {user} asked; this signer answers {sorted(self._peers)}.",
                "Run the app as the user that --peer names; give each app a user and a signer.",
            )

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        crowded = False
        try:
            async with asyncio.timeout(self._limits.seconds) as limit:
                if len(self._waiting) >= self._limits.waiting:
                    self._waiting.pop(0).reschedule(0)
                self._waiting.append(limit)
                try:
                    return await reader.readuntil(b"\n")
                finally:
                    crowded = limit not in self._waiting
                    if not crowded:
                        self._waiting.remove(limit)
        except TimeoutError:
            if crowded:
                raise _busy() from None
            raise ChongwenError(
                "request-timeout",
                f"No whole request came within {self._limits.seconds:g} s.",
                "Send one line, at once.",
                retryable=True,
            ) from None
        except asyncio.LimitOverrunError:
            raise ChongwenError(
                "line-too-long",
                f"A request has more than {MAX_LINE} bytes.",
                "Fewer tensors in the model, or fewer seats in the federation.",
            ) from None
        except asyncio.IncompleteReadError:
            raise ConnectionResetError from None


def listen(path: Path, *, shared: bool) -> socket.socket:
    """Open the socket, for its owner alone or, ``shared``, for its group.

    The caller has made sure that no other signer runs, so what lies at ``path`` is a leftover.

    Raises
    ------
    ChongwenError
        ``socket-exposed``, ``socket-unusable``
    """
    require_socket_directory(path.parent.resolve())
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        if path.exists() and stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
        listener.bind(str(path))
        path.chmod(0o660 if shared else 0o600)
    except OSError as cause:
        listener.close()
        raise ChongwenError(
            "socket-unusable",
            f"The signer cannot listen at {path}: {cause.strerror or cause}.",
            "Name another place with --socket: a short path, where nothing else lies.",
        ) from cause
    finally:
        os.umask(mask)
    listener.listen(_BACKLOG)
    return listener


def _busy() -> ChongwenError:
    return ChongwenError(
        "signer-busy",
        "Too many requests wait.",
        "Ask again; if it stays so, look for a program that floods the signer.",
        retryable=True,
    )
