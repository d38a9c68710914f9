"""Takes bundles to the oracle in the background, in order, for as long as it takes.

Training talks to the spool and never to the oracle; this thread does. It leaves two things for
training to find: that the ledger went another way, and that more is known of the open round.
"""

from __future__ import annotations

import random
import threading
from logging import INFO, WARNING

from flwr.supercore import log

from chongwen_flower.errors import ChongwenError
from chongwen_flower.server.errands import Errands

# Seconds between tries while something fails.
FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0


class Courier:
    """The background thread of one spool.

    Parameters
    ----------
    errands
        What it does.
    """

    def __init__(self, errands: Errands) -> None:
        self._errands = errands
        self._complained = ""
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger-courier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step that is under way, waiting a moment for it."""
        self._stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def nudge(self) -> None:
        """Tell that there is something to do."""
        self._wake.set()

    def _run(self) -> None:
        wait = FIRST_WAIT
        while not self._stopped.is_set():
            # Cleared before the look, so that what comes during it is seen by the next.
            self._wake.clear()
            try:
                pause = self._errands.step()
                if self._complained:
                    log(INFO, "Ledger: the oracle answers again.")
                self._complained, wait = "", FIRST_WAIT
            except ChongwenError as error:
                self._complain(error)
                pause = wait
                wait = min(wait * 2, LONGEST_WAIT)
            except Exception as error:
                # Whatever it is, training must not hear of it, and the next try may go well.
                log(WARNING, "Ledger: unexpected %s in the background", repr(error)[:500])
                pause = wait = LONGEST_WAIT
            if pause > 0:
                # Aggregators that lost the same oracle must not come back in step.
                self._wake.wait(pause * random.uniform(0.75, 1.25))  # noqa: S311

    def _complain(self, error: ChongwenError) -> None:
        if error.code != self._complained:
            log(WARNING, "Ledger: %s [%s] %s", error.message, error.code, error.fix)
        self._complained = error.code
