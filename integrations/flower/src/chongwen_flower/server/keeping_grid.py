"""Shows replies to the strategy as they arrive, and not only when the last one has.

A site signs one update a round. An aggregator that died while others were still training would
otherwise have lost what is signed already, and could ask for it again in vain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from flwr.app import Message, MessageType, RecordDict
from flwr.proto.node_pb2 import NodeInfo
from flwr.serverapp import Grid
from flwr.supercore.run import Run

PULL_SECONDS = 3.0


class KeepingGrid(Grid):
    """Another grid, pulled by our own loop.

    Parameters
    ----------
    inner
        Does the work.
    arrived
        Given each reply to a TRAIN message as soon as it is there.
    """

    def __init__(self, inner: Grid, arrived: Callable[[Message], None]) -> None:
        self._inner = inner
        self._arrived = arrived

    def set_run(self, run: Run) -> None:
        """See `Grid`."""
        self._inner.set_run(run)

    @property
    def run(self) -> Run:
        """See `Grid`."""
        return self._inner.run

    def create_message(
        self,
        content: RecordDict,
        message_type: str,
        dst_node_id: int,
        group_id: str,
        ttl: float | None = None,
    ) -> Message:
        """See `Grid`."""
        return self._inner.create_message(content, message_type, dst_node_id, group_id, ttl)

    def get_node_ids(self) -> Iterable[int]:
        """See `Grid`."""
        return self._inner.get_node_ids()

    def get_nodes(self) -> Iterable[NodeInfo]:
        """See `Grid`."""
        return self._inner.get_nodes()

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """See `Grid`."""
        return self._inner.push_messages(messages)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """See `Grid`."""
        return self._inner.pull_messages(message_ids)

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        """See `Grid`; the loop is Flower's own, with a look at each reply."""
        asked = list(messages)
        trains = bool(asked) and asked[0].metadata.message_type.startswith(MessageType.TRAIN)
        # A grid that only tests and examples know may carry messages in one go, and no other way.
        if not trains or not hasattr(self._inner, "pull_messages"):
            return self._inner.send_and_receive(asked, timeout=timeout)
        missing = set(self._inner.push_messages(asked))
        del asked
        end = None if timeout is None else time.monotonic() + timeout
        replies: list[Message] = []
        while end is None or time.monotonic() < end:
            came = list(self._inner.pull_messages(missing))
            for message in came:
                self._arrived(message)
            replies += came
            missing -= {message.metadata.reply_to_message_id for message in came}
            if not missing:
                break
            # Simulations look more often; the grid says so itself.
            time.sleep(getattr(self._inner, "pull_interval", PULL_SECONDS))
        return replies
