"""Commands that tell the operator what happened and what is left."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.outside import hex_of
from chongwen_flower.signer.files import require_home
from chongwen_flower.signer.home import Home
from chongwen_flower.signer.words import epsilon

_SIGNED = """
SELECT id, at, federation, round, seat, dataset, rho, root, app FROM signed ORDER BY id DESC LIMIT ?
"""
_EVENTS = """
SELECT last, kind, code, message, fix, federation, round, seat, times FROM events
ORDER BY last DESC, id DESC LIMIT ?
"""
_SPENT = "SELECT dataset, sum(rho), count(*) FROM signed GROUP BY dataset"


def read_log(home: Home, limit: int) -> list[dict[str, Any]]:
    """Give the newest entries of the journal, oldest first, without touching it."""
    names = {app.hash: f"{app.name} {app.version}" for app in home.read_policy().apps}
    entries: list[dict[str, Any]] = []
    for number, at, federation, round_, seat, dataset, rho, root, app in _read(
        home, _SIGNED, limit
    ):
        entries.append(
            {
                **{"kind": "signed", "at": at, "entry": number},
                **{"federation": federation, "round": round_, "seat": seat},
                **{"dataset": dataset, "rho": str(rho), "updateRoot": hex_of(root)},
                **{"app": app, "appName": names.get(app, "")},
            }
        )
    for at, kind, code, message, fix, federation, round_, seat, times in _read(
        home, _EVENTS, limit
    ):
        where = {"federation": federation, "round": round_, "seat": seat}
        entries.append(
            {
                **{"kind": kind, "at": at, "code": code, "message": message, "fix": fix},
                **{name: value for name, value in where.items() if value >= 0},
                "times": times,
            }
        )
    return sorted(entries, key=lambda entry: int(entry["at"]))[-limit:]


def log_lines(entries: list[dict[str, Any]]) -> list[str]:
    """Write the journal for people; times are the machine's, in UTC."""
    return [_line(entry) for entry in entries]


def read_status(home: Home) -> dict[str, Any]:
    """Give what is allowed, spent and left."""
    policy = home.read_policy()
    spent = {name: (rho, count) for name, rho, count in _read(home, _SPENT)}
    datasets = []
    for item in policy.datasets:
        used, count = spent.get(item.name, (0, 0))
        datasets.append(
            {
                **{"name": item.name, "exempt": item.exempt, "signatures": count},
                **{"budget": str(item.budget), "spent": str(used)},
                **{"left": str(max(0, item.budget - used)), "epsilon": f"{epsilon(used):.4g}"},
            }
        )
    return {
        "datasets": datasets,
        "seats": [
            {
                **{"chainId": grant.chain_id, "ledger": grant.ledger},
                **{"federation": grant.federation, "seat": grant.seat, "dataset": grant.dataset},
                "configHashes": sorted(hex_of(config) for config in grant.configs),
            }
            for grant in policy.grants
        ],
        "apps": [
            {
                **{"hash": app.hash, "name": app.name, "version": app.version},
                "datasets": sorted(app.datasets),
            }
            for app in policy.apps
        ],
    }


def status_lines(status: dict[str, Any]) -> list[str]:
    """Write the status for people."""
    lines = []
    for item in status["datasets"]:
        budget = (
            "exempt from the privacy budget"
            if item["exempt"]
            else f"{item['spent']} of {item['budget']} nano-ρ spent, {item['left']} left "
            f"(ε {item['epsilon']} at δ 1e-5)"
        )
        lines.append(f"dataset {item['name']}: {budget}; {item['signatures']} signatures")
    for item in status["seats"]:
        lines.append(
            f"seat {item['seat']} of federation {item['federation']}, dataset {item['dataset']}, "
            f"chain {item['chainId']}, ledger {item['ledger']}"
        )
        lines.extend(f"  configuration {config}" for config in item["configHashes"])
    for item in status["apps"]:
        named = f"{item['name']} {item['version']}"
        lines.append(f"app {named} for {', '.join(item['datasets'])}: {item['hash']}")
    return lines or ["Nothing is approved yet."]


def _line(entry: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(entry["at"], UTC).strftime("%Y-%m-%d %H:%M:%S")
    names = ("federation", "round", "seat")
    where = " ".join(f"{name} {entry[name]}" for name in names if name in entry)
    if entry["kind"] == "signed":
        return (
            f"{at}  signed    {where}  {entry['rho']} nano-ρ of {entry['dataset']}  "
            f"update {entry['updateRoot'][:18]}…  {entry['appName']}"
        )
    times = f"  ({entry['times']} times)" if entry["times"] > 1 else ""
    said = f"{entry['code']}: {entry['message']}".rstrip()
    return f"{at}  {entry['kind']:<8}  {where}  {said}{times}\n{'':21}what to do: {entry['fix']}"


def _read(home: Home, query: str, *values: int) -> list[tuple[Any, ...]]:
    require_home(home.path)
    try:
        database = sqlite3.connect(f"file:{home.journal}?mode=ro", uri=True)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()
    except sqlite3.Error as cause:
        raise ChongwenError(
            "journal-failed",
            f"The journal {home.journal} cannot be read: {cause}.",
            "Restore it. Nothing is signed without it.",
        ) from cause
