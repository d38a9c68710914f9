"""A real HTTP server that plays the oracle, and misbehaves when told to.

Below it is the oracle in memory; above it faults, one a request, in the order in which they are
put in.
"""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from made_up_oracle import MadeUpOracle

from chongwen_flower.server.handover import BundleStatus

TOKEN = "let-me-in"


def status_json(status: BundleStatus) -> dict:
    problem = status.problem
    return {
        "format": "chongwen-bundle-status",
        "version": 1,
        "bundle": status.digest,
        "state": status.state,
        "federation": 1,
        "round": status.round,
        "reportHash": status.report_hash,
        "artefact": status.digest if status.report_hash else None,
        "asHanded": status.as_handed,
        "problem": problem
        and {"code": problem.code, "message": problem.message, "fix": problem.fix},
    }


class HttpOracle:
    """Serves an oracle on a free port of the loopback."""

    def __init__(self, oracle: MadeUpOracle, folder: Path) -> None:
        self.oracle = oracle
        self.folder = folder
        self.faults: deque = deque()
        self.requests: list[tuple[str, str]] = []
        self._mutex = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                outer.serve(self)

            do_PUT = do_POST = do_GET  # noqa: N815

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._mutex:
            self.requests.append((handler.command, handler.path))
            fault = self.faults.popleft() if self.faults else None
        if fault is not None and fault(handler):
            return None
        if handler.headers.get("Authorization") != f"Bearer {TOKEN}":
            return answer(handler, 401, b"{}")
        with self._mutex:
            code, content = self.answer(handler.command, handler.path, body)
        return answer(handler, code, content)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        parts = path.strip("/").split("/")
        if parts[1] == "federations" and parts[-1] == "round":
            return 200, self.oracle.open_round().encode()
        if parts[1] == "federations":
            return 200, self.oracle.models[int(parts[4])].tobytes()
        digest = parts[2]
        folder = self.folder / digest
        if method == "PUT":
            file = folder / "/".join(parts[3:])
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
            return 200, b"{}"
        if method == "POST":
            self.oracle.deliver(digest, folder)
            return 202, b"{}"
        status = self.oracle.status(digest)
        if status is None:
            return 404, error_json("bundle-unknown")
        return 200, json.dumps(status_json(status)).encode()

    def forget(self) -> None:
        with self._mutex:
            self.oracle.delivered.clear()
            shutil.rmtree(self.folder, ignore_errors=True)


def error_json(code: str, *, retryable: bool = True) -> bytes:
    said = {"code": code, "message": "No.", "fix": "Later.", "retryable": retryable}
    return json.dumps({"error": said}).encode()


def answer(handler, code: int, content: bytes, **headers: str) -> None:
    handler.send_response(code)
    for name, value in {"Content-Length": str(len(content)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


# Faults: each is given the request and says whether it has dealt with it.


def internal_error(handler):
    answer(handler, 500, b"<html>oops</html>")
    return True


def own_error(handler):
    answer(handler, 503, error_json("oracle-busy"))
    return True


def hang(handler):  # noqa: ARG001
    time.sleep(0.6)
    return True


def half_close(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
    return True


def half_an_answer(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"{")
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
    return True


def not_json(handler):
    answer(handler, 200, b"all is well")
    return True


def json_bomb(handler):
    answer(handler, 200, b"[" * 100_000)
    return True


def nothing(handler):
    answer(handler, 204, b"")
    return True


def too_much(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**9))
    handler.end_headers()
    for _ in range(200):
        try:
            handler.wfile.write(b"x" * 2**16)
        except OSError:
            break
    handler.close_connection = True
    return True


def redirect(handler):
    answer(handler, 302, b"", Location="http://127.0.0.1:1/steal")
    return True


def another_digest(handler):
    digest = "0x" + "55" * 32
    said = BundleStatus(digest, "final", 1, "0x" + "66" * 32, True, None)
    answer(handler, 200, json.dumps(status_json(said)).encode())
    return True


def lying_status(**changes):
    """A status about the right bundle with wrong fields."""

    def lie(handler):
        digest = handler.path.rpartition("/")[2]
        said = BundleStatus(digest, "final", 1, "0x" + "66" * 32, True, None)
        content = {**status_json(said), **changes}
        answer(handler, 200, json.dumps(content).encode())
        return True

    return lie
