"""Between a strategy and the ledger: sends the open round along, records what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from logging import INFO, WARNING

import numpy as np
from flwr.app import ArrayRecord, Message, RecordDict
from flwr.supercore import log

from chongwen_flower.protocol.quantise import dequantise
from chongwen_flower.server.app_arrays import AppArrays
from chongwen_flower.server.evaluation import HeadEvaluation
from chongwen_flower.server.ledger_round import LedgerRound
from chongwen_flower.server.metrics import drift_between
from chongwen_flower.server.records import LEDGER_KEY, train_record
from chongwen_flower.server.session import Session
from chongwen_flower.server.shadow import keep_floats, kept_floats

_WENT_ANOTHER_WAY = "The ledger went another way while the sites trained."


class Recorder:
    """What a strategy does about the ledger.

    Parameters
    ----------
    session
        Open.
    app
        The form in which the app wants its model.
    evaluation
        Open holdout, or None.
    """

    def __init__(self, session: Session, app: AppArrays, evaluation: HeadEvaluation | None) -> None:
        self.session = session
        self._app = app
        self._evaluation = evaluation
        self._mode = session.settings.mode
        self._round: LedgerRound | None = None

    def model(self) -> ArrayRecord | None:
        """Give the model that training is at, as the app wants it; None before it is known."""
        head = self.session.head
        return None if head is None else self._app.record(head.open_round.model_spec, head.model)

    def first_arrays(self, initial: ArrayRecord) -> ArrayRecord:
        """Decide what training begins with: the app's arrays, the ledger's, an earlier run's.

        Raises
        ------
        ChongwenError
            ``tensor-…``, ``buffer-…``: the app has another model than the ledger.
        """
        head = self.session.head
        if head is None:
            return initial
        open_round = head.open_round
        # First: an app with another model than the ledger's is told so, and goes no further.
        own = self._app.initial_lanes(open_round.model_spec)
        model = self._app.record(open_round.model_spec, head.model)
        if self.session.resumed:
            log(INFO, "Ledger: initial_arrays are ignored: round %d goes on.", open_round.round)
            folder = self.session.settings.spool
            kept = kept_floats(folder, open_round.parent.report_hash)
            return model if kept is None or self._mode == "ledger" else kept
        differing = int(np.count_nonzero(own != head.model))
        if differing:
            log(
                WARNING,
                "Ledger: initial_arrays differ from the model of round %d in %d of %d lanes; %s",
                open_round.parent.round,
                differing,
                own.size,
                "it is taken instead."
                if self._mode == "ledger"
                else "the record begins with it all the same.",
            )
        return model if self._mode == "ledger" else initial

    def begin(self, server_round: int, messages: Sequence[Message]) -> None:
        """Put the ledger's record into TRAIN messages."""
        session = self.session
        self._round = None
        keys = session.seat_nodes(message.metadata.dst_node_id for message in messages)
        head = session.head
        if head is None:
            log(WARNING, "Ledger: the open round is not known yet; this round is not recorded.")
            return
        for message in messages:
            node = message.metadata.dst_node_id
            note = session.book.note_for(node)
            record = train_record(head.open_round, self._mode, note, keys.get(node))
            message.content = RecordDict({**message.content, LEDGER_KEY: record})
        self._round = LedgerRound(session, server_round, head)

    def heard_from(self, messages: Sequence[Message]) -> None:
        """Take note of who answered."""
        self.session.book.heard_from(
            message.metadata.src_node_id for message in messages if not message.has_error()
        )

    def arrived(self, message: Message) -> None:
        """Keep a reply at once: its site has signed for this round, and signs once."""
        this = self._round
        if this is not None:
            this.arrived(message)

    def record(self, messages: Sequence[Message]) -> list[Message]:
        """Put a round on its way to the ledger; give the replies that count."""
        this = self._round
        if this is None:
            return []
        if self.session.boundary():
            this.abandon(messages, _WENT_ANOTHER_WAY)
            return []
        found = this.sort(messages)
        model = this.aggregate(found)
        if model is not None:
            this.record(found, model, self._evaluation)
        # What waiting for the ledger brought to light counts for what training goes on with.
        self.session.boundary()
        return [each for each in messages if each.metadata.src_node_id in found.nodes]

    def record_beside(self, messages: Sequence[Message], arrays: ArrayRecord | None) -> None:
        """Record a round beside the app's own aggregation, which nothing here may disturb."""
        try:
            self._record_beside(messages, arrays)
        except Exception as error:
            log(WARNING, "Ledger: this round is not recorded: %s", repr(error)[:500])

    def _record_beside(self, messages: Sequence[Message], arrays: ArrayRecord | None) -> None:
        this = self._round
        if this is None:
            return
        if self.session.boundary():
            this.abandon(messages, _WENT_ANOTHER_WAY)
            return
        found = this.sort(messages)
        model = this.aggregate(found)
        if model is None:
            return
        drift = None
        if arrays is not None:
            spec = this.head.open_round.model_spec
            drift = drift_between(self._app.flat(spec, arrays), dequantise(spec, model))
        this.record(found, model, self._evaluation, drift)
        head = self.session.head
        if arrays is not None and head is not None:
            keep_floats(self.session.settings.spool, arrays, head.open_round.parent.report_hash)
