import copy
import json
from dataclasses import replace

import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.commitment import Commitment
from chongwen_flower.protocol.eip712 import recover
from chongwen_flower.protocol.open_round import OpenRound
from protocol.vectors import raw, vectors

VECTORS = vectors("open-round.json")
TEXT = VECTORS["openRounds"][1]["text"]
OPEN = json.loads(TEXT)


def changed(path, value):
    """The vector's open round with one value put elsewhere; `...` removes it."""
    opened = copy.deepcopy(OPEN)
    *above, last = path
    at = opened
    for key in above:
        at = at[key]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return opened


@pytest.mark.parametrize("vector", VECTORS["openRounds"], ids=lambda vector: vector["name"])
def test_vectors(vector):
    opened = OpenRound.decode(vector["text"].encode())
    assert opened.encode().decode() == vector["text"]
    assert OpenRound.from_json(json.loads(vector["text"])) == opened
    value = vector["value"]
    assert opened.chain_id == value["chainId"]
    assert opened.ledger == value["ledger"].lower()
    assert opened.config_hash == raw(value["configHash"])
    assert opened.parent.model_root == raw(value["parent"]["modelRoot"])
    assert [(s.seat, s.key, s.weight, s.rho, s.exempt, s.remaining) for s in opened.seats] == [
        (s["seat"], s["key"].lower(), s["weight"], s["rho"], s["exempt"], s["remaining"])
        for s in value["seats"]
    ]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_vectors_of_what_is_refused(vector):
    with pytest.raises(ChongwenError) as refused:
        OpenRound.decode(vector["text"].encode())
    assert refused.value.code == vector["code"]


def test_seats_are_found_by_number():
    opened = OpenRound.from_json(OPEN)
    assert [opened.seat(seat.seat) for seat in opened.seats] == list(opened.seats)
    assert opened.seat(1) is None


def test_what_a_seat_signs_is_what_the_round_bundle_holds():
    files = vectors("round.json")["round"]["files"]
    manifest = json.loads(raw(files["manifest.json"]))
    opened = OpenRound.decode(VECTORS["openRounds"][0]["text"].encode())
    for i, entry in enumerate(manifest["entries"]):
        commitment = Commitment(
            raw(entry["updateRoot"]), int(entry["normSq"]), raw(entry["normTraceRoot"])
        )
        contribution = opened.contribution(entry["seat"], commitment, entry["rho"])
        signature = raw(files["signatures.bin"])[64 * i : 64 * i + 64]
        assert recover(contribution.digest(opened.domain), signature) == entry["signer"]
        assert opened.seat(entry["seat"]).key == entry["signer"]


HOSTILE = {
    "a model without tensors": (["modelSpec", "tensors"], []),
    "another format": (["format"], "chongwen-round"),
    "no format": (["format"], ...),
    "a key too many": (["more"], 1),
    "a huge chain": (["chainId"], 2**48),
    "a negative chain": (["chainId"], -1),
    "a chain as text": (["chainId"], "31337"),
    "a chain as truth": (["chainId"], True),
    "a ledger in upper case": (["ledger"], "0x5FbDB2315678afecb367f032d93F642f64180aa3"),
    "a ledger with a line end": (["ledger"], "0x5fbdb2315678afecb367f032d93f642f64180aa3\n"),
    "a federation beyond 32 bits": (["federation"], 2**32),
    "an attempt beyond 8 bits": (["attempt"], 256),
    "a fraction": (["round"], 1.5),
    "no parent": (["parent"], None),
    "a parent's hash cut short": (["parent", "reportHash"], "0x00"),
    "a parent that is no older": (["parent", "round"], 1),
    "a configuration without a field": (["config", "ruleId"], ...),
    "another configuration": (["config", "ruleId"], 2),
    "a large number as a number": (["config", "normSqBound"], 1),
    "a number with a leading zero": (["config", "normSqBound"], "01"),
    "digits of another script": (["config", "normSqBound"], "١"),
    "a number of a million digits": (["config", "normSqBound"], "9" * 10**6),
    "another configuration's hash": (["configHash"], "0x" + "11" * 32),
    "another model": (["modelSpec", "tensors", 0, "fracBits"], 13),
    "seats as an object": (["seats"], {}),
    "more seats than a round can have": (["seats"], [None] * 257),
    "a seat twice": (["seats", 1, "seat"], 0),
    "seats in another order": (["seats", 0, "seat"], 3),
    "a seat beyond 32 bits": (["seats", 2, "seat"], 2**32),
    "no weight": (["seats", 0, "weight"], 0),
    "a weight beyond 16 bits": (["seats", 0, "weight"], 65_536),
    "a charge as a number": (["seats", 0, "rho"], 5_000_000),
    "a seat overcharged": (["seats", 0, "rho"], "5000001"),
    "public data charged": (["seats", 1, "rho"], "5000000"),
    "public data with a budget": (["seats", 1, "remaining"], "1"),
    "exempt as a number": (["seats", 0, "exempt"], 0),
    "a key that is no address": (["seats", 0, "key"], "0x" + "00" * 32),
}


@pytest.mark.parametrize(("path", "value"), HOSTILE.values(), ids=HOSTILE)
def test_what_no_ledger_would_state_is_refused(path, value):
    with pytest.raises(ChongwenError) as refused:
        OpenRound.from_json(changed(path, value))
    assert refused.value.code == "open-round-invalid"
    assert len(refused.value.message) < 300


@pytest.mark.parametrize("value", [None, [], "text", 5, {}])
def test_what_is_no_open_round_at_all_is_refused(value):
    with pytest.raises(ChongwenError) as refused:
        OpenRound.from_json(value)
    assert refused.value.code == "open-round-invalid"


def test_a_newer_version_is_told_from_a_broken_file():
    with pytest.raises(ChongwenError) as refused:
        OpenRound.from_json(changed(["version"], 2) | {"more": 1})
    assert refused.value.code == "version-unknown"


def test_a_broken_specification_keeps_its_code():
    with pytest.raises(ChongwenError) as refused:
        OpenRound.from_json(changed(["modelSpec", "tensors", 1, "offset"], 21))
    assert refused.value.code == "spec-invalid"


def test_another_depth_is_refused_though_its_hash_fits():
    opened = OpenRound.from_json(OPEN)
    with pytest.raises(ChongwenError, match="depth 1") as refused:
        replace(opened, config=replace(opened.config, depth=1))
    assert refused.value.code == "open-round-invalid"
