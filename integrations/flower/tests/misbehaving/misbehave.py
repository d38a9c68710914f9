"""What a hospital that changed its copy of an app could do: for rehearsing that, never for use.

`npm run flower` puts this beside a copy of the example. A SuperNode whose environment has
``CHONGWEN_MISBEHAVE='{"3": "nan"}'`` then does so in round 3 of the ledger; all others behave.

====== ==========================================================================================
nan    training gives a NaN
shape  training gives an array of another shape
forge  one bit of the signature is changed, behind the mod
replay the reply of the round before is sent again: an update on another base
slow   training takes two minutes more, and says when it has begun
====== ==========================================================================================
"""

from __future__ import annotations

import json
import os
import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Message

from chongwen_flower import LedgerMod

VARIABLE = "CHONGWEN_MISBEHAVE"
LEDGER = "ledger"


def misbehave() -> None:
    """Put the tampering around `LedgerMod`, on both of its sides."""
    plan = json.loads(os.environ.get(VARIABLE, "{}"))
    behaved = LedgerMod.__call__

    def tampered(self: LedgerMod, msg: Message, context: Context, call_next: Any) -> Message:
        how = plan.get(str(_round_of(msg)), "")

        def trained(inner: Message, its_context: Context) -> Message:
            if how == "slow":
                print("misbehave: in the middle of training", flush=True)
                time.sleep(120)
            return _spoil(call_next(inner, its_context), how)

        return _forge(behaved(self, msg, context, trained), how)

    LedgerMod.__call__ = tampered  # type: ignore[method-assign]


def _round_of(msg: Message) -> int:
    if not msg.has_content() or LEDGER not in msg.content.config_records:
        return -1
    opened = json.loads(bytes(msg.content.config_records[LEDGER]["open-round"]))
    return int(opened["round"])


def _spoil(reply: Message, how: str) -> Message:
    if how not in ("nan", "shape"):
        return reply
    key, record = next(iter(reply.content.array_records.items()))
    arrays = {name: array.numpy() for name, array in record.items()}
    name, first = next(iter(arrays.items()))
    if how == "nan":
        arrays[name] = np.where(np.arange(first.size).reshape(first.shape) == 0, np.nan, first)
    else:
        arrays[name] = first.reshape(-1)[:-1]
    reply.content[key] = ArrayRecord({name: Array(value) for name, value in arrays.items()})
    return reply


def _forge(reply: Message, how: str) -> Message:
    if not reply.has_content() or LEDGER not in reply.content.config_records:
        return reply
    ledger = reply.content.config_records[LEDGER]
    key, record = next(iter(reply.content.array_records.items()))
    last = Path.home() / "last-reply.pickle"
    if how == "forge":
        signature = bytearray(bytes(ledger["signature"]))
        signature[16] ^= 1
        ledger["signature"] = bytes(signature)
    elif how == "replay":
        update, said = pickle.loads(last.read_bytes())
        reply.content[key] = ArrayRecord({"update": Array(update)})
        reply.content[LEDGER] = ConfigRecord(said)
    if "signature" in ledger:
        last.write_bytes(pickle.dumps((record["update"].numpy(), dict(ledger))))
    return reply
