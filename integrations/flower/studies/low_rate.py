"""Learning rate 1e-5: what becomes of changes that are small: ``python -m studies.low_rate``.

Measured as the share of the floats' gain in training loss that integers keep, on the dermatology
table, from zeros, with one f for all lanes, and with f chosen from an example update.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np

from chongwen_flower.data.head import Head, Training, class_weights
from chongwen_flower.data.records import Records
from chongwen_flower.scale import choose_model_spec
from studies.federation import Floats, Setup, Spent, features_of, in_floats, in_integers, spec_of
from studies.sources import SEEDS, table

RATE = 1e-5
ROUNDS = 30
SCALES = (14, 16, 18, 20)


def low_rate(seeds: Sequence[int] = SEEDS) -> dict[str, Any]:
    """Train at 1e-5 in floats, and in integers of several scales."""
    kept: dict[str, list[float]] = {}
    zeroed: dict[str, list[float]] = {}
    chosen: set[int] = set()
    for seed in seeds:
        divided = table(seed)
        training = Training(
            epochs=15, batch=32, learning_rate=RATE, decay=1.0, weight_decay=0.0, balance=0.0
        )
        weights = class_weights(divided.holdout.class_counts(), 0.0)
        setup = Setup(divided.sites, training, weights, ROUNDS, seed)
        first = setup.first()
        start = _loss(first, divided.sites)
        gain = start - _loss(in_floats(setup), divided.sites)
        dry = setup.train(first, divided.sites[0], 1)
        spec = choose_model_spec(_arrays(first), example=_difference(dry, first))
        chosen |= {tensor.frac_bits for tensor in spec.tensors}
        scales = {f"f = {f}": spec_of(first, f) for f in SCALES} | {"chosen from an example": spec}
        for name, scale in scales.items():
            spent = Spent()
            head, _ = in_integers(setup, scale, spent)
            kept.setdefault(name, []).append((start - _loss(head, divided.sites)) / gain)
            zeroed.setdefault(name, []).append(spent.zeroed / spent.lanes)
    return {
        "learningRate": RATE,
        "rounds": ROUNDS,
        "seeds": list(seeds),
        "chosenFracBits": sorted(chosen),
        "shareOfGainKept": {name: fmean(shares) for name, shares in kept.items()},
        "zeroedShare": {name: fmean(shares) for name, shares in zeroed.items()},
    }


def _loss(head: Head, sites: Sequence[Records]) -> float:
    """Cross-entropy over all sites' records."""
    losses: list[Floats] = []
    for site in sites:
        logits = head.logits(features_of(site))
        top = logits.max(axis=1)
        log_sum = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
        losses.append(log_sum - logits[np.arange(len(site)), site.labels])
    return float(np.concatenate(losses).mean())


def _arrays(head: Head) -> dict[str, Any]:
    return {"weight": head.weight, "bias": head.bias}


def _difference(new: Head, old: Head) -> dict[str, Any]:
    return {"weight": new.weight - old.weight, "bias": new.bias - old.bias}


if __name__ == "__main__":
    print(json.dumps(low_rate(), indent=2))
