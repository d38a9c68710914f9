"""Sites sign once a round: what arrived before a crash still counts after it."""

from __future__ import annotations

import pytest
from world import grid_of, honest, refusal

from chongwen_flower.server import keeping_grid


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def interrupted(train, tmp_path, monkeypatch):
    """Seats 0 and 1 have answered; then the server dies, before the last one has."""
    monkeypatch.setattr(keeping_grid, "PULL_SECONDS", 0)
    grid = grid_of(honest(0), honest(1), honest(2))
    pull = grid.pull_messages

    def one_at_a_time(names):
        if len(grid.asked) == 1:
            raise Killed
        return pull(sorted(names)[:1])

    grid.pull_messages = one_at_a_time
    order = grid.push_messages
    grid.push_messages = lambda ms: order(sorted(ms, key=lambda m: m.metadata.dst_node_id))
    # A spool that knows its head: the first round of a first start is asked for like any other.
    with pytest.raises(Killed):
        train(grid)
    return tmp_path / "spool" / "held"


def signed_already(message):
    return refusal(message, -1, "equivocation")


def test_updates_that_arrived_before_a_crash_count_after_it(oracle, interrupted, train):
    assert len(list(interrupted.iterdir())) == 2
    train(grid_of(signed_already, signed_already, signed_already))
    assert oracle.order == [1]
    assert not list(interrupted.iterdir())


def test_a_newer_answer_goes_before_what_was_kept(oracle, interrupted, train):
    from world import drawn_update, ledger_reply

    newer = drawn_update(0, 9)
    train(grid_of(lambda m: ledger_reply(m, 0, newer), signed_already))
    (files,) = oracle.delivered.values()
    assert files["updates/0.bin"] == newer.tobytes()
    assert "updates/1.bin" in files
    assert interrupted.exists()


@pytest.mark.parametrize("content", [b"", b"{}\n", b"[]\nxx", b"x" * 100])
def test_torn_kept_update_is_left_out(oracle, interrupted, train, content):
    sorted(interrupted.iterdir())[0].write_bytes(content)
    train(grid_of(signed_already, honest(2)))
    assert oracle.order == [1]


def test_forged_kept_update_is_judged_like_any_other(oracle, interrupted, train):
    path = sorted(interrupted.iterdir())[0]
    path.write_bytes(path.read_bytes()[:-2] + b"\x7f\x7f")
    train(grid_of(signed_already, honest(2)))
    assert oracle.order == [1]
    (files,) = oracle.delivered.values()
    assert "updates/0.bin" not in files


def test_grid_that_carries_messages_in_one_go(oracle, train):
    whole = grid_of(honest(0), honest(1))

    class OneGo:
        def get_node_ids(self):
            return whole.get_node_ids()

        def send_and_receive(self, messages, *, timeout=None):
            return whole.send_and_receive(messages, timeout=timeout)

    train(OneGo())
    assert oracle.order == [1]
