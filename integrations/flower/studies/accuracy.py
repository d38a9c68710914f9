"""What federating gains, what integers lose: ``python -m studies.accuracy --json``.

Every function returns plain values. On one core: about 20 s for everything, of which 5 s extract
features.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean, stdev
from typing import Any

import numpy as np

from chongwen_flower.data.head import Head, class_weights
from chongwen_flower.data.metrics import Metrics, evaluate
from chongwen_flower.data.records import Records
from chongwen_flower.protocol.evaluation import predict_all
from chongwen_flower.protocol.head import Head as HeadPlace
from studies.federation import Setup, Spent, features_of, in_floats, in_integers
from studies.sources import SEEDS, Divided, skin, table

METRICS = ("accuracy", "balanced_accuracy", "macro_auc")

Json = dict[str, Any]


def integers_against_floats(
    load: Callable[[int], Divided | None], seeds: Sequence[int] = SEEDS
) -> Json | None:
    """Aggregate the same federations in integers and in floats.

    The yardstick is seed noise: how far two float federations on the same split lie apart that
    differ in the order of their batches alone.
    """
    rows: dict[str, list[Metrics]] = {"integers": [], "floats": [], "floats, other batches": []}
    spent = Spent()
    exact = True
    for seed in seeds:
        divided = load(seed)
        if divided is None:
            return None
        setup = _setup(divided, divided.sites, seed)
        head, lanes = in_integers(setup, spent=spent)
        rows["integers"].append(_judge(head, divided.holdout))
        rows["floats"].append(_judge(in_floats(setup), divided.holdout))
        other = in_floats(replace(setup, seed=seed + 1_000))
        rows["floats, other batches"].append(_judge(other, divided.holdout))
        exact = exact and _predicts_alike(head, lanes, divided.holdout)
    within = {metric: _within(rows, metric) for metric in METRICS}
    return {
        "seeds": list(seeds),
        **{name: _summary(metrics) for name, metrics in rows.items()},
        "difference": within,
        "withinSeedNoise": all(entry["within"] for entry in within.values()),
        "integerEvaluatorAgrees": exact,
        "saturatedShare": spent.saturated / spent.lanes,
        "zeroedShare": spent.zeroed / spent.lanes,
        "commitSharePercent": 100 * spent.commit_seconds / spent.train_seconds,
        "aggregateSharePercent": 100 * spent.aggregate_seconds / spent.train_seconds,
    }


def four_sources(
    load: Callable[[int], Divided | None] = skin, seeds: Sequence[int] = SEEDS
) -> Json | None:
    """Federated, centralised and single-site training, judged on held-out records of all sources.

    Everybody trains as many epochs, on what they have. A site alone is shown a second time with as
    many steps as the centralised model takes, because its epochs are shorter.
    """
    rows: dict[str, list[Metrics]] = {}
    for seed in seeds:
        divided = load(seed)
        if divided is None:
            return None

        def note(name: str, head: Head, divided: Divided = divided) -> None:
            rows.setdefault(name, []).append(_judge(head, divided.holdout))

        note("federated", in_integers(_setup(divided, divided.sites, seed))[0])
        pooled = _pool(divided.sites)
        note("centralised", in_floats(_setup(divided, [pooled], seed)))
        for name, site in zip(divided.names, divided.sites, strict=True):
            alone = _setup(divided, [site], seed)
            note(f"{name} alone", in_floats(alone))
            epochs = round(divided.training.epochs * len(pooled) / len(site))
            longer = replace(alone, training=replace(divided.training, epochs=epochs))
            note(f"{name} alone, as many steps", in_floats(longer))
    summaries = {name: _summary(metrics) for name, metrics in rows.items()}
    best = max(
        (name for name in summaries if "alone" in name),
        key=lambda name: float(summaries[name]["macro_auc"]["mean"]),
    )
    last = load(seeds[-1])
    return {
        "seeds": list(seeds),
        "results": summaries,
        "bestSingleSite": best,
        "records": None
        if last is None
        else dict(zip(last.names, map(len, last.sites), strict=True))
        | {"holdout": len(last.holdout)},
    }


def _setup(divided: Divided, sites: Sequence[Records], seed: int) -> Setup:
    weights = class_weights(divided.holdout.class_counts(), divided.training.balance)
    return Setup(sites, divided.training, weights, divided.rounds, seed)


def _judge(head: Head, holdout: Records) -> Metrics:
    return evaluate(head.logits(features_of(holdout)), holdout.labels)


def _predicts_alike(head: Head, lanes: Any, holdout: Records) -> bool:  # noqa: ANN401
    """Whether the evaluator of reports, in integers, gives the classes that floats give."""
    from chongwen_flower.data.table import quantise_features

    features = features_of(holdout)
    place = HeadPlace(0, features.shape[1], len(head.bias), 14)
    quantised = quantise_features(features)
    predicted = predict_all(lanes, place, quantised.reshape(-1), len(holdout))
    # Of the same quantised features: those of the table are rounded to 14 bits.
    floats = head.logits(quantised / 2.0**14).argmax(axis=1)
    return list(predicted) == floats.tolist()


def _pool(sites: Sequence[Records]) -> Records:
    first = sites[0]
    together = np.concatenate
    return replace(
        first,
        labels=together([site.labels for site in sites]),
        sources=together([site.sources for site in sites]),
        label_levels=together([site.label_levels for site in sites]),
        groups=together([site.groups for site in sites]),
        features=together([features_of(site) for site in sites]),
    )


def _summary(metrics: Sequence[Metrics]) -> Json:
    table = {name: [getattr(entry, name) for entry in metrics] for name in METRICS}
    return {
        name: {"mean": fmean(values), "sd": stdev(values) if len(values) > 1 else 0.0}
        for name, values in table.items()
    }


def _within(rows: dict[str, list[Metrics]], metric: str) -> Json:
    integers, floats, others = ([getattr(m, metric) for m in entries] for entries in rows.values())
    lost = [a - b for a, b in zip(integers, floats, strict=True)]
    noise = [a - b for a, b in zip(others, floats, strict=True)]
    size = fmean(abs(value) for value in noise)
    return {
        "mean": fmean(lost),
        "meanAmount": fmean(map(abs, lost)),
        "noiseAmount": size,
        "within": abs(fmean(lost)) <= size or fmean(map(abs, lost)) <= size,
    }


def study(seeds: Sequence[int] = SEEDS) -> Json:
    """Measure everything; None where the four-source thumbnails are not there."""
    return {
        "table": integers_against_floats(table, seeds),
        "skin": integers_against_floats(skin, seeds),
        "fourSources": four_sources(skin, seeds),
    }


def main() -> None:
    """Print the study."""
    parser = argparse.ArgumentParser(prog="python -m studies.accuracy", description=__doc__)
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    given = parser.parse_args()
    found = study(range(1, given.seeds + 1))
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
