"""A round that is asked for again: the site sends what it signed, whatever training gives now."""

from __future__ import annotations

import stat

import numpy as np
import pytest

from chongwen_flower.client.memory import MOST_KEPT, Memory
from chongwen_flower.client.update import Update
from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.commitment import commit_update
from client.made_up import START, app, context, open_round, train


@pytest.fixture(autouse=True)
def strict(signer):
    signer.strict = True


def by(amount):
    return lambda arrays: {n: a + np.float32(amount * 2**-16) for n, a in arrays.items()}


def answer(amount, **changes):
    """One message in a process of its own, in a run of its own."""
    return app(by(amount))(train(open_round(**changes)), context()).content


def lanes(content):
    return content["arrays"]["update"].numpy().tolist()


def test_the_update_that_was_signed_goes_out_again():
    first, again = answer(3), answer(4)
    assert lanes(first) == lanes(again) == [3] * 15
    for field in ("update-root", "signature", "norm-sq", "seat"):
        assert first["ledger"][field] == again["ledger"][field]


def test_in_shadow_mode_the_apps_reply_stands_and_the_signed_update_beside_it():
    answer(3)
    reply = app(by(4))(train(open_round(), mode="shadow"), context())
    assert np.frombuffer(reply.content["ledger"]["update"], "<i2").tolist() == [3] * 15
    assert np.array_equal(reply.content["arrays"]["w"].numpy(), by(4)(START)["w"])


def test_a_round_before_is_answered_again_when_the_aggregator_goes_back():
    answer(3, number=5)
    assert lanes(answer(4, number=6)) == [4] * 15
    assert lanes(answer(9, number=5)) == [3] * 15
    assert lanes(answer(9, number=6)) == [4] * 15


def test_another_parent_is_another_round():
    answer(3)
    assert lanes(answer(4, parent=b"\x09")) == [4] * 15


def test_a_crash_between_signature_and_reply_loses_nothing(signer):
    def broken(opened, **stated):
        honest(opened, **stated)
        raise KeyboardInterrupt

    honest, signer.sign = signer.sign, broken
    with pytest.raises(KeyboardInterrupt):
        answer(3)
    signer.sign = honest
    assert lanes(answer(4)) == [3] * 15


def test_a_signer_that_was_away_when_the_first_was_made(signer):
    signer.down = 2
    assert answer(3)["ledger"]["code"] == "signer-unreachable"
    assert lanes(answer(4)) == [4] * 15


def test_without_what_was_signed_the_refusal_stands(home):
    answer(3)
    for path in (home / "chongwen").iterdir():
        path.unlink()
    refused = answer(4)
    assert refused["ledger"]["code"] == "equivocation"
    assert list(refused["arrays"]) == []


@pytest.mark.parametrize("damage", [b"", b"{", b"{}\n", b'{"statement":7}\nxx', b"\xff\n" * 99])
def test_attack_what_is_kept_was_tampered_with(home, damage):
    answer(3)
    [path] = (home / "chongwen").iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage)
    assert answer(4)["ledger"]["code"] == "equivocation"
    path.write_bytes(whole[:-1] + b"\x7f")
    assert answer(4)["ledger"]["code"] == "equivocation"
    path.write_bytes(whole)
    assert lanes(answer(4)) == [3] * 15


def test_a_disk_that_is_full_stops_nothing(home):
    home.write_text("a file where the folder should be")
    assert lanes(answer(3)) == [3] * 15


def test_few_files_are_kept_and_for_their_owner_alone(home):
    for number in range(5, 15):
        answer(number, number=number)
    kept = list((home / "chongwen").iterdir())
    assert len(kept) == MOST_KEPT + 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert stat.S_IMODE((home / "chongwen").stat().st_mode) == 0o700
    assert lanes(answer(99, number=11)) == [11] * 15


def test_what_was_refused_for_good_is_not_kept(signer, home):
    signer.refusal = ChongwenError("budget-exhausted", "Nothing left.", "Ask.")
    answer(3)
    assert list((home / "chongwen").iterdir()) == []


def test_a_rehearsal_keeps_nothing(home):
    message = train(open_round(chain_id=0), **{"rehearsal-key": bytes(31) + b"\7"})
    reply = app(by(3))(message, context())
    assert len(reply.content["ledger"]["signature"]) == 64
    assert not home.exists()


def test_the_node_says_where(home, tmp_path):
    ctx = context(**{"chongwen-memory": str(tmp_path / "elsewhere")})
    app(by(3))(train(open_round()), ctx)
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1
    assert not home.exists()


def test_only_what_was_written_for_exactly_this_round_is_offered(tmp_path):
    memory = Memory(tmp_path)
    opened = open_round()
    [seat] = opened.seats
    update = Update(np.arange(15, dtype=np.int16), (0, 0), (0, 0))
    path = memory.keep(opened, seat, update, commit_update(update.lanes))
    nothing = tmp_path / "nothing"

    def offered(asked):
        return [kept.lanes.tolist() for kept in memory.earlier(asked, seat, nothing)]

    assert offered(opened) == [list(range(15))]
    assert offered(open_round(number=6)) == []
    assert offered(open_round(parent=b"\x09")) == []
    assert offered(open_round(norm_sq_bound=10**9)) == []
    path.write_bytes(path.read_bytes() + b"\0\0")
    assert offered(opened) == []
