import contextlib

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.backends import NativeECCBackend
from eth_keys.datatypes import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.eip712 import (
    TYPES,
    Domain,
    digest,
    encode_type,
    recover,
    sign_compact,
    struct_hash,
)
from chongwen_flower.protocol.keccak import keccak256
from chongwen_flower.protocol.seal import seal_hash
from chongwen_flower.protocol.signature import address_of
from chongwen_flower.protocol.structs import (
    Contribution,
    FederationConfig,
    Report,
    Seal,
    fields_from_json,
    fields_to_json,
)
from protocol.vectors import raw, repository, vectors

VECTORS = vectors("eip712.json")
# The well-known accounts of every Ethereum development chain. They guard nothing.
KEYS = [
    raw("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"),
    raw("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"),
    raw("5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"),
]
DOMAIN = Domain(VECTORS["domain"]["chainId"], VECTORS["domain"]["verifyingContract"])
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def value_of(vector):
    lowered = {k: v.lower() if isinstance(v, str) else v for k, v in vector["value"].items()}
    return fields_from_json(TYPES[vector["name"]], lowered, "")


def test_the_domain_is_that_of_the_vectors():
    assert DOMAIN.separator() == raw(VECTORS["domainSeparator"])


@pytest.mark.parametrize("vector", VECTORS["structs"], ids=lambda vector: vector["name"])
def test_vectors(vector):
    name, value = vector["name"], value_of(vector)
    assert encode_type(name) == vector["type"]
    assert keccak256(vector["type"].encode()) == raw(vector["typeHash"])
    assert struct_hash(name, value) == raw(vector["structHash"])
    assert digest(DOMAIN, name, value) == raw(vector["digest"])
    assert recover(raw(vector["digest"]), raw(vector["compact"])) == vector["signer"].lower()
    key = next(key for key in KEYS if address_of(key) == vector["signer"].lower())
    assert sign_compact(key, raw(vector["digest"])) == raw(vector["compact"])
    assert fields_from_json(TYPES[name], fields_to_json(TYPES[name], value), "") == value


@pytest.mark.parametrize("struct", [FederationConfig, Contribution, Seal, Report])
def test_typed_structures_are_those_of_the_types(struct):
    vector = next(item for item in VECTORS["structs"] if item["name"] == struct.NAME)
    typed = struct.from_json(fields_to_json(TYPES[struct.NAME], value_of(vector)))
    assert list(typed.fields()) == [name for _, name in TYPES[struct.NAME]]
    assert typed.hash() == raw(vector["structHash"])
    assert typed.digest(DOMAIN) == raw(vector["digest"])
    assert struct.from_json(typed.to_json()) == typed


def test_the_seal_hash_binds_the_weights():
    vector = VECTORS["sealHash"]
    seal = next(value_of(item) for item in VECTORS["structs"] if item["name"] == "Seal")
    assert struct_hash("Seal", seal) == raw(vector["structHash"])
    typed = Seal.from_json(fields_to_json(TYPES["Seal"], seal))
    assert seal_hash(typed, raw(vector["weightsHash"])) == raw(vector["hash"])


def test_a_wallet_signs_the_same_digest():
    vector = next(item for item in VECTORS["structs"] if item["name"] == "Contribution")
    fields = [{"type": kind, "name": name} for kind, name in TYPES["Contribution"]]
    domain = dict(VECTORS["domain"])
    value = value_of(vector)
    message = encode_typed_data(domain, {"Contribution": fields}, value)
    signed = Account.sign_message(message, KEYS[1])
    parity = 1 << 255 if signed.v == 28 else 0
    compact = signed.r.to_bytes(32, "big") + (signed.s | parity).to_bytes(32, "big")
    assert sign_compact(KEYS[1], digest(DOMAIN, "Contribution", value)) == compact


@given(st.binary(min_size=32, max_size=32), st.integers(1, ORDER - 1))
@settings(max_examples=15, deadline=None)
def test_signatures_are_the_same_from_every_backend(message, secret):
    key = secret.to_bytes(32, "big")
    compact = sign_compact(key, message)
    plain = PrivateKey(key, backend=NativeECCBackend()).sign_msg_hash(message)
    assert compact[:32] == plain.r.to_bytes(32, "big")
    assert compact[32:] == (plain.s | plain.v << 255).to_bytes(32, "big")
    assert recover(message, compact) == address_of(key)


MESSAGE = keccak256(b"message")
COMPACT = sign_compact(KEYS[0], MESSAGE)
R, S = (int.from_bytes(COMPACT[at : at + 32], "big") for at in (0, 32))


@pytest.mark.parametrize(
    ("word", "r", "s"),
    [
        ("r", 0, S),
        ("r", ORDER, S),
        ("r", 2**256 - 1, S),
        ("s", R, S & 1 << 255),
        ("s", R, 2**255 - 1),
        ("s", R, 2**256 - 1),
    ],
)
def test_another_form_of_a_signature_is_refused(word, r, s):
    with pytest.raises(ChongwenError, match=f"signature's {word} is not") as refused:
        recover(MESSAGE, r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    assert refused.value.code == "signature-invalid"


def test_a_malleable_signature_is_nobodys():
    # The other s is above n/2. Where it does not fit 255 bits, it reads as another signature.
    other = ORDER - S % 2**255 ^ (S ^ 1 << 255) & 1 << 255
    signers = set()
    with contextlib.suppress(ChongwenError):
        signers.add(recover(MESSAGE, COMPACT[:32] + other.to_bytes(32, "big")))
    assert address_of(KEYS[0]) not in signers


def test_signatures_of_other_lengths_are_refused():
    for wrong in [b"", COMPACT[:-1], COMPACT + b"\x1b"]:
        with pytest.raises(ChongwenError):
            recover(MESSAGE, wrong)


def test_no_key_no_digest_no_signature():
    for key, message in [(bytes(32), bytes(32)), (b"\xff" * 32, bytes(32)), (KEYS[0], b"short")]:
        with pytest.raises(ChongwenError) as refused:
            sign_compact(key, message)
        assert refused.value.code == "out-of-range"
    with pytest.raises(ChongwenError):
        sign_compact(KEYS[0][:-1], bytes(32))


def test_a_curve_point_that_nobody_has_is_refused():
    # x = 5 is on no point of secp256k1.
    compact = (5).to_bytes(32, "big") + (1).to_bytes(32, "big")
    with pytest.raises(ChongwenError, match="No key"):
        recover(MESSAGE, compact)


@pytest.mark.parametrize(
    "change",
    [
        {"rho": 2**48},
        {"seat": -1},
        {"seat": True},
        {"seat": "1"},
        {"updateRoot": b"short"},
        {"updateRoot": "0x" + "00" * 32},
        {"updateRoot": None},
        {"more": 1},
    ],
)
def test_a_value_that_does_not_fit_its_type_is_refused(change):
    vector = next(item for item in VECTORS["structs"] if item["name"] == "Contribution")
    with pytest.raises(ChongwenError) as refused:
        struct_hash("Contribution", value_of(vector) | change)
    assert refused.value.code == "out-of-range"


def test_codes_and_advice_are_those_of_typescript():
    from chongwen_flower.protocol.failures import FIXES

    table = (repository() / "protocol" / "errors.ts").read_text(encoding="utf-8")
    for code, fix in FIXES.items():
        assert f'"{code}": "{fix}",' in table
