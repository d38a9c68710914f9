"""Flower's messages without Flower's processes: for examples and tests that take a second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flwr.app import Context, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.supercore.task_identity import TaskIdentity

FIRST_NODE = 100


class InProcessGrid:
    """Carries messages to client apps in this process, one after another.

    Parameters
    ----------
    apps
        A client app a node.
    run_config
        What apps read as `context.run_config`.
    node_configs
        The same for each node's own.
    """

    def __init__(
        self,
        apps: Sequence[ClientApp],
        run_config: Mapping[str, Any] | None = None,
        node_configs: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        # Messages name the task that made them.
        TaskIdentity.run_id, TaskIdentity.node_id, TaskIdentity.task_id = 1, 1, 1
        own = node_configs or [{} for _ in apps]
        self._nodes = {
            FIRST_NODE + at: (app, Context(1, FIRST_NODE + at, {}, RecordDict(), {}))
            for at, app in enumerate(apps)
        }
        for at, (_, context) in enumerate(self._nodes.values()):
            context.run_config = dict(run_config or {})
            context.node_config = {"partition-id": at, "num-partitions": len(apps), **own[at]}

    def get_node_ids(self) -> list[int]:
        """Give the nodes that are there."""
        return list(self._nodes)

    def send_and_receive(
        self,
        messages: Iterable[Message],
        *,
        timeout: float | None = None,  # noqa: ARG002 - as Flower's grid has it
    ) -> list[Message]:
        """Let each app answer its message."""
        replies = []
        for message in messages:
            app, context = self._nodes[message.metadata.dst_node_id]
            replies.append(app(message, context))
        return replies
