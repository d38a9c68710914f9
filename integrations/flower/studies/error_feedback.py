"""Whether it is worth carrying what rounding cut off into the next round.

``python -m studies.error_feedback``

Error feedback (Seide et al. 2014; Karimireddy et al. 2019, arXiv 1901.09847): a site adds the rest
of its last rounding to its next update. Measured at a learning rate of 1e-5 on real digits, as the
share of the floats' gain in loss that integers keep, by scale, with it and without.
docs/decisions/flower.md says what followed from it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt

from chongwen_flower.protocol.aggregate import FEDAVG, aggregate
from chongwen_flower.protocol.model_spec import ModelSpec, create_model_spec
from chongwen_flower.protocol.quantise import dequantise, quantise_model, quantise_update
from chongwen_flower.scale import choose_model_spec
from chongwen_flower.tensors import flatten, unflatten

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from client import digits  # The model that the mod's test trains, too.

ROUNDS = 60
SEEDS = range(5)
Model = dict[str, npt.NDArray[np.float32]]


def in_floats(start: Model, seed: int) -> float:
    """Give the loss after FedAvg in floats."""
    model = start
    for round_ in range(ROUNDS):
        learnt = [digits.learn(model, s, [seed, round_, s]) for s in range(digits.SITES)]
        model = {n: np.mean([m[n] for m in learnt], 0, np.float64).astype("f4") for n in model}
    return float(digits.loss(model))


def in_integers(spec: ModelSpec, start: Model, seed: int, *, feedback: bool) -> float:
    """Give the loss after the same training in integers."""
    base = quantise_model(spec, flatten(spec, start, {})).values
    rests = np.zeros((digits.SITES, spec.parameter_count))
    for round_ in range(ROUNDS):
        sent = unflatten(spec, dequantise(spec, base), start, {})
        updates = []
        for s in range(digits.SITES):
            learnt = digits.learn(sent, s, [seed, round_, s])
            change = flatten(spec, learnt, {}) - flatten(spec, sent, {}) + rests[s]
            updates.append(quantise_update(spec, change).values)
            if feedback:
                rests[s] = change - dequantise(spec, updates[-1])
        base = aggregate(FEDAVG, 0, base, updates, [1] * digits.SITES)
    return float(digits.loss(unflatten(spec, dequantise(spec, base), start, {})))


def measure() -> dict[str, Any]:
    """Give the mean share of the floats' gain, by scale."""
    kept: dict[str, dict[str, list[float]]] = {}
    for seed in SEEDS:
        start = digits.initial(seed)
        before = digits.loss(start)
        gain = before - in_floats(start, seed)
        again = before - in_floats(start, seed + 1000)
        kept.setdefault("floats, other batches", {}).setdefault("plain", []).append(again / gain)
        learnt = digits.learn(start, 0, seed)
        change = {name: learnt[name].astype(np.float64) - start[name] for name in start}
        chosen = choose_model_spec(start, example=change)
        scales = {"chosen from an example": chosen}
        for f in (18, 16, 14):
            scales[f"f = {f}"] = create_model_spec([(t.name, t.shape, f) for t in chosen.tensors])
        for name, spec in scales.items():
            for way, feedback in (("plain", False), ("error feedback", True)):
                loss = in_integers(spec, start, seed, feedback=feedback)
                kept.setdefault(name, {}).setdefault(way, []).append((before - loss) / gain)
    return {n: {way: round(fmean(s), 4) for way, s in ways.items()} for n, ways in kept.items()}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
