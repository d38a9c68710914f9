"""What there is to do between spool and oracle, one step at a time, without a clock or a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from logging import WARNING

from flwr.supercore import log

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.server.handover import (
    BundleStatus,
    Handover,
    Problem,
    State,
    is_verdict,
    nonsense,
)
from chongwen_flower.server.head import Head
from chongwen_flower.server.spool import Spool, Spooled
from chongwen_flower.server.takeover import Takeover, fetch_head, reason_of

# Seconds between looks while something is under way, and while nothing is.
LOOK = 1.0
IDLE = 10.0
# A node of the chain may lag behind the one that said "reported": only what is seen so often
# counts as the ledger having gone another way.
CONFIRMATIONS = 3


class Errands:
    """Hands over what is pending, in order, and finds out what became of it.

    `step` is called by one thread, everything else by another.

    Parameters
    ----------
    predict
        Gives the head after a bundle that was recorded as handed over.
    on_state
        Told of each change of a bundle's state.
    """

    def __init__(
        self,
        spool: Spool,
        handover: Handover,
        predict: Callable[[Spooled], Head],
        on_state: Callable[[Spooled, State], None],
    ) -> None:
        self._spool = spool
        self._handover = handover
        self._predict = predict
        self._on_state = on_state
        self._delivered: set[str] = set()
        self._unfinal: list[Spooled] = []
        self._states: dict[str, State] = {}
        self._void: dict[str, str] | None = None
        self._takeover: Takeover | None = None
        self._refresh: OpenRound | None = None
        self._head: OpenRound | None = None
        self._doubts = 0
        self._changed = threading.Condition()

    def begin(self, head: OpenRound | None) -> None:
        """Say what the ledger is believed to have open; None on a first start: find it out."""
        self._head = head
        if head is None:
            self._void = {"code": "ledger-unknown", "message": "First start.", "fix": ""}

    def takeover(self, seconds: float = 0) -> Takeover | None:
        """Give what training has to take up; nothing is handed over until `resume`."""
        with self._changed:
            self._changed.wait_for(lambda: self._takeover is not None, seconds)
            return self._takeover

    def resume(self) -> None:
        """Go on: training has taken up the takeover, and what was pending is put aside."""
        with self._changed:
            if self._takeover is not None:
                self._head = self._takeover.head.open_round
            self._takeover = self._void = None
            self._doubts = 0

    def refresh(self) -> OpenRound | None:
        """Give the open round as the ledger has it now, if that is known; once."""
        with self._changed:
            refresh, self._refresh = self._refresh, None
            return refresh

    def wait_for(self, bundle: Spooled, states: tuple[State, ...], seconds: float) -> State | None:
        """Wait until a bundle is in one of these states, or there is something else to take up."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._states.get(bundle.name) in states or self._takeover is not None,
                timeout=seconds,
            )
            return self._states.get(bundle.name)

    def wait_until_empty(self, seconds: float) -> bool:
        """Wait until no bundle is pending any more, or training has something to take up."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._takeover is not None or not self._spool.has_pending(), seconds
            )

    def step(self) -> float:
        """Do what can be done now; give the seconds until there may be more.

        Raises
        ------
        ChongwenError
            When the oracle cannot be reached or makes no sense.
        """
        if self._takeover is not None:
            return IDLE
        if self._void is None:
            pause = self._work()
            if self._void is None:
                return pause
        self._fetch()
        return 0.0

    def _work(self) -> float:
        pending = self._spool.pending()
        for bundle in pending:
            if bundle.name not in self._delivered:
                if not self._deliver(bundle):
                    return LOOK
                self._delivered.add(bundle.name)
        if pending:
            state = self._settle(pending[0])
            if state in ("reported", "final"):
                return 0.0
            if state == "waiting":
                # It waits for its parent, which we believed to be reported. Is it still?
                self._look()
            return LOOK
        self._look()
        self._follow()
        return LOOK if self._doubts or self._unfinal else IDLE

    def _deliver(self, bundle: Spooled) -> bool:
        try:
            self._handover.deliver(bundle.digest, bundle.bundle)
        except ChongwenError as error:
            if not is_verdict(error):
                raise
            problem = Problem(error.code, error.message, error.fix)
            status = BundleStatus(bundle.digest, "refused", None, None, None, problem)
            self._note(bundle, status)
            self._void = reason_of(bundle, status)
            return False
        return True

    def _follow(self) -> None:
        """See recorded bundles become final; or overturned, by a proof that one was at fault."""
        if not self._unfinal:
            return
        bundle = self._unfinal[0]
        status = self._handover.status(bundle.digest)
        if status is None:
            return
        self._note(bundle, status)
        if status.void:
            self._void = reason_of(bundle, status)
        if status.void or status.state == "final":
            self._unfinal.pop(0)

    def _settle(self, bundle: Spooled) -> State:
        """Look at the oldest bundle; a recorded one is put where recorded ones lie."""
        status = self._handover.status(bundle.digest)
        if status is None:
            # It forgot: a new store, an older backup. It gets the bundle again.
            self._delivered.discard(bundle.name)
            return "receiving"
        if status.recorded and status.report_hash != bundle.report_hash:
            raise nonsense(self._handover.name, "another report hash for a bundle “as handed”")
        self._note(bundle, status)
        if status.void:
            self._void = reason_of(bundle, status)
        elif status.recorded:
            head = self._predict(bundle)
            moved = self._spool.record(bundle, head)
            if status.state != "final":
                self._unfinal.append(moved)
            with self._changed:
                self._head = head.open_round
                self._changed.notify_all()
            # Each recorded round may have brought other seats.
            self._look()
        return "refused" if status.void else status.state

    def _look(self) -> None:
        """Compare what the ledger has open with what training is at."""
        try:
            found = self._handover.open_round()
        except ChongwenError as error:
            if error.code == "round-not-open":
                return
            raise
        with self._changed:
            expected = self._head
            if expected is None or found == expected:
                self._doubts = 0
                return
            if found.parent == expected.parent and found.model_spec == expected.model_spec:
                # Other seats, another attempt, another configuration: the base is the same.
                self._doubts = 0
                self._head = self._refresh = found
                return
            self._doubts += 1
            if self._doubts < CONFIRMATIONS:
                return
            message = (
                f"The ledger has round {found.round} open on the report 0x"
                f"{found.parent.report_hash.hex()[:12]}…, not round {expected.round} on 0x"
                f"{expected.parent.report_hash.hex()[:12]}…."
            )
            self._void = {
                "code": "ledger-moved",
                "message": message,
                "fix": "Nothing to do: training goes on from the ledger's model.",
            }
            log(WARNING, "Ledger: %s", message)

    def _fetch(self) -> None:
        """Get what is open now, and its base, for training to take up."""
        reason = self._void
        if reason is None:
            return
        head = fetch_head(self._handover)
        with self._changed:
            self._takeover = Takeover(head, reason)
            self._changed.notify_all()

    def _note(self, bundle: Spooled, status: BundleStatus) -> None:
        state: State = "refused" if status.void else status.state
        with self._changed:
            if self._states.get(bundle.name) == state:
                return
            self._states[bundle.name] = state
            self._changed.notify_all()
        if status.void:
            log(WARNING, "Ledger: %s", reason_of(bundle, status)["message"])
        self._on_state(bundle, state)
