"""``metrics.json`` of a bundle: integers, for people; its hash is in the report.

Readers (the page of a model, `audit`) know ``correct``, ``total``, ``accuracyPpm`` and
``confusion``; those are there when the server was given a holdout. The rest says what a round cost
and what quantisation did to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.canonical_json import Json
from chongwen_flower.protocol.model_spec import ModelSpec
from chongwen_flower.server.exclusions import Exclusion
from chongwen_flower.server.records import Claim, Mode

PPM = 1_000_000


@dataclass(frozen=True)
class Times:
    """Milliseconds, summed over the entries of a round; `verify` is the server's own."""

    train: int
    commit: int
    sign: int
    verify: int

    @property
    def overhead_ppm(self) -> int | None:
        """Commit, sign and verify as a share of training; None where nobody measured training."""
        if self.train == 0:
            return None
        return round(PPM * (self.commit + self.sign + self.verify) / self.train)

    def to_json(self) -> dict[str, Json]:
        """Write it as metrics have it."""
        return {
            "train": self.train,
            "commit": self.commit,
            "sign": self.sign,
            "verify": self.verify,
        }


@dataclass(frozen=True)
class Drift:
    """How far the integer model is from the app's own float model, in shadow mode."""

    most: float
    mean: float

    def to_json(self) -> dict[str, Json]:
        """Write it in 10⁻¹², as decimal strings: drifts are small, and models of any size."""
        return {"mostPico": str(round(self.most * 1e12)), "meanPico": str(round(self.mean * 1e12))}


def drift_between(floats: NDArray[np.float64], exact: NDArray[np.float64]) -> Drift:
    """Compare two flat models. What is not finite drifts by nothing that a number could say."""
    distance = np.abs(floats - exact)
    finite = distance[np.isfinite(distance)]
    if finite.size == 0:
        return Drift(0.0, 0.0)
    return Drift(float(finite.max()), float(finite.mean()))


def times_of(claims: Iterable[Claim], verify_ms: int) -> Times:
    """Sum the times of the entries."""
    each = [claim.times for claim in claims]
    train, commit, sign = (sum(t[name] for t in each) for name in ("train", "commit", "sign"))
    return Times(train, commit, sign, verify_ms)


def scale_of(spec: ModelSpec, claims: Sequence[Claim]) -> list[dict[str, Json]]:
    """Give the saturated and zeroed share of each tensor over all entries, in ppm.

    Rounded up, so that zero means none at all.
    """
    return [
        {
            "name": tensor.name,
            "fracBits": tensor.frac_bits,
            "saturatedPpm": _share(sum(c.saturated[i] for c in claims), tensor.size * len(claims)),
            "zeroedPpm": _share(sum(c.zeroed[i] for c in claims), tensor.size * len(claims)),
        }
        for i, tensor in enumerate(spec.tensors)
    ]


def counts_of(predictions: Sequence[int], labels: Sequence[int], classes: int) -> dict[str, Json]:
    """Count what a model got right, as readers of other bundles know it."""
    confusion = [[0] * classes for _ in range(classes)]
    for predicted, label in zip(predictions, labels, strict=True):
        confusion[label][predicted] += 1
    correct = sum(confusion[i][i] for i in range(classes))
    return {
        "correct": correct,
        "total": len(labels),
        "accuracyPpm": round(PPM * correct / len(labels)),
        "confusion": confusion,
    }


def metrics_of(
    spec: ModelSpec,
    claims: Sequence[Claim],
    exclusions: Iterable[Exclusion],
    times: Times,
    *,
    mode: Mode,
    privacy: Json,
    drift: Drift | None,
    counts: Mapping[str, Json],
) -> dict[str, Json]:
    """Make the metrics of one round."""
    metrics: dict[str, Json] = {
        "mode": mode,
        "entries": len(claims),
        "excluded": dict(Counter(each.code for each in exclusions)),
        "scale": scale_of(spec, claims),
        "timesMs": times.to_json(),
        "privacy": privacy,
        **counts,
    }
    if drift is not None:
        metrics["drift"] = drift.to_json()
    return metrics


def _share(count: int, of: int) -> int:
    return min(-(-PPM * count // of), PPM) if of else 0
