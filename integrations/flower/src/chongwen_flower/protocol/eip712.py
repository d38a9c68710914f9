"""Struct hashes and digests of what is signed.

Order and Solidity types of the fields are part of the format; ``protocol/eip712/types.ts`` and
``contracts/types/Kernel.sol`` have the same. Source: EIP-712,
https://eips.ethereum.org/EIPS/eip-712.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.keccak import keccak256
from chongwen_flower.protocol.signature import recover, sign_compact

__all__ = ["TYPES", "Domain", "FieldValue", "digest", "recover", "sign_compact", "struct_hash"]

FieldValue: TypeAlias = "int | bool | bytes | str"
"""uintN: int · bool: bool · bytes32: 32 bytes · address: 0x-hex."""

Fields: TypeAlias = "tuple[tuple[str, str], ...]"


def fields_of(text: str) -> Fields:
    """Read ``"uint32 federation, bytes32 artefact"`` as pairs of Solidity type and name."""
    pairs = [field.split() for field in text.split(",")]
    return tuple((kind, name) for kind, name in pairs)


TYPES: Final[Mapping[str, Fields]] = {
    "FederationConfig": fields_of(
        "uint16 ruleId, uint64 ruleParam, uint16 scoringId, uint8 privacyMode, uint8 elementWidth, "
        "bool hasBase, uint8 depth, bytes32 modelSpecRoot, bytes32 termsHash, "
        "uint32 recordsPerWeight, uint16 maxSeats, uint16 minContributors, uint16 maxExcludedBps, "
        "uint48 rhoPerRound, uint64 normSqBound, uint32 forceWindow, uint32 reportWindow, "
        "uint32 challengeWindow, uint8 maxAttempts, uint16 settleEvery, uint96 poolPerRound, "
        "uint8 finality, uint32 approvalWindow"
    ),
    "Contribution": fields_of(
        "uint32 federation, uint32 round, bytes32 parentReportHash, uint32 seat, "
        "bytes32 updateRoot, uint48 rho, uint64 normSq, bytes32 normTraceRoot, bytes32 configHash"
    ),
    "Seal": fields_of(
        "uint32 federation, uint32 round, uint8 attempt, bytes32 parentReportHash, "
        "bytes32 configHash, bytes32 seatsHash, bytes32 updateRootsHash, bytes32 normsHash, "
        "bytes32 normTracesHash, bytes32 signaturesHash"
    ),
    "Report": fields_of(
        "uint32 federation, uint32 round, uint8 attempt, bytes32 sealHash, bytes32 modelRoot, "
        "bytes32 metricsHash, uint256 excluded, bytes32 artefact"
    ),
    "SettlementStatement": fields_of(
        "uint32 federation, uint32 index, uint8 attempt, uint32 firstRound, uint32 lastRound, "
        "bytes32 lastReportHash, bytes32 scoresHash, bytes32 entitlementsHash, "
        "bytes32 rewardsRoot, uint128 distributed, uint128 total, bytes32 artefact"
    ),
    "KeyProof": fields_of("uint32 organisation, address payee, address key"),
    "KeySuccession": fields_of("uint32 contributor, address key"),
    "Claim": fields_of(
        "uint32 federation, uint32 index, address recipient, uint256 cumulative, uint256 deadline"
    ),
    "Evaluation": fields_of(
        "uint32 headLane, uint16 features, uint16 classes, uint8 featureBits, uint32 records, "
        "uint32 correct, bytes32 holdoutRoot, bytes32 labelsHash, bytes32 predictionsHash"
    ),
}
"""Solidity types and names of the fields, by structure, in order."""

_DOMAIN_FIELDS = fields_of(
    "bytes32 name, bytes32 version, uint256 chainId, address verifyingContract"
)
_DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


@dataclass(frozen=True, slots=True)
class Domain:
    """Which contract on which chain a signature is for.

    Parameters
    ----------
    chain_id
        Of the chain; 0 in a rehearsal.
    verifying_contract
        ``Rounds`` for Contribution, Seal and Report.
    """

    chain_id: int
    verifying_contract: str

    def separator(self) -> bytes:
        """Give the domain separator, as OpenZeppelin's ``EIP712`` computes it."""
        values: dict[str, FieldValue] = {
            "name": keccak256(b"Chongwen"),
            "version": keccak256(b"1"),
            "chainId": self.chain_id,
            "verifyingContract": self.verifying_contract,
        }
        return keccak256(keccak256(_DOMAIN_TYPE.encode()) + encode_fields(_DOMAIN_FIELDS, values))


def encode_type(name: str) -> str:
    """Give ``encodeType`` of EIP-712: ``Report(uint32 federation,…)``."""
    return f"{name}({','.join(f'{kind} {field}' for kind, field in TYPES[name])})"


def struct_hash(name: str, value: Mapping[str, FieldValue]) -> bytes:
    """Give ``hashStruct`` of EIP-712.

    Parameters
    ----------
    name
        A key of `TYPES`.
    value
        Exactly the structure's fields.

    Raises
    ------
    ChongwenError
        ``out-of-range`` when a value does not fit its Solidity type.
    """
    try:
        data = encode_fields(TYPES[name], value)
    except ValueError as problem:
        message = f"A field of {name} does not fit its type: {problem}."
        raise protocol_error("out-of-range", message) from None
    return keccak256(keccak256(encode_type(name).encode()) + data)


def digest(domain: Domain, name: str, value: Mapping[str, FieldValue]) -> bytes:
    """Give the hash that is signed: ``keccak256(0x1901 ‖ separator ‖ hashStruct)``."""
    return keccak256(b"\x19\x01" + domain.separator() + struct_hash(name, value))


def encode_fields(fields: Fields, value: Mapping[str, FieldValue]) -> bytes:
    """Encode static fields, a word each.

    Raises
    ------
    ValueError
        For a value of another type or out of its range, a missing field, and one too many.
    """
    if len(value) != len(fields):
        raise ValueError(f"expected {len(fields)} fields, got {len(value)}")
    return b"".join(_word(kind, field, value.get(field)) for kind, field in fields)


def _word(kind: str, field: str, value: FieldValue | None) -> bytes:
    if kind == "bytes32" and isinstance(value, bytes) and len(value) == 32:
        return value
    if kind == "address" and isinstance(value, str) and len(value) == 42:
        return bytes.fromhex(value.removeprefix("0x")).rjust(32, b"\0")
    if kind == "bool" and isinstance(value, bool):
        return int(value).to_bytes(32, "big")
    if kind.startswith("uint") and isinstance(value, int) and not isinstance(value, bool):
        bits = int(kind.removeprefix("uint"))
        if 0 <= value < 1 << bits:
            return value.to_bytes(32, "big")
    raise ValueError(f"{field} is no {kind}")
