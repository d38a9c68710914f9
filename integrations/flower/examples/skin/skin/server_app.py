"""The aggregator: judges each round's model on a holdout, here in floats, on record in integers."""

from __future__ import annotations

from flwr.app import ArrayRecord, ConfigRecord, Context, MetricRecord
from flwr.serverapp import Grid, ServerApp

from chongwen_flower import HeadEvaluation, LedgerFedAvg
from chongwen_flower.data.extractor import FEATURE_BITS
from chongwen_flower.data.head import class_weights, zero_head
from chongwen_flower.data.metrics import evaluate as judge
from chongwen_flower.data.records import Records
from chongwen_flower.data.table import quantise_features
from skin.task import from_arrays, is_open, load_holdout, to_arrays, training_of

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Run the federation."""
    config = context.run_config
    holdout = load_holdout(config)
    width, classes = holdout.features.shape[1], len(holdout.classes)
    strategy = LedgerFedAvg(
        run_config=config,
        evaluation=_published(holdout) if is_open(config) else None,
        # In a rehearsal: leads to f = 14, as the federations of this repository have it.
        largest_change=0.99,
        fraction_evaluate=float(config["fraction-evaluate"]),
        min_train_nodes=int(config["min-nodes"]),
        min_evaluate_nodes=int(config["min-nodes"]),
        min_available_nodes=int(config["min-nodes"]),
    )
    # The holdout's class counts: no site is asked how many of its patients have what.
    weights = class_weights(holdout.class_counts(), training_of(config).balance)

    def on_holdout(server_round: int, arrays: ArrayRecord) -> MetricRecord:
        metrics = judge(from_arrays(arrays).logits(holdout.features), holdout.labels).to_json()
        said = ", ".join(f"{name} {value:.3f}" for name, value in metrics.items())
        print(f"Model after round {server_round}: {said} on {len(holdout)} held-out records")
        return MetricRecord(metrics)

    strategy.start(
        grid=grid,
        initial_arrays=to_arrays(zero_head(width, classes)),
        num_rounds=int(config["num-server-rounds"]),
        timeout=float(config["round-timeout"]),
        train_config=ConfigRecord({"class-weights": weights.tolist()}),
        evaluate_fn=on_holdout,
    )


def _published(holdout: Records) -> HeadEvaluation:
    """Put the holdout into bundles, so that anyone can repeat the evaluation."""
    return HeadEvaluation(
        head_lane=0,
        features=holdout.features.shape[1],
        classes=len(holdout.classes),
        feature_bits=FEATURE_BITS,
        holdout=quantise_features(holdout.features),
        labels=holdout.labels.tolist(),
    )
