"""FedAvg whose every round can be audited: `LedgerFedAvg`, and the same for the robust rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from logging import INFO
from typing import Any, ClassVar, cast

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg, Result, Strategy
from flwr.supercore import log

from chongwen_flower.errors import ChongwenError
from chongwen_flower.server.app_arrays import AppArrays
from chongwen_flower.server.connect import connect
from chongwen_flower.server.evaluation import HeadEvaluation
from chongwen_flower.server.keeping_grid import KeepingGrid
from chongwen_flower.server.recorder import Recorder
from chongwen_flower.server.records import Mode
from chongwen_flower.server.replies import with_agreeing_metrics
from chongwen_flower.server.session import Session
from chongwen_flower.server.settings import WaitFor, read_settings
from chongwen_flower.server.shadow import app_replies


class LedgerFedAvg(FedAvg):
    """FedAvg on a Chongwen ledger.

    Verifies what each site committed to and signed, aggregates in integers by seat order, writes
    the canonical bundle of the round, and hands it to the oracle in the background. Training waits
    for nothing unless asked.

    Parameters
    ----------
    *args, **kwargs
        As `FedAvg` takes them.
    ledger
        ``http://127.0.0.1:4810``, ``https://…``, ``drop:<folder>``, or ``rehearsal:<folder>`` to
        try an app without a ledger. Like all settings also by run config (``chongwen-ledger``) or
        environment (``CHONGWEN_LEDGER``).
    federation
        Number on the ledger.
    token_file
        Holds the oracle's bearer token; readable by its owner only.
    mode
        ``ledger``: the integer aggregate is the model. ``shadow``: the app's own aggregation is
        untouched bit for bit, and the ledger records the same updates beside it; for federations
        that pay nothing.
    spool
        Folder for bundles that are under way. One a federation.
    wait_for
        ``nothing``, ``report`` or ``final``: what a round waits for before the next begins.
    run_config
        ``context.run_config`` of the server app, if settings come from there.
    buffers
        Declarations of integer arrays: ``{"*.num_batches_tracked": "local"}``.
    evaluation
        Open holdout on which each round's model is evaluated; goes into the bundle.
    inner
        In shadow mode: the strategy to be shadowed, when it is another than FedAvg.
    largest_change
        In a rehearsal: largest change of a parameter in one round, see `scale`.
    start_seconds, end_seconds
        How long a first start waits for the ledger, and the end of training for what is under way.
    """

    RULE_ID: ClassVar[int] = 1

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        ledger: str | None = None,
        federation: int | None = None,
        token_file: str | None = None,
        mode: Mode | None = None,
        spool: str | None = None,
        wait_for: WaitFor | None = None,
        run_config: Mapping[str, Any] | None = None,
        buffers: Mapping[str, str] | None = None,
        evaluation: HeadEvaluation | None = None,
        inner: Strategy | None = None,
        largest_change: float | None = None,
        rule_param: int = 0,
        start_seconds: float = 60,
        end_seconds: float = 30,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        given = {
            "ledger": ledger,
            "federation": federation,
            "token_file": token_file,
            "mode": mode,
            "spool": spool,
            "wait_for": wait_for,
        }
        self.settings = read_settings(given, run_config)
        if inner is not None and self.settings.mode != "shadow":
            raise ChongwenError(
                "setting-invalid",
                "An inner strategy is given, and the mode is not shadow.",
                'Pass mode="shadow": in ledger mode the federation\'s own rule aggregates.',
            )
        self._inner = inner
        self._buffers = dict(buffers or {})
        self._evaluation = evaluation
        self._largest_change = largest_change
        self._rule_param = rule_param
        self._seconds = (start_seconds, end_seconds)
        self._recorder: Recorder | None = None

    def summary(self) -> None:
        """Log the settings."""
        self._plain().summary()
        log(INFO, "\t└──> Ledger: %s", self.settings.ledger)
        log(INFO, "\t\t├── Federation: %d", self.settings.federation)
        log(INFO, "\t\t├── Mode: %s, waits for %s", self.settings.mode, self.settings.wait_for)
        log(INFO, "\t\t└── Spool: %s", self.settings.spool)

    def start(
        self,
        grid: Grid,
        initial_arrays: ArrayRecord,
        num_rounds: int = 3,
        timeout: float = 3600,
        train_config: ConfigRecord | None = None,
        evaluate_config: ConfigRecord | None = None,
        evaluate_fn: Callable[[int, ArrayRecord], MetricRecord | None] | None = None,
    ) -> Result:
        """Train, from where the ledger or an interrupted run before stands.

        Raises
        ------
        ChongwenError
            What keeps training from beginning at all. Nothing ends it later.
        """
        app = AppArrays(initial_arrays, self._buffers)
        session = self._open(app)
        try:
            self._recorder = Recorder(session, app, self._evaluation)
            arrays = self._recorder.first_arrays(initial_arrays)
            result = super().start(
                KeepingGrid(grid, self._recorder.arrived),
                arrays,
                num_rounds,
                timeout,
                train_config,
                evaluate_config,
                evaluate_fn,
            )
            session.finish(num_rounds, self._seconds[1])
            return result
        finally:
            session.close()
            self._recorder = None

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Configure training as FedAvg does, with the ledger's record beside the app's arrays."""
        recorder = self._running()
        recorder.session.boundary()
        recorder.session.refresh()
        model = None if self._shadows else recorder.model()
        base = arrays if model is None else model
        messages = list(self._plain().configure_train(server_round, base, config, grid))
        recorder.begin(server_round, messages)
        return messages

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Verify, sort, aggregate in integers, and hand the bundle over."""
        recorder = self._running()
        messages = list(replies)
        recorder.heard_from(messages)
        if self._shadows:
            # First, and whatever the ledger makes of it afterwards.
            arrays, metrics = self._plain().aggregate_train(server_round, app_replies(messages))
            recorder.record_beside(messages, arrays)
            return arrays, metrics
        agreeing = with_agreeing_metrics(recorder.record(messages), self.weighted_by_key)
        contents = [message.content for message in agreeing]
        averaged = self.train_metrics_aggr_fn(contents, self.weighted_by_key) if contents else None
        return recorder.model(), averaged

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Configure evaluation as FedAvg does."""
        return self._plain().configure_evaluate(server_round, arrays, config, grid)

    def aggregate_evaluate(
        self, server_round: int, replies: Iterable[Message]
    ) -> MetricRecord | None:
        """Average the metrics that can be averaged."""
        if self._shadows:
            return self._plain().aggregate_evaluate(server_round, replies)
        messages = list(replies)
        agreeing = with_agreeing_metrics(messages, self.weighted_by_key)
        failed = [message for message in messages if message.has_error()]
        return super().aggregate_evaluate(server_round, [*agreeing, *failed])

    @property
    def _shadows(self) -> bool:
        return self.settings.mode == "shadow"

    def _plain(self) -> Strategy:
        """Give the strategy that knows nothing of a ledger."""
        return self._inner if self._inner is not None else cast(Strategy, super())

    def _running(self) -> Recorder:
        if self._recorder is None:
            raise RuntimeError("this strategy trains between start() and its return")
        return self._recorder

    def _open(self, app: AppArrays) -> Session:
        handover = connect(
            self.settings,
            app.arrays,
            self._buffers,
            rule_id=self.RULE_ID,
            rule_param=self._rule_param,
            largest_change=self._largest_change,
        )
        session = Session(self.settings, handover, self.RULE_ID)
        try:
            session.open(self._seconds[0])
        except BaseException:
            session.close()
            raise
        return session
