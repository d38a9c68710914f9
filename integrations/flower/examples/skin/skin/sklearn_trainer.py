"""The same head, trained by scikit-learn: one logistic regression a class, by stochastic descent.

`SGDClassifier` (Bottou 2012, "Stochastic Gradient Descent Tricks") goes on from the round's model.
Its classes are one against all others, so scores differ from those of a softmax; lanes, evaluation
and everything on the ledger are the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import SGDClassifier

from chongwen_flower.data.head import Floats, Head, Training


def train_with_sklearn(
    start: Head,
    features: Floats,
    labels: npt.NDArray[np.uint8],
    training: Training,
    *,
    weights: Floats,
    server_round: int,
    seed: int,
) -> Head:
    """Train for a round, as `train_head` does."""
    classes = np.arange(start.bias.size)
    model = SGDClassifier(
        loss="log_loss",
        # One record a step: smaller steps than a mean over a batch allows.
        eta0=training.learning_rate * training.decay ** (server_round - 1) / training.batch,
        learning_rate="constant",
        alpha=training.weight_decay,
        random_state=seed * 100_003 + server_round,
    )
    # scikit-learn makes its arrays at the first call; then they are the round's model.
    model.partial_fit(features[:1], labels[:1], classes=classes)
    model.coef_, model.intercept_ = start.weight.T.copy(order="C"), start.bias.copy()
    for _ in range(training.epochs):
        model.partial_fit(features, labels, sample_weight=weights[labels])
    return Head(model.coef_.T.copy(), model.intercept_.copy())
