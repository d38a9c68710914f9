"""Hand-over to an oracle over HTTP. What answers is believed no more than a stranger is.

Answers are read up to a cap and within a deadline, whatever the other side does: hangs, drips, half
closes. Redirects are not followed, so that the token goes to one address only.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import numpy as np
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.canonical_json import parse
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.server.handover import (
    MOST_JSON,
    BundleStatus,
    bundle_paths,
    nonsense,
    parse_model,
    parse_status,
    unreachable,
)

_CHUNK = 2**16
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class HttpHandover:
    """Speaks the oracle's ``/v1``.

    Parameters
    ----------
    url
        Of the oracle, e.g. ``http://127.0.0.1:4810``. Plain HTTP on this machine only.
    federation
        Number on the ledger.
    token
        Bearer token; None when the oracle wants none.
    patience
        Seconds without a byte before a request counts as failed, and to connect.
    deadline
        Seconds that one answer may take in all. Uploads take as long as bytes flow.
    """

    def __init__(
        self,
        url: str,
        federation: int,
        token: str | None,
        *,
        patience: float = 10,
        deadline: float = 120,
    ) -> None:
        parts = urlsplit(url)
        local = parts.hostname in _LOOPBACK
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise ChongwenError(
                "ledger-address",
                f"“{url}” is no address of an oracle.",
                "Give http://127.0.0.1:<port>, https://<host>, drop:<folder>, rehearsal:<folder>.",
            )
        if parts.scheme == "http" and not local:
            raise ChongwenError(
                "ledger-insecure",
                f"Plain HTTP to {parts.hostname} would show the token to everyone on the way.",
                "Use https://, or a tunnel that ends at 127.0.0.1.",
            )
        self.name = f"the oracle at {parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._federation = federation
        self._deadline = deadline
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(
            base_url=url,
            headers=headers,
            timeout=httpx.Timeout(patience),
            follow_redirects=False,
            # A proxy from the environment has no business between two programs of one machine.
            trust_env=not local,
        )

    def open_round(self) -> OpenRound:
        """See `Handover`."""
        content = self._request("GET", f"/v1/federations/{self._federation}/round", MOST_JSON)
        try:
            return OpenRound.from_json(self._json(content))
        except ChongwenError as error:
            raise nonsense(self.name, f"its open round is none: {error.message}") from error

    def model(self, round_: int, lanes: int) -> NDArray[np.int32]:
        """See `Handover`."""
        path = f"/v1/federations/{self._federation}/rounds/{round_}/model"
        return parse_model(self._request("GET", path, 4 * lanes) or b"", lanes, self.name)

    def deliver(self, digest: str, folder: Path) -> None:
        """See `Handover`."""
        known = self.status(digest)
        if known is not None and known.state not in ("receiving", "refused"):
            return
        for path in bundle_paths(folder):
            file = folder / path
            headers = {
                "Content-Type": "application/octet-stream",
                "Content-Length": str(file.stat().st_size),
            }
            address = f"/v1/bundles/{digest}/{quote(path)}"
            self._request("PUT", address, MOST_JSON, body=_pieces(file), headers=headers)
        self._request("POST", f"/v1/bundles/{digest}", MOST_JSON)

    def status(self, digest: str) -> BundleStatus | None:
        """See `Handover`."""
        content = self._request("GET", f"/v1/bundles/{digest}", MOST_JSON, missing=True)
        return None if content is None else parse_status(self._json(content), digest, self.name)

    def close(self) -> None:
        """See `Handover`."""
        self._client.close()

    def _request(
        self,
        method: str,
        path: str,
        most: int,
        *,
        body: Iterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
        missing: bool = False,
    ) -> bytes | None:
        try:
            with self._client.stream(method, path, content=body, headers=headers) as response:
                content = self._read(response, most if response.is_success else MOST_JSON)
                code = response.status_code
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise unreachable(self.name, f"{type(error).__name__} {error}".strip()) from error
        if 200 <= code < 300:
            return content
        if missing and code == 404:
            return None
        raise self._refusal(code, content)

    def _read(self, response: httpx.Response, most: int) -> bytes:
        end = time.monotonic() + self._deadline
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > most:
                raise nonsense(self.name, f"more than {most} bytes")
            if time.monotonic() > end:
                raise unreachable(self.name, f"still answering after {self._deadline:g} s")
            parts.append(part)
        return b"".join(parts)

    def _json(self, content: bytes | None) -> object:
        try:
            return parse(content or b"")
        except ValueError as error:
            raise nonsense(self.name, "no JSON") from error

    def _refusal(self, status: int, content: bytes) -> ChongwenError:
        """Give the oracle's own error, when it is one."""
        try:
            error = parse(content)["error"]
            code, message, fix = (str(error[key])[:1000] for key in ("code", "message", "fix"))
            return ChongwenError(code, message, fix, retryable=bool(error.get("retryable")))
        except (ValueError, KeyError, TypeError, AttributeError):
            if status in (401, 403):
                return ChongwenError(
                    "ledger-token",
                    f"{self.name} refuses the token.",
                    "Give the token that the oracle wrote (token_file, CHONGWEN_TOKEN_FILE).",
                    retryable=True,
                )
            return nonsense(self.name, f"status {status} without a reason")


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            yield piece
