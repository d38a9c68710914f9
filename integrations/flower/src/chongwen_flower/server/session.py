"""One federation while it is trained: where it stands, its spool, and the thread to the oracle."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from logging import INFO, WARNING

from flwr.supercore import log

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.server.courier import Courier
from chongwen_flower.server.errands import Errands
from chongwen_flower.server.exclusions import Exclusion, ExclusionBook
from chongwen_flower.server.handover import Handover, State
from chongwen_flower.server.head import Head, informed
from chongwen_flower.server.held import HeldClaims
from chongwen_flower.server.ledger_rows import Rows
from chongwen_flower.server.rehearsal import Rehearsal
from chongwen_flower.server.resume import head_after, resume
from chongwen_flower.server.round_work import MadeRound
from chongwen_flower.server.settings import Settings
from chongwen_flower.server.spool import Spool, Spooled
from chongwen_flower.server.suitable import require_suitable

REPORT_SECONDS = 3600.0
_EARLIER = 8


class Session:
    """State that lives as long as a run of the server app.

    Parameters
    ----------
    settings
        Where the ledger is.
    handover
        Made from the settings; given in tests.
    rule_id
        Aggregation rule that the strategy stands for.
    """

    def __init__(self, settings: Settings, handover: Handover, rule_id: int) -> None:
        self.settings = settings
        self.handover = handover
        self._rule_id = rule_id
        self._spool = Spool(settings.spool)
        about: dict[str, str | int] = {
            "ledger": handover.name,
            "federation": settings.federation,
            "mode": settings.mode,
        }
        self.rows = Rows(settings.spool, about)
        self.book = ExclusionBook(settings.spool / "exclusions.jsonl")
        self.head: Head | None = None
        self.resumed = False
        self.earlier: deque[OpenRound] = deque(maxlen=_EARLIER)
        # Valid claims of a round that had too few: their seats have signed for it, and a site
        # signer signs one update a round.
        self.held = HeldClaims(settings.spool / "held")
        self._errands = Errands(self._spool, handover, head_after, self._on_state)
        self._courier = Courier(self._errands)

    def open(self, seconds: float) -> None:
        """Find out where to go on: from the spool, else from the ledger.

        Parameters
        ----------
        seconds
            How long to wait for the ledger on a first start. Nothing waits later.

        Raises
        ------
        ChongwenError
            ``ledger-unreachable`` when it has to be known and is not; what `require_suitable`
            raises.
        """
        found = resume(self._spool)
        if found is not None:
            self._suits(found.head, late=False)
            self.head, self.resumed = found.head, True
            self.held.take_up(found.head)
            self._errands.begin(found.ledger.open_round)
            self._courier.start()
            return
        self._errands.begin(None)
        self._courier.start()
        self.boundary(seconds)
        if self.head is None and self.settings.mode == "ledger":
            raise ChongwenError(
                "ledger-unreachable",
                f"{self.handover.name} did not say within {seconds:g} s which round is open.",
                "Start the oracle. Only the first start of a federation needs it: without an open "
                "round nobody knows the model, the seats, or what to sign.",
                retryable=True,
            )

    def boundary(self, seconds: float = 0) -> bool:
        """Take up what the courier found out; True when the base of training is another one."""
        takeover = self._errands.takeover(seconds if self.head is None else 0)
        if takeover is None:
            return False
        head, first = takeover.head, self.head is None
        if first and not self._suits(head, late=seconds == 0):
            return False
        self._spool.heads.write(head)
        if first:
            # Bundles of an earlier run whose own state was lost may still extend the ledger's.
            found = resume(self._spool)
            self.adopt(head if found is None else found.head)
        else:
            self._void_pending(takeover.reason)
            self.adopt(head)
        self._errands.resume()
        self._courier.nudge()
        if not first:
            log(
                WARNING,
                "Ledger: training goes on from round %d as the ledger has it, on the model of "
                "round %d. %s",
                head.open_round.round,
                head.open_round.parent.round,
                takeover.reason["message"],
            )
        return True

    def adopt(self, head: Head) -> None:
        """Go on from another head."""
        if self.head is not None:
            self.earlier.append(self.head.open_round)
        self.head = head
        self.held.clear()

    def spool(self, head: Head, made: MadeRound, nodes: Mapping[int, int]) -> Spooled:
        """Write a bundle, and go on from what follows it.

        Raises
        ------
        OSError
            The disk is full or gone; then nothing has changed.
        """
        bundle = self._spool.add(
            head.open_round, made.bundle.files, made.digest, made.report_hash, nodes
        )
        self.adopt(made.head)
        self._courier.nudge()
        return bundle

    def await_recorded(self, bundle: Spooled) -> None:
        """Wait as long as asked for; by default not at all."""
        wait_for = self.settings.wait_for
        if wait_for == "nothing":
            return
        states: tuple[State, ...] = ("final",) if wait_for == "final" else ("reported", "final")
        state = self._errands.wait_for(bundle, states, REPORT_SECONDS)
        log(INFO, "Ledger: round %d is %s.", bundle.open_round.round, state or "not recorded yet")

    def exclude(self, exclusions: Iterable[Exclusion]) -> None:
        """Leave replies out."""
        for exclusion in exclusions:
            self.book.add(exclusion)

    def finish(self, rounds: int, seconds: float) -> None:
        """After training: wait a moment for what is under way, and show the rounds."""
        if not self._errands.wait_until_empty(seconds):
            log(
                WARNING,
                "Ledger: some bundles are not recorded yet. They wait in %s and are handed over "
                "when this federation is trained again.",
                self._spool.folder / "pending",
            )
        self.boundary()
        self.rows.log_table(rounds)

    def close(self) -> None:
        """End the thread and let go of the spool."""
        self._courier.stop()
        self.handover.close()
        self._spool.close()

    def seat_nodes(self, nodes: Iterable[int]) -> dict[int, bytes]:
        """In a rehearsal, give every node a seat and the key of it; else nothing."""
        if not isinstance(self.handover, Rehearsal) or self.head is None:
            return {}
        keys = self.handover.seat_nodes(nodes)
        self.head = self.handover.with_seats(self.head)
        return keys

    def refresh(self) -> None:
        """Take up seats that are new, gone or changed. Between rounds: sites sign what they saw."""
        found = self._errands.refresh()
        if found is None or self.head is None or isinstance(self.handover, Rehearsal):
            return
        if found.config.rule_id != self._rule_id:
            log(
                WARNING,
                "Ledger: the federation's rule is now %d, and is followed.",
                found.config.rule_id,
            )
        under_way = [bundle.nodes for bundle in self._spool.pending()]
        head = informed(self.head, found, under_way)
        if head.open_round == self.head.open_round:
            return
        log(INFO, "Ledger: seats or terms have changed, as of round %d.", found.round)
        self.adopt(head)

    def _void_pending(self, reason: Mapping[str, str]) -> None:
        for bundle in self._spool.pending():
            self._spool.refuse(bundle, reason)
            self.rows.change(bundle.digest, "refused")
            for seat, node in bundle.nodes.items():
                self.book.add(
                    Exclusion(
                        bundle.open_round.round,
                        node,
                        seat,
                        "round-void",
                        reason["message"],
                        "Nothing to do at the site: the round is trained again.",
                    )
                )

    def _suits(self, head: Head, *, late: bool) -> bool:
        """Refuse what cannot be trained. In the middle of a run that ends the record alone."""
        try:
            require_suitable(head.open_round, self._rule_id, self.settings)
        except ChongwenError as error:
            if not late:
                raise
            log(
                WARNING,
                "Ledger: nothing is recorded. %s [%s] %s",
                error.message,
                error.code,
                error.fix,
            )
            return False
        return True

    def _on_state(self, bundle: Spooled, state: State) -> None:
        self.rows.change(bundle.digest, state)
