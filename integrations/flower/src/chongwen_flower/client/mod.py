"""The mod: any Flower app's TRAIN messages, committed to and signed.

It is told by the server which round is open, lets the app train as ever, and answers with the
update in integers, the commitment and a signature; or with the reason why not. It never makes an
app fail: what goes wrong here is a refusal, which the server leaves out of the round.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from flwr.app import ArrayRecord, Context, Error, Message, MessageType, MetricRecord, RecordDict
from flwr.clientapp.typing import ClientAppCallable

from chongwen_flower.client.privacy import PrivacySetting
from chongwen_flower.client.request import ledger_record, without_ledger
from chongwen_flower.client.turn import Settings, Turn

REQUIRE_KEY = "chongwen-require"


class LedgerMod:
    """Puts a client app on the ledger. First in the list: ``ClientApp(mods=[LedgerMod(), …])``.

    Parameters
    ----------
    buffers
        What becomes of integer arrays, by name or pattern: ``"local"`` or ``"count"``; the same as
        in the strategy. See `chongwen_flower.tensors`.
    signer
        Socket of the site signer, where neither the node's configuration (``chongwen-signer``) nor
        the environment (``CHONGWEN_SIGNER``) names one.
    clip
        Largest L2 norm of an update, in units of the grid. Node: ``chongwen-clip``.
    unit
        Whose presence noise hides: record, patient or site. Node: ``chongwen-unit``.
    variance
        σ² of the noise, in squared units of the grid; by default the smallest that the round's
        price covers. Node: ``chongwen-variance``.

    Notes
    -----
    A node started with ``chongwen-require=true`` trains for no server that asks without a ledger,
    in shadow mode or in a rehearsal: its floats then never leave the site. Without it those
    messages are what they are in any Flower app.

    Examples
    --------
    >>> from flwr.clientapp import ClientApp
    >>> app = ClientApp(mods=[LedgerMod(buffers={"*.num_batches_tracked": "local"})])
    """

    def __init__(
        self,
        *,
        buffers: Mapping[str, str] | None = None,
        signer: str | None = None,
        clip: int | None = None,
        unit: str = "record",
        variance: int | None = None,
    ) -> None:
        self._settings = Settings(
            buffers=dict(buffers or {}),
            signer=signer,
            privacy=PrivacySetting(clip=clip, unit=unit, variance=variance),
        )

    def __call__(self, msg: Message, context: Context, call_next: ClientAppCallable) -> Message:
        """Handle one message."""
        if msg.metadata.message_type.split(".")[0] != MessageType.TRAIN:
            return call_next(msg, context)
        record = ledger_record(msg)
        required = context.node_config.get(REQUIRE_KEY) is True
        if record is None:
            return _no_ledger(msg) if required else call_next(msg, context)
        turn = Turn(self._settings, record, context, msg.content, required=required)
        if not turn.prepare() and not turn.shadow:
            return _untrained(msg, turn)
        msg.content = without_ledger(msg.content)
        started = time.monotonic()
        reply = call_next(msg, context)
        if isinstance(reply, Message) and reply.has_content():
            turn.finish(reply.content, time.monotonic() - started)
        return reply


def _untrained(msg: Message, turn: Turn) -> Message:
    """Refuse before a GPU hour is spent, and before anything is learnt that nobody may have."""
    content = RecordDict({turn.arrays_key: ArrayRecord(), "metrics": MetricRecord()})
    turn.write_refusal(content)
    return Message(content, reply_to=msg)


def _no_ledger(msg: Message) -> Message:
    reason = (
        f"This node trains for a ledger alone ({REQUIRE_KEY}=true), and the server's message names "
        "none. Use LedgerFedAvg in the server app."
    )
    return Message(Error(code=0, reason=reason), reply_to=msg)
