"""What is signed, against the real process: the right statement, once, and on no other terms."""

import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.commitment import Commitment
from chongwen_flower.protocol.eip712 import Domain, recover
from chongwen_flower.protocol.signature import address_of
from chongwen_flower.signer import SeatGrant
from signer.hospital import ADDRESS, STRANGER, open_round, word


def code_of(call) -> str:
    with pytest.raises(ChongwenError) as caught:
        call()
    assert caught.value.message
    assert caught.value.fix
    return caught.value.code


def digest_of(opened, root: int, *, domain: Domain | None = None) -> bytes:
    commitment = Commitment(word(root), 5, word(9))
    contribution = opened.contribution(3, commitment, opened.seats[0].rho)
    return contribution.digest(domain or opened.domain)


def test_sign_gives_the_sites_signature_over_the_contribution(serving):
    opened = open_round(round=10)
    assert serving.client.seat(opened.to_json(), app_dir=serving.app) == SeatGrant(3, 1000)
    assert recover(digest_of(opened, 1), serving.sign(opened)) == ADDRESS


def test_sign_again_gives_the_same_and_charges_once(serving, capsys):
    opened = open_round(round=11)
    first = serving.sign(opened)
    spent = serving.status(capsys)["skin"]["spent"]
    assert [serving.sign(opened) for _ in range(3)] == [first] * 3
    assert serving.status(capsys)["skin"]["spent"] == spent


def test_key_that_was_rotated_meanwhile_signs_the_same_update_for_nothing(site, capsys):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.approve_app(site.app)
    before = site.start().sign(open_round())
    site.stop()
    secret = bytes.fromhex("beef" * 16)
    site.write_keystore(secret)
    rotated = open_round(key=address_of(secret))
    after = site.start(signer=address_of(secret)).sign(rotated)
    assert recover(digest_of(rotated, 1), after) == address_of(secret)
    assert after != before
    assert code_of(lambda: site.sign(rotated, 2)) == "equivocation"
    assert code_of(lambda: site.sign(open_round())) == "key-not-registered"
    assert site.status(capsys)["skin"]["spent"] == "1000"


def test_attack_signature_is_replayed_on_another_chain_or_ledger(serving):
    opened = open_round(round=12)
    signature = serving.sign(opened)
    for domain in (Domain(1, opened.ledger), Domain(opened.chain_id, STRANGER)):
        assert recover(digest_of(opened, 1, domain=domain), signature) != ADDRESS


@pytest.mark.parametrize("change", [{"chain_id": 1}, {"ledger": STRANGER}, {"federation": 9}])
def test_attack_another_chain_ledger_or_federation(serving, change):
    assert code_of(lambda: serving.sign(open_round(round=13, **change))) == (
        "federation-not-approved"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"norm_sq_bound": 0},
        {"privacy_mode": 2},
        {"rho_per_round": 999},
        {"min_contributors": 1},
        {"terms_hash": word(1)},
    ],
)
def test_attack_changed_configuration(serving, change):
    opened = open_round(round=14, **change)
    assert code_of(lambda: serving.sign(opened)) == "config-not-approved"
    assert code_of(lambda: serving.client.seat(opened.to_json(), app_dir=serving.app)) == (
        "config-not-approved"
    )


def test_attack_configuration_under_the_approved_hash(serving):
    value = open_round(round=14, norm_sq_bound=0).to_json()
    value["configHash"] = open_round(round=14).to_json()["configHash"]
    client = serving.client
    assert code_of(lambda: client.seat(value, app_dir=serving.app)) == "open-round-invalid"


def test_attack_equivocation(serving):
    opened = open_round(round=15)
    signature = serving.sign(opened, 1)
    for change in ({"root": 2}, {"norm_sq": 6}, {"norm_trace_root": word(8)}):
        assert code_of(lambda change=change: serving.sign(opened, **change)) == "equivocation"
    assert serving.sign(opened, 1) == signature


def test_attack_asks_for_anothers_seat(serving):
    opened = open_round(round=16)
    for seat in (4, 8, 0, 2**32 - 1):
        assert code_of(lambda seat=seat: serving.sign(opened, seat=seat)) == "seat-not-granted"
    # Nor by calling its own seat another's: the key decides.
    assert code_of(lambda: serving.sign(open_round(round=16, key=STRANGER))) == "key-not-registered"
    assert code_of(lambda: serving.sign(open_round(round=16, seat=5), seat=3)) == "seat-not-open"


