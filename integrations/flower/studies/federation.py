"""Federations in one process, by the functions that the package itself uses; no Flower, no keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import numpy.typing as npt

from chongwen_flower.data.head import Head, Training, head_of, train_head, zero_head
from chongwen_flower.data.records import Records
from chongwen_flower.protocol.aggregate import FEDAVG, aggregate
from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.model_spec import ModelSpec, create_model_spec
from chongwen_flower.protocol.quantise import dequantise, quantise_model, quantise_update

Floats = npt.NDArray[np.float64]

FRAC_BITS = 14


@dataclass
class Spent:
    """What a federation in integers cost, and what its grid took away."""

    train_seconds: float = 0.0
    commit_seconds: float = 0.0
    aggregate_seconds: float = 0.0
    lanes: int = 0
    saturated: int = 0
    zeroed: int = 0
    roots: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class Setup:
    """A federation: its sites, how they train, and where they begin."""

    sites: Sequence[Records]
    training: Training
    weights: Floats
    rounds: int
    seed: int
    start: Head | None = None

    def first(self) -> Head:
        """Where training begins: at zeros, unless it goes on from a head."""
        one = self.sites[0]
        return self.start or zero_head(_features(one).shape[1], len(one.classes))

    def train(self, head: Head, site: Records, server_round: int) -> Head:
        """Train at one site in one round."""
        return train_head(
            head,
            _features(site),
            site.labels,
            self.training,
            weights=self.weights,
            server_round=server_round,
            seed=self.seed,
        )


def in_floats(setup: Setup) -> Head:
    """FedAvg as it is usual: weighted means of float models."""
    head = setup.first()
    shares = np.array([len(site) for site in setup.sites], np.float64)
    for server_round in range(1, setup.rounds + 1):
        trained = [setup.train(head, site, server_round).flat() for site in setup.sites]
        mean = np.average(trained, axis=0, weights=shares)
        head = head_of(mean, len(head.bias))
    return head


def in_integers(
    setup: Setup, spec: ModelSpec | None = None, spent: Spent | None = None
) -> tuple[Head, npt.NDArray[np.int32]]:
    """Aggregate as the ledger does: float32 to sites, int16 back, exact sums on the grid."""
    first, spent = setup.first(), spent or Spent()
    classes = len(first.bias)
    spec = spec or spec_of(first)
    lanes = quantise_model(spec, first.flat()).values
    weights = [len(site) for site in setup.sites]
    for server_round in range(1, setup.rounds + 1):
        received = dequantise(spec, lanes).astype(np.float32).astype(np.float64)
        updates = []
        for site in setup.sites:
            began = perf_counter()
            trained = setup.train(head_of(received, classes), site, server_round)
            spent.train_seconds += perf_counter() - began
            began = perf_counter()
            # As it leaves an app: float32.
            sent = trained.flat().astype(np.float32).astype(np.float64)
            update = quantise_update(spec, sent - received)
            spent.roots.append(commit_update(update.values).update_root)
            spent.commit_seconds += perf_counter() - began
            spent.lanes += update.values.size
            spent.saturated += sum(update.saturated)
            spent.zeroed += sum(update.zeroed)
            updates.append(update.values)
        began = perf_counter()
        lanes = aggregate(FEDAVG, 0, lanes, updates, weights)
        spent.aggregate_seconds += perf_counter() - began
    return head_of(dequantise(spec, lanes), classes), lanes


def spec_of(head: Head, frac_bits: int = FRAC_BITS) -> ModelSpec:
    """One scale for all lanes, as an evaluation wants it."""
    shapes = ("weight", head.weight.shape), ("bias", head.bias.shape)
    return create_model_spec([(name, shape, frac_bits) for name, shape in shapes])


def _features(records: Records) -> Floats:
    if records.features is None:
        raise TypeError("these records have no features yet")
    return records.features


def features_of(records: Records) -> Floats:
    """Give the features of records that have them."""
    return _features(records)
