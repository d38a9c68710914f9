"""The oracle's statuses, as protocol/vectors/open-round.json has them, are read here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.server.handover import parse_status

_VECTORS = Path(__file__).resolve().parents[4] / "protocol" / "vectors" / "open-round.json"
VECTORS: dict[str, Any] = json.loads(_VECTORS.read_text())


@pytest.mark.parametrize("vector", VECTORS["statuses"], ids=lambda vector: vector["value"]["state"])
def test_status_is_read(vector: dict[str, Any]) -> None:
    """Every state, with everything unknown and with everything known."""
    value = vector["value"]
    status = parse_status(json.loads(vector["text"]), value["bundle"], "the oracle")
    assert (status.state, status.round) == (value["state"], value["round"])
    assert (status.report_hash, status.as_handed) == (value["reportHash"], value["asHanded"])
    expected = None if value["problem"] is None else value["problem"]["code"]
    assert (status.problem and status.problem.code) == expected


def test_unknown_state_is_refused() -> None:
    """An oracle of another version is told from ours."""
    (text,) = [item["text"] for item in VECTORS["refusedStatuses"] if "unknown" in item["name"]]
    with pytest.raises(ChongwenError, match="unknown state"):
        parse_status(json.loads(text), VECTORS["statuses"][0]["value"]["bundle"], "the oracle")
