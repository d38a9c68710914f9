"""A server app of its own process, which ends itself at a point that it is told.

``crash_child.py SPOOL LEDGER ROUNDS POINT NUMBER``: at the NUMBER-th time that the process reaches
POINT it is killed, as by ``kill -9``. The ledger is a rehearsal's folder, so that it survives.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "src"))


def main(spool: str, ledger: str, rounds: str, point: str, number: str) -> None:
    from flwr.supercore.task_identity import TaskIdentity

    from chongwen_flower.server import durable, errands, heads, held, rehearsal
    from chongwen_flower.server import spool as spools
    from chongwen_flower.server.strategy import LedgerFedAvg

    left = int(number)

    def reached(here: str) -> None:
        nonlocal left
        if here == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    for module in (durable, heads, held, spools):
        module.reached = reached
    errands.LOOK = errands.IDLE = 0.01
    for name in ("run_id", "node_id", "task_id"):
        setattr(TaskIdentity, f"_{name}", 1)

    import world

    def answer(seat):
        def train(message):
            from chongwen_flower.protocol.open_round import OpenRound
            from chongwen_flower.protocol.signature import address_of

            record = message.content["ledger"]
            opened = OpenRound.decode(record["open-round"])
            key = record["rehearsal-key"]
            own = next(s.seat for s in opened.seats if s.key == address_of(key))
            lanes = world.drawn_update(seat, opened.round)
            return world.ledger_reply(message, own, lanes, key=key)

        return train

    strategy = LedgerFedAvg(ledger=f"rehearsal:{ledger}", spool=spool, end_seconds=20)
    grid = world.grid_of(answer(0), answer(1), answer(2))
    strategy.start(grid, world.record_of(world.initial()), int(rounds))
    assert rehearsal is not None


if __name__ == "__main__":
    main(*sys.argv[1:])
