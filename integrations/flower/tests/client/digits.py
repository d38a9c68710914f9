"""A small real model: two layers on scikit-learn's handwritten digits, at four sites, in NumPy."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

SITES = 4
RATE = np.float32(1e-5)


def table():
    pixels, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    return (pixels[order] / 4).astype(np.float32), labels[order]


PIXELS, LABELS = table()


def site(number):
    part = slice(number * 400, (number + 1) * 400)
    return PIXELS[part], LABELS[part]


def initial(seed):
    random = np.random.default_rng(seed)
    return {
        "w1": random.normal(0, 0.1, (64, 32)).astype(np.float32),
        "b1": np.zeros(32, np.float32),
        "w2": random.normal(0, 0.1, (32, 10)).astype(np.float32),
        "b2": np.zeros(10, np.float32),
    }


def forward(model, pixels):
    hidden = np.maximum(pixels @ model["w1"] + model["b1"], 0)
    scores = hidden @ model["w2"] + model["b2"]
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, raised / raised.sum(axis=1, keepdims=True)


def loss(model):
    shares = forward(model, PIXELS)[1][np.arange(len(LABELS)), LABELS]
    return float(-np.log(shares.astype(np.float64)).mean())


def learn(model, number, seed, steps=5):
    """Steps of plain SGD at one site."""
    model = {name: array.copy() for name, array in model.items()}
    pixels, labels = site(number)
    random = np.random.default_rng(seed)
    for _ in range(steps):
        rows = random.choice(len(labels), 32, replace=False)
        hidden, error = forward(model, pixels[rows])
        error[np.arange(32), labels[rows]] -= 1
        error /= 32
        back = (error @ model["w2"].T) * (hidden > 0)
        gradient = {
            "w1": pixels[rows].T @ back,
            "b1": back.sum(axis=0),
            "w2": hidden.T @ error,
            "b2": error.sum(axis=0),
        }
        for name, change in gradient.items():
            model[name] -= RATE * change.astype(np.float32)
    return model
