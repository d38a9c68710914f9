"""A hospital: trains the head on its own records, and never sends one."""

from __future__ import annotations

import numpy as np
from flwr.app import Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from chongwen_flower import LedgerMod
from chongwen_flower.data.head import train_head
from chongwen_flower.data.metrics import evaluate as judge
from skin.task import from_arrays, load_site, to_arrays, training_of

app = ClientApp(mods=[LedgerMod()])


@app.train()
def train(msg: Message, context: Context) -> Message:
    """Train for a round."""
    site = load_site(context.run_config, context.node_config)
    config = msg.content["config"]
    if context.run_config["trainer"] == "sklearn":
        # Imported when asked for: it takes a second, in each process of each message.
        from skin.sklearn_trainer import train_with_sklearn as train_locally
    else:
        train_locally = train_head
    head = train_locally(
        from_arrays(msg.content["arrays"]),
        site.features,
        site.labels,
        training_of(context.run_config),
        weights=np.array(config["class-weights"]),
        server_round=int(config["server-round"]),
        seed=int(context.run_config["seed"]),
    )
    metrics = MetricRecord({"num-examples": len(site)})
    content = RecordDict({"arrays": to_arrays(head), "metrics": metrics})
    return Message(content=content, reply_to=msg)


@app.evaluate()
def evaluate(msg: Message, context: Context) -> Message:
    """Judge a model on the site's own records, those it trained on: how well it fits them."""
    site = load_site(context.run_config, context.node_config)
    scores = from_arrays(msg.content["arrays"]).logits(site.features)
    metrics = MetricRecord({"num-examples": len(site), **judge(scores, site.labels).to_json()})
    return Message(content=RecordDict({"metrics": metrics}), reply_to=msg)