def test_attack_asks_for_another_dataset(serving):
    opened = open_round(round=17, federation=2, seat=8)
    assert code_of(lambda: serving.sign(opened, seat=8)) == "dataset-not-approved"


def test_attack_calls_the_data_exempt_to_pay_nothing(serving):
    opened = open_round(round=18, exempt=True)
    assert code_of(lambda: serving.sign(opened)) == "exemption-wrong"


def test_attack_names_another_price(serving):
    opened = open_round(round=18)
    for rho in (0, 999, 1001):
        assert code_of(lambda rho=rho: serving.sign(opened, rho=rho)) == "price-wrong"


def test_update_beyond_the_bound_is_not_signed(serving):
    opened = open_round(round=18)
    assert code_of(lambda: serving.sign(opened, norm_sq=10**12 + 1)) == "norm-out-of-bounds"
    assert serving.sign(opened, norm_sq=10**12)


def test_round_that_was_replaced_behind_us_is_signed_anew(serving, capsys):
    """The report of 20 turned out otherwise: rounds 21 and 22 get other parents."""
    old = [serving.sign(open_round(round=r, parent=0x100 + r)) for r in (20, 21, 22)]
    spent = int(serving.status(capsys)["skin"]["spent"])
    new = [serving.sign(open_round(round=r, parent=0x200 + r), 2) for r in (21, 22)]
    assert len({*old, *new}) == 5
    assert int(serving.status(capsys)["skin"]["spent"]) == spent + 2000
    # And what was signed on the first parent stands: the seal that is opened again uses it.
    assert serving.sign(open_round(round=21, parent=0x100 + 21)) == old[1]
    assert code_of(lambda: serving.sign(open_round(round=21, parent=0x100 + 21), 2)) == (
        "equivocation"
    )


def test_configuration_that_changed_while_the_round_was_open_is_signed_anew(site):
    before, after = open_round(), open_round(challenge_window=43200)
    site.approve_federation(before, "skin", "--budget", 5000)
    site.approve_app(site.app)
    site.start()
    first = site.sign(before)
    assert code_of(lambda: site.sign(after, 2)) == "config-not-approved"
    site.approve_federation(after)
    assert site.sign(after, 2) != first
    assert code_of(lambda: site.sign(after, 3)) == "equivocation"


def test_attack_round_that_passed_is_joined_late(serving):
    """Others' updates of round 30 are public by now: nobody may answer to them."""
    serving.sign(open_round(round=29))
    serving.sign(open_round(round=31))
    for parent in (0xAA, 0xBB):
        opened = open_round(round=30, parent=parent)
        assert code_of(lambda opened=opened: serving.sign(opened)) == "round-passed"


def test_wrong_round_number_is_forgotten_when_the_federation_is_approved_again(site):
    site.approve_federation(open_round(round=5), "skin", "--budget", 10000)
    site.approve_app(site.app)
    site.start()
    assert code_of(lambda: site.sign(open_round(round=4))) == "round-passed"
    site.sign(open_round(round=4_000_000_000))
    assert code_of(lambda: site.sign(open_round(round=6))) == "round-passed"
    site.approve_federation(open_round(round=6))
    assert site.sign(open_round(round=6))
    assert code_of(lambda: site.sign(open_round(round=5))) == "round-passed"


def test_exempt_data_is_signed_without_a_budget(site, capsys):
    opened = open_round(exempt=True)
    site.approve_federation(opened, "public")
    site.approve_app(site.app)
    site.start()
    assert recover(digest_of(opened, 1), site.sign(opened)) == ADDRESS
    assert code_of(lambda: site.sign(open_round(round=8))) == "exemption-wrong"
    assert site.status(capsys)["public"]["spent"] == "0"


def test_two_seats_in_one_federation_need_apps_of_their_own(site):
    other = site.make_app("other", "print('other')\n")
    for seat, dataset in ((3, "skin"), (5, "eyes")):
        site.approve_federation(open_round(seat=seat), dataset, "--budget", 10000)
    site.approve_app(site.app, "skin")
    site.approve_app(other, "skin", "eyes")
    site.start()
    assert site.sign(open_round())
    assert code_of(lambda: site.sign(open_round(seat=5), seat=5)) == "seat-not-granted"
    assert code_of(lambda: site.sign(open_round(seat=5), seat=5, app_dir=other)) == "seat-ambiguous"
