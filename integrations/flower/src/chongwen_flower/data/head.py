"""The part that federates: a linear softmax head, of the form whose accuracy anyone can disprove.

weight [features, classes] and bias [classes], flat in this order: the head of `docs/protocol.md`,
Evaluation, with `headLane` 0. The loss is convex, so every federation starts at zeros.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chongwen_flower.data.refuse import refuse

Floats = npt.NDArray[np.float64]

#: What an evaluation that can be disproven on chain holds at most.
MAX_FEATURES, MAX_WEIGHTS = 4_096, 8_192


@dataclass(frozen=True)
class Training:
    """How a site trains in one round.

    Parameters
    ----------
    epochs, batch, learning_rate
        Of mini-batch gradient descent.
    decay
        The learning rate of round r (from 1) is `learning_rate · decay^(r−1)`.
    weight_decay
        Pull of the weights towards zero (not of the bias).
    prox
        Pull towards the round's model: FedProx (Li et al. 2020, arXiv 1812.06127); 0 is FedAvg.
    balance
        Exponent of the class weights: 0 every record alike, 1 every class alike.
    """

    epochs: int = 3
    batch: int = 32
    learning_rate: float = 0.3
    decay: float = 0.85
    weight_decay: float = 0.002
    prox: float = 0.0
    balance: float = 0.75

    def __post_init__(self) -> None:
        finite = (self.learning_rate, self.decay, self.weight_decay, self.prox, self.balance)
        if min(self.epochs, self.batch) < 1 or not all(
            math.isfinite(value) and value >= 0 for value in finite
        ):
            raise refuse("training-parameter", "A training parameter is out of range.", "Mend it.")


#: For the 591 features of thumbnails, and for the 34 columns of the dermatology table. Chosen by
#: looking at splits 100 and 101; what is reported are others.
SKIN_TRAINING = Training()
TABLE_TRAINING = Training(
    epochs=15, batch=32, learning_rate=0.5, decay=0.95, weight_decay=0.0, balance=0.0
)


@dataclass(frozen=True)
class Head:
    """A softmax head in floats."""

    weight: Floats
    bias: Floats

    def logits(self, features: Floats) -> Floats:
        """Score of each class, [n, classes]."""
        return np.asarray(features @ self.weight + self.bias)

    def flat(self) -> Floats:
        """All lanes in the order of the ledger."""
        return np.concatenate([self.weight.reshape(-1), self.bias])


def zero_head(features: int, classes: int) -> Head:
    """Where a federation starts.

    Raises
    ------
    ChongwenError
        ``training-shape``: larger than an evaluation that can be disproven.
    """
    if not (1 <= features <= MAX_FEATURES and features * classes <= MAX_WEIGHTS):
        raise refuse(
            "training-shape",
            f"A head of {features} features and {classes} classes cannot be disproven on chain.",
            f"At most {MAX_FEATURES} features and {MAX_WEIGHTS} weights.",
        )
    return Head(np.zeros((features, classes)), np.zeros(classes))


def head_of(flat: npt.ArrayLike, classes: int) -> Head:
    """Read the head that stands in flat lanes."""
    lanes = np.asarray(flat, np.float64)
    if lanes.ndim != 1 or lanes.size % classes or lanes.size < 2 * classes:
        raise refuse("training-shape", "Lanes of another head.", "Use the federation's own model.")
    return Head(lanes[:-classes].reshape(-1, classes).copy(), lanes[-classes:].copy())


def class_weights(counts: Sequence[int], balance: float) -> Floats:
    """Weight of each class, (n/(k·n_c))^balance, so that a record weighs 1 on average.

    The counts should be the whole federation's or the holdout's: weighed by its own counts, a
    clinic that saw a disease twice would pull the model as hard as one that saw it often.
    """
    numbers = np.asarray(counts, np.float64)
    with np.errstate(divide="ignore"):
        raw = np.where(numbers > 0, (numbers.sum() / (len(numbers) * numbers)) ** balance, 0.0)
    return np.asarray(raw * numbers.sum() / (raw * numbers).sum())


def train_head(
    start: Head,
    features: Floats,
    labels: npt.NDArray[np.uint8],
    training: Training,
    *,
    weights: Floats,
    server_round: int,
    seed: int,
) -> Head:
    """One site's work in one round: the client's part of FedAvg (McMahan et al. 2017).

    Raises
    ------
    ChongwenError
        ``training-shape``, ``training-diverged``
    """
    if features.shape[1:] != start.weight.shape[:1] or len(weights) != start.bias.size:
        raise refuse("training-shape", "Model and records differ.", "Use one federation's.")
    rate = training.learning_rate * training.decay ** (server_round - 1)
    generator = np.random.default_rng([seed, server_round])
    weight, bias = start.weight.copy(), start.bias.copy()
    for _ in range(training.epochs):
        order = generator.permutation(len(labels))
        for at in range(0, len(order), training.batch):
            rows = order[at : at + training.batch]
            x, y = features[rows], labels[rows]
            slope = _softmax(x @ weight + bias)
            slope[np.arange(len(rows)), y] -= 1
            slope *= weights[y][:, None] / len(rows)
            pull = training.weight_decay * weight + training.prox * (weight - start.weight)
            weight -= rate * (x.T @ slope + pull)
            bias -= rate * (slope.sum(axis=0) + training.prox * (bias - start.bias))
    if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
        raise refuse("training-diverged", "Training diverged.", "Lower the learning rate.")
    return Head(weight, bias)


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
