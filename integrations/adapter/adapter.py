"""The smallest whole adapter: any framework's round, handed to an oracle.

Five steps, each a function: ask for the open round, commit and sign at the sites, aggregate, hand
over, follow. Replace `train` by what your framework does; keep the rest. docs/adapters.md explains.

    python adapter.py http://127.0.0.1:4810 1 token.txt keys.json 2

keys.json gives each seat's key, {"0": "0x…"}: for a demonstration on one machine. Real sites sign
in a process of their own, and the aggregator never sees a key.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.quantise import dequantise, quantise_update
from chongwen_flower.protocol.round_bundle import RoundBundle, build_round_bundle
from chongwen_flower.protocol.seal import Entry, create_entry
from chongwen_flower.protocol.signature import sign_compact

Lanes = NDArray[np.int32]


@dataclass(frozen=True)
class Oracle:
    """The routes of docs/adapters.md."""

    url: str
    federation: int
    token: str

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Ask once, and again while the oracle says that this may help."""
        headers = {"Authorization": f"Bearer {self.token}"}
        while True:
            address = self.url + path
            request = urllib.request.Request(address, body, headers, method=method)  # noqa: S310
            try:
                with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                    return bytes(response.read())
            except urllib.error.HTTPError as refused:
                problem = json.loads(refused.read())["error"]
                if not problem["retryable"]:
                    raise SystemExit(f"{problem['message']} {problem['fix']}") from refused
                time.sleep(1)

    def open_round(self) -> OpenRound:
        """Give the round that is open."""
        return OpenRound.decode(self.ask("GET", f"/v1/federations/{self.federation}/round"))

    def model(self, round_: int) -> Lanes:
        """Give the model that a round reported; 0 is the first one."""
        path = f"/v1/federations/{self.federation}/rounds/{round_}/model"
        return np.frombuffer(self.ask("GET", path), dtype="<i4").astype(np.int32)

    def hand_over(self, bundle: RoundBundle) -> str:
        """Send every file, then say that these are all. Doing it twice is the same as once."""
        digest = "0x" + bundle.artefact.hex()
        for path, data in bundle.files.items():
            self.ask("PUT", f"/v1/bundles/{digest}/{path}", data)
        self.ask("POST", f"/v1/bundles/{digest}", b"")
        return digest

    def status(self, digest: str) -> dict[str, Any]:
        """Tell what became of a bundle."""
        return dict(json.loads(self.ask("GET", f"/v1/bundles/{digest}")))


def train(model: NDArray[np.float64], seat: int, round_: int) -> NDArray[np.float64]:
    """Stand in for your framework: give what a site's training adds to the model."""
    return np.random.default_rng(1000 * round_ + seat).normal(0, 0.01, model.shape)


def contribute(
    opened: OpenRound, base: Lanes, number: int, key: bytes
) -> tuple[Entry, NDArray[np.int16]]:
    """At the site: train, quantise, commit, sign. Only the entry leaves before the round seals."""
    seat = opened.seat(number)
    if seat is None:
        raise SystemExit(f"Seat {number} cannot take part in round {opened.round}.")
    if seat.rho > 0:
        raise SystemExit("This federation charges a privacy budget: clip and add noise first.")
    delta = train(dequantise(opened.model_spec, base), number, opened.round)
    update = quantise_update(opened.model_spec, delta).values
    commitment = commit_update(update)
    statement = opened.contribution(number, commitment, seat.rho)
    signature = sign_compact(key, statement.digest(opened.domain))
    return create_entry(seat, commitment, signature), update


def run(oracle: Oracle, keys: dict[int, bytes], rounds: int) -> None:
    """Train rounds one on top of the other, without waiting for the chain."""
    opened = oracle.open_round()
    base = oracle.model(opened.parent.round)
    handed: list[str] = []
    for _ in range(rounds):
        sites = {seat: contribute(opened, base, seat, key) for seat, key in sorted(keys.items())}
        entries = [entry for entry, _ in sites.values()]
        updates = {seat: update for seat, (_, update) in sites.items()}
        bundle = build_round_bundle(opened, base, entries, updates, None, {"sites": len(sites)})
        handed.append(oracle.hand_over(bundle))
        # Everything after quantisation is exact, so the next round's parent is known already.
        parent = replace(
            opened.parent,
            round=opened.round,
            report_hash=bundle.report_hash,
            artefact=bundle.artefact,
            model_root=bundle.model_root,
        )
        opened = replace(opened, round=opened.round + 1, attempt=0, parent=parent)
        base = bundle.model
    for digest in handed:
        while (status := oracle.status(digest))["state"] not in ("reported", "final", "refused"):
            time.sleep(0.2)
        print(json.dumps(status), flush=True)
        if not status["asHanded"]:
            raise SystemExit("The ledger went another way: train on from the reported model.")


if __name__ == "__main__":
    address, federation, token_file, keys_file, count = sys.argv[1:]
    seats = json.loads(Path(keys_file).read_text())
    run(
        Oracle(address, int(federation), Path(token_file).read_text().strip()),
        {int(seat): bytes.fromhex(key[2:]) for seat, key in seats.items()},
        int(count),
    )
