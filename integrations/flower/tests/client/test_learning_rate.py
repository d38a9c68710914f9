"""Learning rate 1e-5: with its scale chosen the ledger's model learns as the floats do.

The same training goes three ways: floats averaged as Flower does, integers on the scale that
`choose_model_spec` takes from one dry run, and integers on one fixed scale for everything.
"""

from __future__ import annotations

import numpy as np
import pytest

from chongwen_flower.protocol.aggregate import aggregate
from chongwen_flower.protocol.model_spec import create_model_spec
from chongwen_flower.protocol.quantise import dequantise, quantise_model
from chongwen_flower.scale import choose_model_spec
from chongwen_flower.tensors import flatten, unflatten
from client import digits
from client.made_up import app, context, open_round, train

ROUNDS = 40
pytestmark = pytest.mark.usefixtures("signer")


def by_floats(start, seed):
    model = start
    for round_ in range(ROUNDS):
        learnt = [digits.learn(model, s, [seed, round_, s]) for s in range(digits.SITES)]
        model = {
            name: np.mean([m[name].astype(np.float64) for m in learnt], axis=0).astype(np.float32)
            for name in model
        }
    return model


def by_integers(spec, start, seed):
    base = quantise_model(spec, flatten(spec, start, {})).values
    for round_ in range(ROUNDS):
        arrays = unflatten(spec, dequantise(spec, base), start, {})
        updates = []
        for s in range(digits.SITES):
            client = app(lambda model, s=s, r=round_: digits.learn(model, s, [seed, r, s]))
            reply = client(train(open_round(spec), arrays), context())
            updates.append(reply.content["arrays"]["update"].numpy())
        base = aggregate(1, 0, base, updates, [1] * digits.SITES)
    return unflatten(spec, dequantise(spec, base), start, {})


@pytest.mark.parametrize("seed", [0, 1])
def test_integers_learn_as_floats_do_and_on_one_fixed_scale_they_do_not(seed):
    start = digits.initial(seed)
    learnt = digits.learn(start, 0, seed)
    example = {name: learnt[name].astype(np.float64) - start[name] for name in start}
    chosen = choose_model_spec(start, example=example)
    naive = create_model_spec([(t.name, t.shape, 14) for t in chosen.tensors])

    before = digits.loss(start)
    gained = before - digits.loss(by_floats(start, seed))
    noise = abs(before - digits.loss(by_floats(start, seed + 100)) - gained)
    gained_chosen = before - digits.loss(by_integers(chosen, start, seed))
    gained_naive = before - digits.loss(by_integers(naive, start, seed))

    print(f"gained: floats {gained:.5f} (other batches {noise:.5f} apart), ", end="")
    print(f"integers {gained_chosen:.5f}, f = 14 everywhere {gained_naive:.5f}")
    assert gained > 0.002
    assert abs(gained_chosen - gained) < min(noise, 0.01 * gained)
    assert gained_naive < 0.2 * gained
