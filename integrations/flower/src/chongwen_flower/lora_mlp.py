"""A small frozen network to adapt, in NumPy: for tests, and to read what `lora` asks of a backbone.

Layers ``x ← tanh(x·Wᵀ)``, the last one linear; trained through the adapters alone, by
backpropagation (Rumelhart et al. 1986) and gradient descent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.lora import Lora

Floats = NDArray[np.float64]


def random_mlp(sizes: Sequence[int], seed: int) -> dict[str, NDArray[np.float32]]:
    """Make a backbone that nobody trained: ``layer-0`` [sizes[1], sizes[0]] and so on."""
    generator = np.random.default_rng(seed)
    return {
        f"layer-{at}": generator.normal(0, width**-0.5, (out, width)).astype(np.float32)
        for at, (width, out) in enumerate(pairwise(sizes))
    }


def logits(weights: Mapping[str, NDArray[np.generic]], x: Floats) -> Floats:
    """Score each class, [n, classes]."""
    return _activations([np.asarray(w, np.float64) for w in weights.values()], x)[-1]


def loss(weights: Mapping[str, NDArray[np.generic]], x: Floats, y: NDArray[np.integer]) -> float:
    """Give the mean cross-entropy."""
    chances = _softmax(logits(weights, x))
    return float(-np.log(chances[np.arange(len(y)), y] + 1e-300).mean())


def train_adapters(
    lora: Lora,
    backbone: Mapping[str, NDArray[np.generic]],
    arrays: Mapping[str, NDArray[np.generic]],
    x: Floats,
    y: NDArray[np.integer],
    *,
    steps: int,
    learning_rate: float,
) -> dict[str, NDArray[np.generic]]:
    """Train the adapters on all records at once, and give them as federated arrays.

    Raises
    ------
    ChongwenError
        ``backbone-mismatch``
    """
    lora.adapted(backbone, arrays)  # refuses another backbone before anything is trained
    adapters = lora.adapters(arrays)
    frozen = {name: np.asarray(array, np.float64) for name, array in backbone.items()}
    scale = lora.alpha / lora.rank
    names = list(frozen)
    for _ in range(steps):
        full = [
            frozen[name] + scale * adapters[name][1] @ adapters[name][0]
            if name in adapters
            else frozen[name]
            for name in names
        ]
        slopes = dict(zip(names, _gradients(full, x, y), strict=True))
        for name, (a, b) in adapters.items():
            down, up = b.T @ slopes[name], slopes[name] @ a.T
            moved = a if lora.freeze_a else a - learning_rate * scale * down
            adapters[name] = (moved, b - learning_rate * scale * up)
    return lora.arrays(adapters)


def _activations(weights: Sequence[Floats], x: Floats) -> list[Floats]:
    found = [x]
    for at, weight in enumerate(weights):
        raw = found[-1] @ weight.T
        found.append(raw if at == len(weights) - 1 else np.tanh(raw))
    return found


def _gradients(weights: Sequence[Floats], x: Floats, y: NDArray[np.integer]) -> list[Floats]:
    activations = _activations(weights, x)
    slope = _softmax(activations[-1])
    slope[np.arange(len(y)), y] -= 1
    slope /= len(y)
    found: list[Floats] = []
    for at in reversed(range(len(weights))):
        found.append(slope.T @ activations[at])
        slope = (slope @ weights[at]) * (1 - activations[at] ** 2)
    return found[::-1]


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
