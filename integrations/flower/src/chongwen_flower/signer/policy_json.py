"""The policy as a file: readable, strictly read, replaced in one step."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol import outside
from chongwen_flower.signer.files import read_private, write_private
from chongwen_flower.signer.policy import NAME, ApprovedApp, Dataset, Grant, Policy, seat_of

FORMAT = "chongwen-signer-policy"
MAX_BYTES = 16 << 20
_T = TypeVar("_T")


def load_policy(path: Path) -> Policy:
    """Read the policy.

    Raises
    ------
    ChongwenError
        ``policy-invalid``, and what `read_private` raises.
    """
    content = read_private(path, "policy", MAX_BYTES)
    try:
        return _read(json.loads(content))
    except (ValueError, RecursionError):
        raise _invalid("it is no JSON") from None
    except outside.MalformedError as problem:
        raise _invalid(str(problem)) from None


def save_policy(path: Path, policy: Policy) -> None:
    """Replace the policy; whoever reads meanwhile reads the old one or the new one."""
    text = json.dumps(_write(policy), indent=2, ensure_ascii=False)
    write_private(path, f"{text}\n".encode())


def _invalid(why: str) -> ChongwenError:
    return ChongwenError(
        "policy-invalid",
        f"The policy is malformed: {why}.",
        "Restore policy.json, or remove it and approve federations and apps again.",
    )


def _write(policy: Policy) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": 1,
        "journal": policy.journal,
        "datasets": [
            {"name": item.name, "exempt": item.exempt, "budget": str(item.budget)}
            for item in policy.datasets
        ],
        "seats": [_grant_to_json(item) for item in policy.grants],
        "apps": [
            {
                "hash": item.hash,
                "name": item.name,
                "version": item.version,
                "datasets": sorted(item.datasets),
                "files": item.files,
            }
            for item in policy.apps
        ],
    }


def _grant_to_json(grant: Grant) -> dict[str, Any]:
    return {
        "chainId": grant.chain_id,
        "ledger": grant.ledger,
        "federation": grant.federation,
        "seat": grant.seat,
        "dataset": grant.dataset,
        "configHashes": sorted(outside.hex_of(item) for item in grant.configs),
        "fromRound": grant.from_round,
        "sinceEntry": grant.since,
    }


def _read(value: object) -> Policy:
    keys = ("format", "version", "journal", "datasets", "seats", "apps")
    found = outside.members(value, "", keys)
    outside.exactly(found["format"], "format", FORMAT)
    outside.integer(found["version"], "version", 1, 1)
    policy = Policy(
        outside.text(found["journal"], "journal", 1, 64),
        tuple(_list(found["datasets"], "datasets", _read_dataset)),
        tuple(_list(found["seats"], "seats", _read_grant)),
        tuple(_list(found["apps"], "apps", _read_app)),
    )
    names = [item.name for item in policy.datasets]
    if len(set(names)) != len(names):
        outside.refuse("datasets", "a name stands twice")
    seats = [seat_of(item) for item in policy.grants]
    if len(set(seats)) != len(seats):
        outside.refuse("seats", "a seat stands twice")
    for grant in policy.grants:
        if grant.dataset not in names:
            outside.refuse("seats", f"no dataset {grant.dataset!r}")
    return policy


def _list(value: object, path: str, read: Callable[[object, str], _T]) -> list[_T]:
    return [read(item, f"{path}.{i}") for i, item in enumerate(outside.items(value, path, 0, 4096))]


def _name(value: object, path: str) -> str:
    if not (isinstance(value, str) and NAME.fullmatch(value)):
        outside.refuse(path, "expected a dataset's name")
    return value


def _read_dataset(value: object, path: str) -> Dataset:
    found = outside.members(value, path, ("name", "exempt", "budget"))
    return Dataset(
        _name(found["name"], f"{path}.name"),
        outside.boolean(found["exempt"], f"{path}.exempt"),
        outside.decimal(found["budget"], f"{path}.budget", 62),
    )


def _read_grant(value: object, path: str) -> Grant:
    keys = ("chainId", "ledger", "federation", "seat", "dataset")
    found = outside.members(value, path, (*keys, "configHashes", "fromRound", "sinceEntry"))
    configs = outside.items(found["configHashes"], f"{path}.configHashes", 0, 256)
    return Grant(
        outside.integer(found["chainId"], f"{path}.chainId", 1, 2**53 - 1),
        outside.address(found["ledger"], f"{path}.ledger"),
        outside.uint(found["federation"], f"{path}.federation", 32),
        outside.uint(found["seat"], f"{path}.seat", 32),
        _name(found["dataset"], f"{path}.dataset"),
        frozenset(outside.bytes32(item, f"{path}.configHashes") for item in configs),
        outside.uint(found["fromRound"], f"{path}.fromRound", 32),
        outside.integer(found["sinceEntry"], f"{path}.sinceEntry", 0, 2**53 - 1),
    )


def _read_app(value: object, path: str) -> ApprovedApp:
    found = outside.members(value, path, ("hash", "name", "version", "datasets", "files"))
    files = found["files"]
    if not isinstance(files, dict) or not all(isinstance(item, str) for item in files.values()):
        outside.refuse(f"{path}.files", "expected hashes by path")
    return ApprovedApp(
        outside.hex_of(outside.bytes32(found["hash"], f"{path}.hash")),
        outside.text(found["name"], f"{path}.name", 0, 256),
        outside.text(found["version"], f"{path}.version", 0, 64),
        frozenset(_list(found["datasets"], f"{path}.datasets", _name)),
        files,
    )
